//! What time it is: the real clock, and a shift on top of it.
//!
//! A [`Clock`] begins as the real one. Once paused it has a *shift*: either it
//! stands still, or it runs again with a distance to the real clock. Each
//! [`Timers`](crate::Timers) has one clock; deadlines are points of its time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

mod estimate;
mod point;

pub(crate) use point::Point;

use crate::driver;
use crate::instant::Instant;
use crate::provider;

/// Whether any clock of the process was ever paused, or any virtual provider entered. Until
/// then nobody needs to ask what the thread has.
static ANY_UNREAL: AtomicBool = AtomicBool::new(false);

/// The real clock. The only place that reads it.
#[inline]
pub(crate) fn real() -> Instant {
    Instant::from_std(std::time::Instant::now())
}

/// Zero of the nanoseconds that wheels count, the same for all clocks: about
/// when the process first looked at one. What lies before has passed.
static ORIGIN: LazyLock<Instant> = LazyLock::new(real);

/// A time in nanoseconds since the origin: 0 if it lies before, `u64::MAX` if it
/// is too far away to say.
#[inline]
pub(crate) fn nanos_at(time: Instant) -> u64 {
    nanos(time - *ORIGIN)
}

/// Whether any thread of the process has, or had, another time than the real one.
#[inline]
pub(crate) fn any_unreal() -> bool {
    // ORDERING: Relaxed; a thread has seen what it has itself entered or paused. Who has not
    // heard of another's pause yet reads the clock as just before it.
    ANY_UNREAL.load(Ordering::Relaxed)
}

/// There is, from now on, another time than the real one.
pub(crate) fn note_unreal() {
    ANY_UNREAL.store(true, Ordering::Relaxed);
}

/// The time on the current thread.
#[inline]
pub(crate) fn now() -> Instant {
    if any_unreal() { maybe_unreal() } else { real() }
}

#[cold]
fn maybe_unreal() -> Instant {
    if let Some(virtual_time) = provider::entered() {
        return virtual_time.now();
    }
    match driver::entered() {
        Some(timers) => timers.clock().now(),
        None => real(),
    }
}

/// The point in time so long after now: never earlier than that, and later by a few
/// microseconds at most. `None` where the time is not the real one, which
/// [`now`] must be asked for.
#[inline]
pub(crate) fn after_now(span: Duration) -> Option<Point> {
    if any_unreal() {
        return None;
    }
    Some(Point::after(estimate::at_the_latest(), span))
}

/// Whether a time, in nanoseconds since the origin, has come on the current thread.
pub(crate) fn has_come(nanos: u64) -> bool {
    nanos_at(now()) >= nanos
}

/// How far a span is in nanoseconds; `u64::MAX`, 584 years, if it is farther.
#[inline]
pub(crate) fn nanos(span: Duration) -> u64 {
    span.as_secs()
        .saturating_mul(1_000_000_000)
        .saturating_add(u64::from(span.subsec_nanos()))
}

#[derive(Clone, Copy)]
enum Shift {
    /// Runs with the real clock.
    None,
    /// Stands still.
    Paused { at: Instant },
    /// Runs: at the real time `since` it was `from`.
    Running { from: Instant, since: Instant },
}

/// A clock of its own. See the module's documentation.
pub(crate) struct Clock {
    shift: Mutex<Shift>,
    /// False while the shift is `None`, which saves the lock. It never goes
    /// back. `Relaxed` is enough: the shift itself is read under the lock, and
    /// who has not heard of the pause yet reads the clock as just before it.
    shifted: AtomicBool,
}

/// Why a clock refuses.
pub(crate) const ALREADY_PAUSED: &str = "time is already frozen";
pub(crate) const NOT_PAUSED: &str = "time is not frozen";

impl Clock {
    pub(crate) fn new() -> Self {
        // What is waited for on this clock must not lie before the origin.
        LazyLock::force(&ORIGIN);
        Clock {
            shift: Mutex::new(Shift::None),
            shifted: AtomicBool::new(false),
        }
    }

    fn shift(&self) -> MutexGuard<'_, Shift> {
        self.shift.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the clock was ever paused.
    #[inline]
    pub(crate) fn is_shifted(&self) -> bool {
        self.shifted.load(Ordering::Relaxed)
    }

    #[inline]
    pub(crate) fn now(&self) -> Instant {
        if self.is_shifted() {
            Self::shifted_now(*self.shift())
        } else {
            real()
        }
    }

    fn shifted_now(shift: Shift) -> Instant {
        match shift {
            Shift::None => real(),
            Shift::Paused { at } => at,
            Shift::Running { from, since } => from.add_or_far(real() - since),
        }
    }

    /// Now, in nanoseconds since the origin.
    #[inline]
    pub(crate) fn now_nanos(&self) -> u64 {
        nanos_at(self.now())
    }

    /// When, on the real clock, this clock will show `deadline`. `None` if it
    /// will not, because it is paused or the deadline is too far away.
    pub(crate) fn real_deadline(&self, deadline: u64) -> Option<Instant> {
        if deadline == u64::MAX {
            return None;
        }
        let time = ORIGIN.checked_add(Duration::from_nanos(deadline))?;
        match *self.shift() {
            Shift::None => Some(time),
            // Passed already: any time that lies behind will do.
            Shift::Paused { at } if time <= at => Some(*ORIGIN),
            Shift::Paused { .. } => None,
            Shift::Running { from, since } => since.checked_add(time - from),
        }
    }

    #[inline]
    pub(crate) fn is_paused(&self) -> bool {
        self.is_shifted() && self.stands_still()
    }

    #[cold]
    fn stands_still(&self) -> bool {
        matches!(*self.shift(), Shift::Paused { .. })
    }

    pub(crate) fn pause(&self) -> Result<(), &'static str> {
        let mut shift = self.shift();
        if matches!(*shift, Shift::Paused { .. }) {
            return Err(ALREADY_PAUSED);
        }
        *shift = Shift::Paused {
            at: Self::shifted_now(*shift),
        };
        self.shifted.store(true, Ordering::Relaxed);
        note_unreal();
        Ok(())
    }

    pub(crate) fn resume(&self) -> Result<(), &'static str> {
        let mut shift = self.shift();
        let Shift::Paused { at } = *shift else {
            return Err(NOT_PAUSED);
        };
        *shift = Shift::Running {
            from: at,
            since: real(),
        };
        Ok(())
    }

    pub(crate) fn advance(&self, by: Duration) -> Result<(), &'static str> {
        let mut shift = self.shift();
        let Shift::Paused { at } = *shift else {
            return Err(NOT_PAUSED);
        };
        *shift = Shift::Paused {
            at: at.add_or_far(by),
        };
        Ok(())
    }

    /// Moves a paused clock to `deadline`, unless it is there already. Returns
    /// whether it moved.
    pub(crate) fn jump(&self, deadline: u64) -> bool {
        let mut shift = self.shift();
        let Shift::Paused { at } = *shift else {
            return false;
        };
        let time = ORIGIN.checked_add(Duration::from_nanos(deadline));
        match time {
            Some(time) if time > at && deadline != u64::MAX => {
                *shift = Shift::Paused { at: time };
                true
            }
            _ => false,
        }
    }
}
