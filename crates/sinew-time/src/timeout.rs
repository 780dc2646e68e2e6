//! A future with a limit on its time.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use sinew_core::coop;

use crate::clock;
use crate::error::Elapsed;
use crate::instant::Instant;
use crate::timer::{Start, Timer};

/// Gives `future` at most `duration`, counted from the first poll.
///
/// The future is polled first: if it is ready at once, no clock is read and no
/// timer made, and its output is returned even with a duration of zero. A
/// duration that the clock cannot say, like [`Duration::MAX`], is no limit. The
/// deadline is kept as that of a [`sleep`](crate::sleep).
///
/// # Cancel safety
///
/// Dropping it drops `future`; nothing else is lost. At the deadline `future`
/// is not dropped until the `Timeout` is, and may be taken back with
/// [`Timeout::into_inner`] if it is `Unpin`.
///
/// # Errors
///
/// The future's output is [`Elapsed`] when the deadline comes first.
///
/// # Examples
///
/// ```
/// use sinew_time::{Duration, timeout};
///
/// # sinew_core::block_on(async {
/// assert_eq!(timeout(Duration::from_secs(5), async { 1 }).await, Ok(1));
/// let never = std::future::pending::<()>();
/// assert!(timeout(Duration::from_millis(1), never).await.is_err());
/// # });
/// ```
#[track_caller]
pub fn timeout<F: IntoFuture>(duration: Duration, future: F) -> Timeout<F::IntoFuture> {
    Timeout {
        value: future.into_future(),
        delay: Delay::After(duration, Location::caller()),
    }
}

/// Gives `future` until `deadline`.
///
/// As [`timeout`], with a point in time that is fixed by the caller.
///
/// # Cancel safety
///
/// Dropping it drops `future`; nothing else is lost.
///
/// # Errors
///
/// The future's output is [`Elapsed`] when the deadline comes first.
///
/// # Examples
///
/// ```
/// use sinew_time::{Duration, Instant, timeout_at};
///
/// # sinew_core::block_on(async {
/// let deadline = Instant::now() + Duration::from_millis(1);
/// let never = std::future::pending::<()>();
/// assert!(timeout_at(deadline, never).await.is_err());
/// # });
/// ```
#[track_caller]
pub fn timeout_at<F: IntoFuture>(deadline: Instant, future: F) -> Timeout<F::IntoFuture> {
    Timeout {
        value: future.into_future(),
        delay: Delay::Until(Timer::new(deadline, Start::MaybePassed)),
    }
}

pin_project! {
    /// Future returned by [`timeout`] and [`timeout_at`].
    #[project(!Unpin)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Timeout<T> {
        #[pin]
        value: T,
        delay: Delay,
    }
}

enum Delay {
    /// Not polled yet.
    After(Duration, &'static Location<'static>),
    Until(Timer),
    /// The deadline is too far away to say.
    Never,
}

impl<T> Timeout<T> {
    /// The future inside.
    pub fn get_ref(&self) -> &T {
        &self.value
    }

    /// The future inside.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// Gives the future back, without the limit.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl Delay {
    /// Where the clock is or was paused, or is not a clock.
    #[cold]
    fn after_virtual_now(duration: Duration, location: &'static Location<'static>) -> Delay {
        let now = clock::now();
        match now.checked_add(duration) {
            Some(at) => Delay::Until(Timer::new_at(at, Start::at(at, now), location)),
            None => Delay::Never,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Delay::After(duration, location) = *self {
            *self = match Timer::after(duration, location) {
                Some(timer) => Delay::Until(timer),
                None => Delay::after_virtual_now(duration, location),
            };
        }
        match self {
            Delay::Until(timer) => timer.poll(cx),
            Delay::After(..) | Delay::Never => Poll::Pending,
        }
    }
}

impl<T: Future> Future for Timeout<T> {
    type Output = Result<T::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let had_budget = coop::has_budget_remaining();
        if let Poll::Ready(output) = this.value.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        // A future that uses up the budget in each of its polls would keep the
        // deadline from being looked at for ever.
        let elapsed = if had_budget && !coop::has_budget_remaining() {
            coop::budget(|| this.delay.poll(cx))
        } else {
            this.delay.poll(cx)
        };
        elapsed.map(|()| Err(Elapsed::new()))
    }
}

impl<T: fmt::Debug> fmt::Debug for Timeout<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Timeout");
        debug.field("value", &self.value);
        match &self.delay {
            Delay::After(duration, _) => debug.field("after", duration),
            Delay::Until(timer) => debug.field("deadline", &timer.deadline()),
            Delay::Never => &mut debug,
        };
        debug.finish()
    }
}
