use std::future::{Future, pending};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use sinew_core::leaf::{self, Kind};
use sinew_core::record::Record;
use sinew_time::{Duration, Instant, Timers, interval_at, sleep, sleep_until, timeout};

#[test]
fn pending_leaves_say_what_they_wait_for_and_where_they_were_made() {
    let timers = Timers::new_paused();
    let _entered = timers.clone().enter();
    let mut cx = Context::from_waker(Waker::noop());
    let (now, secs) = (Instant::now(), Duration::from_secs);
    let first = line!() + 1;
    let mut a = pin!(sleep(Duration::from_millis(1500)));
    let mut b = pin!(sleep_until(now + secs(2)));
    let mut c = interval_at(now + secs(3), secs(1));
    let mut d = pin!(timeout(secs(4), pending::<()>()));

    let record = Record::new(1);
    let ((), waits) = leaf::trace(|| {
        record.scope(|| {
            assert!(a.as_mut().poll(&mut cx).is_pending());
            assert!(b.as_mut().poll(&mut cx).is_pending());
            assert!(c.poll_tick(&mut cx).is_pending());
            assert!(d.as_mut().poll(&mut cx).is_pending());
        });
    });
    let seen: Vec<_> = waits
        .iter()
        .map(|wait| (wait.kind, wait.location.line()))
        .collect();
    let expected: Vec<_> = (0..4).map(|n| (Kind::Timer, first + n)).collect();
    assert_eq!(seen, expected);
    assert!(waits.iter().all(|wait| wait.location.file() == file!()));
    // Milliseconds, from some origin.
    let after = |wait: &leaf::Wait| wait.resource - waits[0].resource;
    assert!(
        waits
            .iter()
            .zip([0, 500, 1500, 2500])
            .all(|(wait, expected)| { after(wait).abs_diff(expected) <= 1 })
    );
    assert_eq!(record.wait(), waits.last().copied());
}

#[test]
fn ready_sleeps_spend_the_budget() {
    let record = Record::new(1);
    let mut cx = Context::from_waker(Waker::noop());
    record.scope(|| {
        let mut ready = 0;
        loop {
            let sleep = pin!(sleep(Duration::ZERO));
            match sleep.poll(&mut cx) {
                Poll::Ready(()) => ready += 1,
                Poll::Pending => break,
            }
        }
        assert_eq!(ready, 128);
    });
    assert_eq!(record.wait().map(|wait| wait.kind), Some(Kind::Yield));
}

#[test]
fn waiting_spends_nothing() {
    let timers = Timers::new();
    let _entered = timers.enter();
    let record = Record::new(1);
    let mut cx = Context::from_waker(Waker::noop());
    let mut sleep = pin!(sleep(Duration::from_secs(3600)));
    record.scope(|| {
        for _ in 0..1000 {
            assert!(sleep.as_mut().poll(&mut cx).is_pending());
        }
        assert!(sinew_core::coop::has_budget_remaining());
    });
    assert_eq!(record.wait().map(|wait| wait.kind), Some(Kind::Timer));
}
