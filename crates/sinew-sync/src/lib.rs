//! Locks, notifications and channels for async code.
//!
//! Nothing here needs a runtime, an executor or a thread: a lock is a word and a
//! [wait list](sinew_core::wait_list), and works under whoever polls.
//!
//! | you want to | look at |
//! |---|---|
//! | tell a task, or all tasks, to go on | [`Notify`] |
//! | send one value, once | [`oneshot`] |
//! | send values from many tasks to one | [`mpsc`] |
//! | send every value to every receiver | [`broadcast`] |
//! | show many tasks the latest value | [`watch`] |
//!
//! # What holds for all
//!
//! - **Fair**: waiters are served in the order in which they came.
//! - **No allocation to wait**: the place in the queue is inside of the future.
//! - **Cancel-safe**: each future may be dropped at any time. What it had been
//!   granted and did not use goes to the next in line. Each operation says under
//!   *Cancel safety* what is lost.
//! - **Cooperative**: each operation that succeeds spends one unit of the task's
//!   budget ([`sinew_core::coop`]).
//! - **Observable**: who waits, and where in the source, is noted for
//!   [`sinew_core::leaf`] and in the queue.
//!
//! # When not to use this crate
//!
//! A lock that is never held across an `.await` is better a
//! [`std::sync::Mutex`]: it is smaller and faster. Counters and flags are better
//! atomics. Tasks of one thread that share data can use a [`RefCell`](std::cell::RefCell).
//!
//! # Example
//!
//! ```
//! use sinew_sync::Notify;
//!
//! let notify = Notify::new();
//! std::thread::scope(|s| {
//!     s.spawn(|| sinew_core::block_on(notify.notified()));
//!     notify.notify_one();
//! });
//! ```

#[cfg(all(test, sinew_loom))]
mod model;
mod notify;
mod primitives;
mod then;

pub mod broadcast;
pub mod futures;
pub mod mpsc;
pub mod oneshot;
pub mod watch;

pub use notify::Notify;
