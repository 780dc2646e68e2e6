//! How long a runner works, measured by the processor's counter where there is one.
//!
//! A runner measures from each park to the next, which may be one short poll away. Two
//! readings of the clock and the sum of their difference were a seventh of the
//! instructions of a request on one connection.
//!
//! What is measured is a number of *units*: the counter's, or nanoseconds where the
//! system's clock is not made of it. They become a time when somebody asks, by what the
//! clock and the counter have both done since the process first measured.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use sinew_core::ticks;

/// When the process first measured.
struct Beginning {
    clock: Instant,
    /// `None` where there is no counter: always or never.
    counter: Option<u64>,
}

fn beginning() -> &'static Beginning {
    static BEGINNING: OnceLock<Beginning> = OnceLock::new();
    BEGINNING.get_or_init(|| Beginning {
        clock: Instant::now(),
        counter: ticks::read(),
    })
}

/// To be called before the first measurement.
pub(crate) fn prepare() {
    beginning();
}

/// The units that have passed since some time.
#[inline]
pub(crate) fn now() -> u64 {
    match ticks::read() {
        Some(units) => units,
        None => nanos(beginning().clock.elapsed()),
    }
}

/// The units since `then`. None if the counter has gone back, as it may where the machine
/// itself was moved.
#[inline]
pub(crate) fn since(then: u64) -> u64 {
    now().saturating_sub(then)
}

/// How long so many units took.
pub(crate) fn time(units: u64) -> Duration {
    let Beginning { clock, counter } = beginning();
    let (Some(first), Some(last)) = (counter, ticks::read()) else {
        return Duration::from_nanos(units);
    };
    scale(units, nanos(clock.elapsed()), last.saturating_sub(*first))
}

/// How long `units` took if `all` of them took `nanos`.
fn scale(units: u64, nanos: u64, all: u64) -> Duration {
    let scaled = u128::from(units) * u128::from(nanos);
    let scaled = scaled.checked_div(u128::from(all)).unwrap_or(0);
    Duration::from_nanos(u64::try_from(scaled).unwrap_or(u64::MAX))
}

/// In nanoseconds, as far as they can be counted.
pub(crate) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(all(test, not(sinew_loom)))]
mod tests {
    use super::*;

    #[test]
    fn units_are_as_long_as_the_clock_says() {
        prepare();
        let clock = Instant::now();
        let then = now();
        let begun = clock.elapsed();
        while clock.elapsed() < Duration::from_millis(2) {
            std::hint::spin_loop();
        }
        let least = clock.elapsed() - begun;
        let units = since(then);
        let most = clock.elapsed();
        let measured = time(units);
        // A counter is read some hundred instructions early, and its pace is known
        // from what has passed since `prepare`.
        let slack = Duration::from_micros(100);
        assert!(measured + slack >= least, "{measured:?} of {least:?}");
        assert!(measured <= most + slack, "{measured:?} of {most:?}");
    }

    #[test]
    fn a_scaled_time_neither_overflows_nor_divides_by_nothing() {
        assert_eq!(scale(5, 0, 0), Duration::ZERO);
        assert_eq!(scale(3_000, 1_000, 3_000), Duration::from_nanos(1_000));
        assert_eq!(scale(u64::MAX, u64::MAX, 1), Duration::from_nanos(u64::MAX));
    }
}
