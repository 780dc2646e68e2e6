use std::time::{Duration, Instant};

use super::*;

/// Nanoseconds by the clock.
fn exact() -> u64 {
    nanos_at(real())
}

/// Waits until the rate is known, if it can be: a thread that is interrupted all the time
/// needs several tries. Bounded only against hanging.
fn warm_up() {
    let begin = Instant::now();
    while ticks::read().is_some() && RATE.load(Ordering::Relaxed) == 0 {
        assert!(begin.elapsed() < Duration::from_secs(60), "no rate");
        at_the_latest();
    }
}

#[test]
fn is_never_earlier_than_the_clock_and_never_much_later() {
    warm_up();
    let mut last = 0;
    for _ in 0..200_000 {
        let before = exact();
        let said = at_the_latest();
        let after = exact();
        assert!(said >= before, "{} ns early", before - said);
        assert!(
            said <= after + WINDOW + MARGIN,
            "{} ns late",
            said.saturating_sub(after)
        );
        assert!(said >= last, "went back");
        last = said;
    }
}

#[test]
fn the_rate_is_known_where_there_is_a_counter() {
    warm_up();
    let known = RATE.load(Ordering::Relaxed);
    assert_eq!(known > 0, ticks::read().is_some());
}

#[test]
fn a_rate_must_be_measured_twice_alike() {
    let mut measure = Measure {
        since: None,
        before: 0,
    };
    let mut ticks = u64::MAX - 1_000_000; // wraps around
    let mut nanos = 77;
    let mut read = |more_ticks: u64, more_nanos: u64| {
        ticks = ticks.wrapping_add(more_ticks);
        nanos += more_nanos;
        measure.take(ticks, nanos)
    };
    assert_eq!(read(0, 0), None);
    assert_eq!(read(3_000_000, 1_000_000), None, "too short");
    assert_eq!(read(3_000_000, 1_000_000), None, "once");
    // The clock has stood still.
    assert_eq!(read(900_000_000_000, 2_000_000), None, "unlike");
    assert_eq!(read(6_000_000, 2_000_000), None, "unlike");
    let third = (1_u64 << 32) / 3;
    assert_eq!(read(6_000_060, 2_000_000), Some(third + third / 4));
}

#[test]
fn a_counter_that_cannot_be_is_not_used() {
    let mut measure = Measure {
        since: Some((5, 5)),
        before: 0,
    };
    for nanos in [1_u64 << 40, 2 << 40] {
        let rate = measure.take(5, 5 + nanos);
        assert!(rate.is_none_or(|rate| rate >= RATES), "{rate:?}");
    }
}
