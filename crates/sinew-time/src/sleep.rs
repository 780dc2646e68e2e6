//! Waiting for a point in time.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use crate::instant::Instant;
use crate::timer::{Start, Timer};

/// Waits until `duration` has passed since this call.
///
/// Never early, to the nanosecond. Late by what the operating system's timers
/// are late, which is about 50 µs on Linux; in this are up to 5 µs by which the deadline
/// is set too late where the system's clock need not be read for it. A sleep of 34 ms or more that has
/// company may be late by a little more, so that many share one wake-up: by less
/// than a 250th of its duration, and never by more than 1.05 ms (a [`sleep_until`] is not).
/// A duration of zero is ready at the first poll; one that the clock cannot say, like [`Duration::MAX`], sleeps for
/// ever. Works on any thread and under any executor.
///
/// # Cancel safety
///
/// Dropping the future cancels the timer; nothing else is lost.
///
/// # Examples
///
/// ```
/// use sinew_time::{Duration, Instant, sleep};
///
/// # sinew_core::block_on(async {
/// let start = Instant::now();
/// sleep(Duration::from_millis(2)).await;
/// assert!(start.elapsed() >= Duration::from_millis(2));
/// # });
/// ```
#[track_caller]
pub fn sleep(duration: Duration) -> Sleep {
    let location = Location::caller();
    let timer = match Timer::after(duration, location) {
        Some(timer) => timer,
        None => after_virtual_now(duration, location),
    };
    Sleep { timer }
}

/// Where the clock is or was paused, or is not a clock.
#[cold]
fn after_virtual_now(duration: Duration, location: &'static Location<'static>) -> Timer {
    let deadline = Instant::now().add_or_far(duration);
    Timer::new_at(deadline, Start::after(duration), location)
}

/// Waits until `deadline`.
///
/// As [`sleep`]; a deadline that has passed is ready at the first poll.
///
/// # Cancel safety
///
/// Dropping the future cancels the timer; nothing else is lost.
///
/// # Examples
///
/// ```
/// use sinew_time::{Duration, Instant, sleep_until};
///
/// # sinew_core::block_on(async {
/// let deadline = Instant::now() + Duration::from_millis(2);
/// sleep_until(deadline).await;
/// assert!(Instant::now() >= deadline);
/// # });
/// ```
#[track_caller]
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep {
        timer: Timer::new(deadline, Start::MaybePassed),
    }
}

pin_project! {
    /// Future returned by [`sleep`] and [`sleep_until`].
    ///
    /// It takes its place among the timers at the first poll: those entered on
    /// the polling thread, else the default ones of the process. Polled later on a
    /// thread where other timers are entered, or after its own were shut down,
    /// it moves over to those. To poll it more than once, as in a
    /// `select!` in a loop, pin it first.
    #[project(!Unpin)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Sleep {
        timer: Timer,
    }
}

impl Sleep {
    /// The point in time that is waited for. One that is farther away than 292 years
    /// is cut to that.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.timer.deadline()
    }

    /// Whether the sleep has come to its end. A sleep that has not been polled
    /// since it was made or reset may not have noticed.
    #[must_use]
    pub fn is_elapsed(&self) -> bool {
        self.timer.is_elapsed()
    }

    /// Sets another deadline, also after the sleep has come to its end.
    ///
    /// A task that waits stays registered and is woken at the new deadline; the
    /// entry moves, nothing is allocated. On a thread where the sleep has not been
    /// polled the task may be woken at once too, and finds the new deadline when it
    /// polls. After the end, the sleep must be polled for a task to be woken.
    ///
    /// ```
    /// use sinew_time::{Duration, Instant, sleep};
    /// use std::pin::pin;
    ///
    /// # sinew_core::block_on(async {
    /// let mut sleep = pin!(sleep(Duration::from_secs(3600)));
    /// sleep.as_mut().reset(Instant::now() + Duration::from_millis(1));
    /// sleep.await;
    /// # });
    /// ```
    pub fn reset(self: Pin<&mut Self>, deadline: Instant) {
        self.project().timer.reset(deadline);
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().timer.poll(cx)
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("deadline", &self.deadline())
            .field("elapsed", &self.is_elapsed())
            .finish()
    }
}
