//! Ticking at a fixed period.

use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::clock;
use crate::instant::Instant;
use crate::timer::{Start, Timer};

/// A tick that comes later than this after its time counts as missed.
const LATE: Duration = Duration::from_millis(5);

/// Ticks every `period`, the first time at once.
///
/// The period counts from tick to tick, not from the end of what is done in
/// between; [`MissedTickBehavior`] says what happens when that takes longer.
///
/// # Panics
///
/// When `period` is zero.
///
/// # Examples
///
/// ```
/// use sinew_time::{Duration, Instant, interval};
///
/// # sinew_core::block_on(async {
/// let mut interval = interval(Duration::from_millis(1));
/// let first = interval.tick().await;
/// let second = interval.tick().await;
/// assert_eq!(second - first, Duration::from_millis(1));
/// # });
/// ```
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    assert!(!period.is_zero(), "`period` must be non-zero.");
    Interval::new(Instant::now(), period)
}

/// Ticks every `period`, the first time at `start`.
///
/// # Panics
///
/// When `period` is zero.
///
/// # Examples
///
/// ```
/// use sinew_time::{Duration, Instant, interval_at};
///
/// # sinew_core::block_on(async {
/// let start = Instant::now() + Duration::from_millis(2);
/// let mut interval = interval_at(start, Duration::from_millis(1));
/// assert_eq!(interval.tick().await, start);
/// # });
/// ```
#[track_caller]
pub fn interval_at(start: Instant, period: Duration) -> Interval {
    assert!(!period.is_zero(), "`period` must be non-zero.");
    Interval::new(start, period)
}

/// What an [`Interval`] does after a tick that was taken more than 5 ms late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissedTickBehavior {
    /// Ticks at once until it has caught up; then as if nothing had been missed.
    #[default]
    Burst,
    /// Ticks one period after the late tick was taken, and so on from there.
    Delay,
    /// Leaves out what was missed, and ticks at the next multiple of the period
    /// from where it began.
    Skip,
}

impl MissedTickBehavior {
    /// The tick after the one of `tick`, which was taken at `now`.
    fn next(self, tick: Instant, now: Instant, period: Duration) -> Instant {
        match self {
            MissedTickBehavior::Burst => tick.add_or_far(period),
            MissedTickBehavior::Delay => now.add_or_far(period),
            MissedTickBehavior::Skip => {
                let over = (now - tick).as_nanos() % period.as_nanos();
                // Less than the period, and no span of `Instant`s that a clock
                // can come by is longer than a `u64` of nanoseconds, 584 years.
                let over = Duration::from_nanos(u64::try_from(over).unwrap_or(u64::MAX));
                now.add_or_far(period.saturating_sub(over))
            }
        }
    }
}

/// Ticks at a fixed period. Made by [`interval`] and [`interval_at`].
///
/// Each tick comes as late as a [`sleep`](crate::sleep) of the period might; the
/// lateness does not add up.
#[must_use = "an interval does nothing unless it is asked for ticks"]
pub struct Interval {
    timer: Timer,
    period: Duration,
    missed_tick_behavior: MissedTickBehavior,
}

impl Interval {
    #[track_caller]
    fn new(start: Instant, period: Duration) -> Interval {
        Interval {
            timer: Timer::new(start, Start::MaybePassed),
            period,
            missed_tick_behavior: MissedTickBehavior::default(),
        }
    }

    /// Waits for the next tick, and returns the time for which it was set, which
    /// is not later than now.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no tick.
    pub async fn tick(&mut self) -> Instant {
        poll_fn(|cx| self.poll_tick(cx)).await
    }

    /// Polls for the next tick. When it is pending, the task of `cx`, and no
    /// other, is woken when the time has come; when it is ready, nobody will be
    /// woken for the tick after it until this is called again.
    pub fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<Instant> {
        ready!(self.timer.poll(cx));
        let tick = self.timer.deadline();
        let now = clock::now();
        let behavior = if now - tick > LATE {
            self.missed_tick_behavior
        } else {
            MissedTickBehavior::Burst
        };
        let next = behavior.next(tick, now, self.period);
        self.timer.restart(next, Start::at(next, now));
        Poll::Ready(tick)
    }

    /// Sets the next tick to one period from now.
    pub fn reset(&mut self) {
        self.reset_after(self.period);
    }

    /// Sets the next tick to now; those after it follow at the period.
    pub fn reset_immediately(&mut self) {
        self.timer.reset(Instant::now());
    }

    /// Sets the next tick to `after` from now; those after it follow at the period.
    pub fn reset_after(&mut self, after: Duration) {
        self.timer.reset(Instant::now().add_or_far(after));
    }

    /// Sets the next tick to `deadline`; those after it follow at the period.
    pub fn reset_at(&mut self, deadline: Instant) {
        self.timer.reset(deadline);
    }

    /// What happens after a late tick.
    #[must_use]
    pub fn missed_tick_behavior(&self) -> MissedTickBehavior {
        self.missed_tick_behavior
    }

    /// Sets what happens after a late tick.
    pub fn set_missed_tick_behavior(&mut self, behavior: MissedTickBehavior) {
        self.missed_tick_behavior = behavior;
    }

    /// The period.
    #[must_use]
    pub fn period(&self) -> Duration {
        self.period
    }
}

impl fmt::Debug for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interval")
            .field("next", &self.timer.deadline())
            .field("period", &self.period)
            .field("missed_tick_behavior", &self.missed_tick_behavior)
            .finish()
    }
}
