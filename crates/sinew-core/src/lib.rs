//! The part of an async runtime that everything else agrees on.
//!
//! Rust's standard library defines [`Future`] and [`Waker`](std::task::Waker)
//! and leaves open who polls, who parks and who keeps the time. This crate
//! holds the few pieces that the answers have in common, so that executors,
//! reactors, timers and channels can be written without knowing each other.
//!
//! | you want to | look at |
//! |---|---|
//! | run one future on this thread | [`block_on`] |
//! | run several futures in one task | [`join!`], [`try_join!`], [`race!`], `select!` |
//! | do the same with a tuple, an array or a `Vec` of futures | [`future`] |
//! | pin a future to the stack | [`pin!`] |
//! | say whether a thread may be put to sleep, and sleep | [`blocking`] |
//! | say how an idle thread waits | [`Park`], [`Unpark`], [`ThreadPark`] |
//! | let a crate find its driver without passing it around | [`Ambient`] |
//! | say what a pending future waits for | [`leaf`] |
//! | know which task is being polled | [`record`] |
//! | let other tasks run now and then | [`coop`] |
//! | make or batch wakers | [`waker`] |
//! | say in an error what was attempted | [`error`] |
//! | queue up those who wait for a lock or a value | [`wait_list`] |
//! | guard something for a few instructions | [`lock`] |
//! | draw numbers that a seed can fix | [`rng`] |
//! | measure time at less than the price of a clock | [`ticks`] |
//! | tell threads apart | [`thread_id`] |
//! | ask what a generic argument is, though it may borrow | [`borrowed_any`] |
//!
//! # When not to use this crate
//!
//! A program that only wants to run async code should depend on `sinew`, which
//! re-exports what an application needs. This crate is for those who write a
//! piece of a runtime, or who want [`block_on`] and the macros and nothing else.
//!
//! # Example
//!
//! ```
//! use sinew_core::{block_on, join};
//!
//! let (a, b) = block_on(async { join!(async { 1 }, async { 2 }) });
//! assert_eq!(a + b, 3);
//! ```

mod ambient;
mod block_on;
mod context;
mod enter;
mod join;
mod out_of_line;
mod park;
mod pin;
mod race;
#[cfg(feature = "macros")]
mod select;
mod try_join;

pub mod blocking;
pub mod borrowed_any;
pub mod coop;
pub mod error;
pub mod future;
pub mod leaf;
pub mod lock;
pub mod record;
pub mod rng;
pub mod thread;
pub mod thread_id;
pub mod ticks;
pub mod wait_list;
pub mod waker;

pub use ambient::{Ambient, Entered, Slot};
pub use block_on::block_on;
pub use enter::Enter;
pub use out_of_line::OutOfLine;
pub use park::{Park, ThreadPark, Unpark};

/// What the macros expand to. Not a part of the public interface.
#[doc(hidden)]
pub mod __macro {
    pub use std::future::{Future, IntoFuture, poll_fn};
    pub use std::pin::{Pin, pin};
    pub use std::result::Result;
    pub use std::task::Poll;

    pub use crate::join::{Branch, FIRST, InOrder, Rotating, after};
    pub use crate::race::{Random, first};
    #[cfg(feature = "macros")]
    pub use sinew_macros::select;
}

/// The atomics that the lock-free parts use: loom's under `cfg(sinew_loom)`.
mod atomic {
    #[cfg(not(sinew_loom))]
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};

    #[cfg(sinew_loom)]
    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
}
