//! A point in time that follows the current clock.

use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::time::Duration;

use crate::clock;

/// How far away "never" is, where the platform's clock can say it. Some
/// platforms overflow at less than 150 years.
const FAR_AWAY: [Duration; 3] = [
    Duration::from_secs(150 * 365 * 86_400),
    Duration::from_secs(30 * 365 * 86_400),
    Duration::from_secs(365 * 86_400),
];

/// A point in time, as measured by the current clock.
///
/// A newtype over [`std::time::Instant`] with the same methods. The difference
/// is where [`now`](Instant::now) looks: at the virtual time entered on this
/// thread, else at the (maybe [paused](crate::pause)) clock of the entered
/// timers, else at the system's monotonic clock.
///
/// ```
/// use sinew_time::{Duration, Instant};
///
/// let start = Instant::now();
/// let later = start + Duration::from_millis(5);
/// assert_eq!(later - start, Duration::from_millis(5));
/// assert_eq!(start - later, Duration::ZERO); // saturates, as std's
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(std::time::Instant);

impl Instant {
    /// The current time.
    #[inline]
    #[must_use]
    pub fn now() -> Instant {
        clock::now()
    }

    /// Wraps a `std::time::Instant`.
    #[inline]
    #[must_use]
    pub fn from_std(std: std::time::Instant) -> Instant {
        Instant(std)
    }

    /// The `std::time::Instant` inside.
    #[inline]
    #[must_use]
    pub fn into_std(self) -> std::time::Instant {
        self.0
    }

    /// The time from `earlier` to this; zero if `earlier` is later.
    #[must_use]
    pub fn duration_since(&self, earlier: Instant) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }

    /// The time from `earlier` to this; `None` if `earlier` is later.
    #[must_use]
    pub fn checked_duration_since(&self, earlier: Instant) -> Option<Duration> {
        self.0.checked_duration_since(earlier.0)
    }

    /// The time from `earlier` to this; zero if `earlier` is later.
    #[must_use]
    pub fn saturating_duration_since(&self, earlier: Instant) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }

    /// The time from this to [`now`](Instant::now); zero if this lies ahead.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Instant::now().duration_since(*self)
    }

    /// This plus `duration`, or `None` if the platform cannot say so.
    #[must_use]
    pub fn checked_add(&self, duration: Duration) -> Option<Instant> {
        self.0.checked_add(duration).map(Instant)
    }

    /// This minus `duration`, or `None` if the platform cannot say so.
    #[must_use]
    pub fn checked_sub(&self, duration: Duration) -> Option<Instant> {
        self.0.checked_sub(duration).map(Instant)
    }

    /// This plus `duration`, or a time so far away that it does not come.
    pub(crate) fn add_or_far(self, duration: Duration) -> Instant {
        if let Some(sum) = self.checked_add(duration) {
            return sum;
        }
        let mut far = FAR_AWAY.iter().filter_map(|far| self.checked_add(*far));
        far.next().unwrap_or(self)
    }
}

impl From<std::time::Instant> for Instant {
    fn from(std: std::time::Instant) -> Instant {
        Instant(std)
    }
}

impl From<Instant> for std::time::Instant {
    fn from(instant: Instant) -> std::time::Instant {
        instant.0
    }
}

/// # Panics
///
/// When the platform cannot say the sum; see [`Instant::checked_add`].
impl Add<Duration> for Instant {
    type Output = Instant;

    fn add(self, duration: Duration) -> Instant {
        Instant(self.0 + duration)
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

/// Zero if the other is later.
impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Instant) -> Duration {
        self.duration_since(earlier)
    }
}

/// # Panics
///
/// When the platform cannot say the difference; see [`Instant::checked_sub`].
impl Sub<Duration> for Instant {
    type Output = Instant;

    fn sub(self, duration: Duration) -> Instant {
        Instant(self.0 - duration)
    }
}

impl SubAssign<Duration> for Instant {
    fn sub_assign(&mut self, duration: Duration) {
        *self = *self - duration;
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
