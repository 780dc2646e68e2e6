//! Several futures as one: tuples, arrays and vectors that are waited on.
//!
//! | you want | on a tuple, array or `Vec` of futures |
//! |---|---|
//! | all outputs | [`.join()`](Join::join) |
//! | all values, or the first error | [`.try_join()`](TryJoin::try_join) |
//! | the first output | [`.race()`](Race::race) |
//! | the first value, or all errors | [`.race_ok()`](RaceOk::race_ok) |
//! | to hold a future still for a while | [`pausable`] |
//!
//! The macros [`join!`](crate::join!), [`try_join!`](crate::try_join!) and
//! [`race!`](crate::race!) do the same for futures that are written out, without
//! a trait in scope. For futures that come and go while others run, use
//! `FuturesUnordered`; to use more than one thread, spawn tasks.
//!
//! Up to a handful of futures are all polled when the task is woken. With
//! more, each has a waker of its own, and only those that were woken are polled,
//! so that waiting on a thousand futures costs a thousand polls and not a million.
//!
//! ```
//! use sinew_core::block_on;
//! use sinew_core::future::{Join, Race, TryJoin};
//! use std::future::{pending, ready};
//!
//! async fn square(n: u32) -> u32 { n * n }
//!
//! block_on(async {
//!     assert_eq!((square(2), async { "b" }).join().await, (4, "b"));
//!     let squares: Vec<u32> = (0..4).map(square).collect::<Vec<_>>().join().await;
//!     assert_eq!(squares, [0, 1, 4, 9]);
//!     assert_eq!([ready(Ok(1)), ready(Err("no"))].try_join().await, Err("no"));
//!     let first = (pending(), ready(7)).race().await;
//!     assert_eq!(first, 7);
//! });
//! ```

mod all;
mod first;
pub(crate) mod group;
mod pausable;
mod tuple;
mod woken;

pub use all::{Join, Joined, TryJoin, TryJoined};
pub use first::{Race, RaceOk, Raced, RacedOk, Racers};
pub use group::{InArray, InVec};
pub use pausable::{Pausable, PauseHandle, pausable};
pub use tuple::{InTuple, RacersInTuple};

#[cfg(all(test, not(sinew_loom)))]
mod tests;
