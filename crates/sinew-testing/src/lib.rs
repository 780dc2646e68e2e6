//! Tools for testing async code: what a test lacks when the thing under test waits for others.
//!
//! | you want to | look at |
//! |---|---|
//! | play a peer that follows a script | [`io::Builder`], [`io::Mock`], [`io::Handle`] |
//! | cut a reader's or writer's bytes up, make it wait or fail | [`io::Scripted`], [`io::Step`] |
//! | poll a future by hand and see whether it was woken | [`task::spawn`], [`task::Spawn`] |
//! | play a stream that follows a script | [`stream_mock::StreamMockBuilder`] |
//! | drop a future at each of its awaits, in every interleaving | [`cancel::every_await`] |
//! | drop what waits for a socket, a file or a timer at each of its awaits | [`cancel::every_pending`] |
//! | assert what a poll gave | [`assert_ready!`], [`assert_pending!`] and their kin |
//! | run a future to its end | [`block_on`] |
//!
//! Modules, items and macros that tokio-test has too have its names and meaning; the IO traits
//! are those of `futures-io`, and with the features `tokio-io` and `hyper` tokio's and hyper's too.
//!
//! ```
//! use sinew_testing::{assert_pending, assert_ready_eq, task};
//! use std::sync::mpsc;
//!
//! let (waker, wakers) = mpsc::channel();
//! let mut polls = 0;
//! let mut task = task::spawn(std::future::poll_fn(|cx| {
//!     polls += 1;
//!     if polls == 2 {
//!         return std::task::Poll::Ready("done");
//!     }
//!     waker.send(cx.waker().clone()).unwrap();
//!     std::task::Poll::Pending
//! }));
//!
//! assert_pending!(task.poll());
//! assert!(!task.is_woken());
//! wakers.recv().unwrap().wake();
//! assert!(task.is_woken());
//! assert_ready_eq!(task.poll(), "done");
//! ```
//!
//! # When not to use this crate
//!
//! - In a program: everything here panics where a test should fail.
//! - For a whole client and server, real sockets on `127.0.0.1` or a `duplex` between two tasks
//!   say more than a script.

#![forbid(unsafe_code)]

mod macros;

pub mod cancel;
pub mod io;
pub mod stream_mock;
pub mod task;

/// Runs a future to its end on this thread.
///
/// This is [`sinew_core::block_on`]: there is no runtime behind it. Timers and sockets of sinew
/// work in it all the same, and what spawns does so where it would without this function. To
/// have a runtime, and a clock that can be paused, use `#[sinew::test]`.
///
/// ```
/// assert_eq!(sinew_testing::block_on(async { 1 + 1 }), 2);
/// ```
///
/// # Panics
///
/// Passes on a panic of the future.
pub fn block_on<F: Future>(future: F) -> F::Output {
    sinew_core::block_on(future)
}
