//! Giving way.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use sinew_core::coop;

/// Lets other tasks run: the task goes to the end of its executor's queue. Where
/// one thread runs all tasks, it also lets IO and timers have a turn before the task
/// runs again.
///
/// # Cancel safety
///
/// Nothing is lost when the future is dropped.
#[track_caller]
pub fn yield_now() -> YieldNow {
    YieldNow {
        location: Some(Location::caller()),
    }
}

/// The future of [`yield_now`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct YieldNow {
    /// Where it was made, until it has given way.
    location: Option<&'static Location<'static>>,
}

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(location) = self.location.take() else {
            return Poll::Ready(());
        };
        coop::pending_turn(cx, location)
    }
}

#[cfg(test)]
mod tests;
