use std::panic::catch_unwind;
use std::task::{Context, Poll, Waker};

use sinew_time::{
    Duration, Instant, Interval, MissedTickBehavior, advance, interval, interval_at, sleep,
};

use crate::paused_runtime::{ms, run};

fn poll(interval: &mut Interval) -> Poll<Instant> {
    interval.poll_tick(&mut Context::from_waker(Waker::noop()))
}

/// The ticks that are ready now, in milliseconds after `start`.
fn ready(interval: &mut Interval, start: Instant) -> Vec<u128> {
    std::iter::from_fn(|| match poll(interval) {
        Poll::Ready(tick) => Some((tick - start).as_millis()),
        Poll::Pending => None,
    })
    .collect()
}

/// Steps of advance, and the ticks ready after each.
fn check(behavior: MissedTickBehavior, steps: &[(u64, &[u128])]) {
    run(async {
        let start = Instant::now();
        let mut interval = interval_at(start, ms(300));
        interval.set_missed_tick_behavior(behavior);
        assert_eq!(interval.missed_tick_behavior(), behavior);
        assert_eq!(ready(&mut interval, start), [0]);
        for (by, ticks) in steps {
            advance(ms(*by)).await;
            assert_eq!(ready(&mut interval, start), *ticks, "after {by} more");
        }
    });
}

#[test]
fn burst_catches_up() {
    check(
        MissedTickBehavior::Burst,
        &[
            (100, &[]),
            (200, &[300]),
            (650, &[600, 900]),
            (200, &[]),
            (50, &[1200]),
            (300, &[1500]),
        ],
    );
}

#[test]
fn delay_counts_from_the_late_tick() {
    check(
        MissedTickBehavior::Delay,
        &[
            (300, &[300]),
            (650, &[600]),
            (299, &[]),
            (1, &[1250]),
            (300, &[1550]),
        ],
    );
}

#[test]
fn skip_leaves_out_what_was_missed() {
    check(
        MissedTickBehavior::Skip,
        &[
            (300, &[300]),
            (650, &[600]),
            (249, &[]),
            (1, &[1200]),
            (300, &[1500]),
            (900, &[1800]),
            (299, &[]),
        ],
    );
}

#[test]
fn five_milliseconds_late_is_not_late() {
    check(MissedTickBehavior::Delay, &[(305, &[300]), (295, &[600])]);
    check(
        MissedTickBehavior::Delay,
        &[(306, &[300]), (294, &[]), (6, &[606])],
    );
}

#[test]
fn ticks_keep_their_distance() {
    run(async {
        let start = Instant::now();
        let mut interval = interval(ms(10));
        assert_eq!(interval.period(), ms(10));
        for n in 0..100 {
            assert_eq!(interval.tick().await, start + ms(10) * n);
            sleep(ms(3)).await;
        }
        assert_eq!(start.elapsed(), ms(993));
    });
}

#[test]
fn resets_set_the_next_tick() {
    run(async {
        let start = Instant::now();
        let mut interval = interval(ms(300));
        assert_eq!(ready(&mut interval, start), [0]);
        advance(ms(100)).await;
        interval.reset();
        advance(ms(299)).await;
        assert_eq!(ready(&mut interval, start), []);
        advance(ms(1)).await;
        assert_eq!(ready(&mut interval, start), [400]);

        advance(ms(50)).await;
        interval.reset_immediately();
        assert_eq!(ready(&mut interval, start), [450]);
        interval.reset_after(ms(20));
        advance(ms(20)).await;
        assert_eq!(ready(&mut interval, start), [470]);
        interval.reset_at(start + ms(2000));
        advance(ms(1529)).await;
        assert_eq!(ready(&mut interval, start), []);
        advance(ms(1)).await;
        assert_eq!(ready(&mut interval, start), [2000]);
        advance(ms(300)).await;
        assert_eq!(ready(&mut interval, start), [2300]);
    });
}

#[test]
fn the_longest_durations_do_not_panic() {
    run(async {
        let mut longest = interval(Duration::MAX);
        longest.tick().await;
        longest.reset();
        assert!(poll(&mut longest).is_pending());
        longest.reset_after(Duration::MAX);
        for behavior in [MissedTickBehavior::Delay, MissedTickBehavior::Skip] {
            let mut late = interval(Duration::MAX);
            late.set_missed_tick_behavior(behavior);
            advance(ms(50)).await;
            assert!(poll(&mut late).is_ready());
            assert!(poll(&mut late).is_pending());
        }
    });
}

#[test]
fn a_period_of_zero_panics_at_the_callers_line() {
    for make in [
        || interval(Duration::ZERO),
        || interval_at(Instant::now(), Duration::ZERO),
    ] {
        let panic = catch_unwind(make).unwrap_err();
        let message = panic.downcast_ref::<&str>().unwrap();
        assert!(message.contains("non-zero"), "{message}");
    }
}

#[test]
fn dropping_tick_loses_no_tick() {
    run(async {
        let start = Instant::now();
        let mut interval = interval(ms(10));
        interval.tick().await;
        for _ in 0..3 {
            let tick = std::pin::pin!(interval.tick());
            let nap = std::pin::pin!(sleep(ms(2)));
            futures::future::select(tick, nap).await;
        }
        assert_eq!(interval.tick().await, start + ms(10));
    });
}
