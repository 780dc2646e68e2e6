//! Giving way.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};

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
        yielded: false,
        location: Location::caller(),
    }
}

/// The future of [`yield_now`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct YieldNow {
    yielded: bool,
    location: &'static Location<'static>,
}

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        coop::give_way(cx);
        leaf::pending(&Wait {
            kind: Kind::Yield,
            resource: 0,
            location: self.location,
        })
    }
}

#[cfg(test)]
mod tests;
