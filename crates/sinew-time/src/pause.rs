//! The paused clock of the entered timers.

use std::future::poll_fn;
use std::panic::Location;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use sinew_core::leaf::{self, Kind, Wait};

use crate::driver::{self, Timers};

const OUTSIDE: &str = "time can only be paused, resumed or advanced inside a runtime: \
     call this from `block_on` or a task of one, or enter a `Timers` on this thread";

#[track_caller]
fn timers() -> Arc<Timers> {
    match driver::entered() {
        Some(timers) => timers,
        None => panic!("{OUTSIDE}"),
    }
}

/// Stops the clock of the runtime that is entered on this thread.
///
/// [`Instant::now`](crate::Instant::now) stands still from here, and
/// only [`advance`] moves it; or the runtime itself, which moves it to the next
/// deadline when all of its tasks wait. So a test that sleeps for an hour takes no time.
///
/// # Panics
///
/// When the clock is stopped already, or outside of a runtime.
///
/// # Examples
///
/// ```
/// use sinew_time::{Duration, Instant, Timers, advance, pause};
///
/// let _entered = Timers::new().enter(); // inside a runtime this is done already
/// pause();
/// let start = Instant::now();
/// sinew_core::block_on(advance(Duration::from_secs(3600)));
/// assert_eq!(start.elapsed(), Duration::from_secs(3600));
/// ```
#[track_caller]
pub fn pause() {
    timers().pause();
}

/// Lets a stopped clock run again, from the time that it shows.
///
/// # Panics
///
/// When the clock is not stopped, or outside of a runtime.
#[track_caller]
pub fn resume() {
    timers().resume();
}

/// Moves a stopped clock on by `duration`, wakes the tasks whose deadlines have
/// passed then, and lets them run before it returns.
///
/// The clock moves in one step: a task that sleeps 10 ms again and again
/// wakes up once in an `advance` by 100 ms. The tasks that were woken run while
/// this gives way once; how far they get is up to them.
///
/// # Cancel safety
///
/// The clock moves at the first poll. Nothing else is lost.
///
/// # Panics
///
/// The future panics when the clock is not stopped, or outside of a runtime.
#[track_caller]
pub fn advance(duration: Duration) -> impl Future<Output = ()> + Send + Sync {
    let location = Location::caller();
    async move {
        let Some(timers) = driver::entered() else {
            panic!("{OUTSIDE} (advance at {location})");
        };
        if let Err(refusal) = timers.try_advance(duration) {
            panic!("{refusal} (advance at {location})");
        }
        drop(timers);
        give_way(location).await;
    }
}

async fn give_way(location: &'static Location<'static>) {
    let mut given = false;
    poll_fn(|cx| {
        if given {
            return Poll::Ready(());
        }
        given = true;
        cx.waker().wake_by_ref();
        leaf::pending(&Wait {
            kind: Kind::Yield,
            resource: 0,
            location,
        })
    })
    .await;
}
