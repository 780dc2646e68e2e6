//! Awaiting a closure's value directly.

use std::fmt;
use std::future::Future;
use std::panic::{Location, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use sinew_core::leaf::{self, Kind, Wait};
use sinew_task::JoinHandle;

use crate::spawn_blocking;

/// Runs `f` on the current pool and gives its value.
///
/// The closure is handed to the pool here, not at the first poll.
///
/// # Panics
///
/// The future passes on a panic of the closure. It also panics if the pool is
/// shut down before the closure has started; [`spawn_blocking`] gives an error
/// then.
///
/// # Cancel safety
///
/// Dropping the future keeps a closure that has not started from starting. One
/// that runs goes on, and its value is dropped.
#[track_caller]
pub fn unblock<F, R>(f: F) -> Unblock<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    Unblock {
        handle: spawn_blocking(f),
        location: Location::caller(),
    }
}

/// The future of [`unblock`].
#[must_use = "dropping it cancels a closure that has not started"]
pub struct Unblock<R> {
    handle: JoinHandle<R>,
    location: &'static Location<'static>,
}

impl<R> Future for Unblock<R> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        match Pin::new(&mut self.handle).poll(cx) {
            Poll::Ready(Ok(value)) => Poll::Ready(value),
            Poll::Ready(Err(error)) => match error.try_into_panic() {
                Ok(payload) => resume_unwind(payload),
                Err(error) => panic!("the blocking pool was shut down: {error}"),
            },
            Poll::Pending => leaf::pending(&Wait {
                kind: Kind::Blocking,
                resource: self.handle.id().as_u64(),
                location: self.location,
            }),
        }
    }
}

impl<R> Drop for Unblock<R> {
    fn drop(&mut self) {
        self.handle.abort();
    }
}

impl<R> fmt::Debug for Unblock<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unblock").finish_non_exhaustive()
    }
}
