use std::pin::pin;
use std::task::Poll;

use sinew_time::{Duration, Instant, Sleep, Timers, sleep, sleep_until};

use crate::paused_runtime::{ms, poll, run};

#[test]
fn is_elapsed_follows_the_sleep() {
    run(async {
        let mut sleep = pin!(sleep(ms(10)));
        assert!(!sleep.is_elapsed());
        assert!(poll(&mut sleep.as_mut()).is_pending());
        assert!(!sleep.is_elapsed());
        sleep.as_mut().await;
        assert!(sleep.is_elapsed());
    });
}

#[test]
fn a_sleep_ends_at_its_nanosecond() {
    run(async {
        for nanos in [1, 999, 65_536, 1_000_001, 60_000_000, 1 << 40, 1 << 53] {
            let start = Instant::now();
            sleep(Duration::from_nanos(nanos)).await;
            assert_eq!(start.elapsed(), Duration::from_nanos(nanos));
        }
    });
}

#[test]
fn a_reset_while_waiting_moves_the_end() {
    run(async {
        let start = Instant::now();
        for to in [200, 80] {
            let start = Instant::now();
            let mut sleep = Box::pin(sleep(ms(100)));
            assert!(poll(&mut sleep).is_pending());
            sleep.as_mut().reset(start + ms(to));
            assert_eq!(sleep.deadline(), start + ms(to));
            sleep.await;
            assert_eq!(start.elapsed(), ms(to));
        }
        assert_eq!(start.elapsed(), ms(280));
    });
}

#[test]
fn a_reset_keeps_the_task_registered() {
    run(async {
        let start = Instant::now();
        let mut sleep = pin!(sleep(Duration::from_secs(100)));
        let mut polls = 0;
        std::future::poll_fn(|cx| {
            polls += 1;
            if polls == 1 {
                assert!(sleep.as_mut().poll(cx).is_pending());
                sleep.as_mut().reset(start + ms(7));
                return Poll::Pending;
            }
            sleep.as_mut().poll(cx)
        })
        .await;
        assert_eq!(start.elapsed(), ms(7));
    });
    use std::future::Future;
}

#[test]
fn a_reset_after_the_end_starts_anew() {
    run(async {
        let start = Instant::now();
        let mut sleep = Box::pin(sleep_until(start + ms(100)));
        sleep.as_mut().await;
        sleep.as_mut().reset(start + ms(110));
        assert!(!sleep.is_elapsed());
        sleep.as_mut().await;
        assert_eq!(start.elapsed(), ms(110));
        sleep
            .as_mut()
            .reset(Instant::now() + Duration::from_secs(600));
        assert!(poll(&mut sleep).is_pending());
        assert!(poll(&mut sleep).is_pending());
    });
}

#[test]
fn a_reset_to_the_past_is_ready_at_once() {
    run(async {
        let start = Instant::now();
        let mut waiting = Box::pin(sleep(ms(100)));
        assert!(poll(&mut waiting).is_pending());
        sleep(ms(50)).await;
        waiting.as_mut().reset(start + ms(40));
        assert!(poll(&mut waiting).is_ready());

        let mut unpolled = Box::pin(sleep(ms(100)));
        unpolled.as_mut().reset(start);
        assert!(poll(&mut unpolled).is_ready());
    });
}

#[test]
fn decades_pass_in_no_time() {
    run(async {
        const YEAR: Duration = Duration::from_secs(365 * 86_400);
        let start = Instant::now();
        for years in [1, 2, 5, 10, 50] {
            sleep(YEAR * years).await;
        }
        assert_eq!(start.elapsed(), YEAR * 68);
        // The end of time, which a paused clock without other work jumps to.
        sleep(Duration::MAX).await;
        sleep(ms(1)).await;
    });
}

#[test]
fn a_long_wait_does_not_disturb_others() {
    run(async {
        let mut long = Box::pin(sleep(ms(10 << 36)));
        assert!(poll(&mut long).is_pending());
        sinew_time::advance(ms((1 << 30) - 1)).await;
        let mut first = Box::pin(sleep(ms(10)));
        let mut second = Box::pin(sleep(ms(20)));
        assert!(poll(&mut first).is_pending());
        assert!(poll(&mut second).is_pending());
        sinew_time::advance(ms(30)).await;
        drop(first);
        sinew_time::advance(ms(1 << 31)).await;
        assert!(second.is_elapsed());
        let start = Instant::now();
        sleep(ms(10)).await;
        assert_eq!(start.elapsed(), ms(10));
        assert!(!long.is_elapsed());
    });
}

#[test]
fn it_is_made_to_be_sent() {
    fn send_and_sync<T: Send + Sync>() {}
    send_and_sync::<Sleep>();
    send_and_sync::<sinew_time::Interval>();
    send_and_sync::<sinew_time::Timeout<std::future::Ready<()>>>();
    send_and_sync::<Timers>();
    fn unpin<T: Unpin>() {}
    unpin::<sinew_time::Interval>();
    unpin::<Instant>();
}

#[test]
fn debug_shows_the_deadline() {
    let text = format!("{:?}", sleep(ms(1)));
    assert!(text.contains("deadline") && text.contains("elapsed: false"));
    assert!(format!("{:?}", Timers::new()).contains("len: 0"));
}

#[test]
fn a_deadline_is_never_early_and_hardly_late_and_equal_sleeps_keep_their_order() {
    let span = Duration::from_secs(3600);
    let mut last = None;
    for _ in 0..100_000 {
        let before = Instant::now();
        let deadline = sleep(span).deadline();
        let after = Instant::now();
        assert!(deadline >= before + span);
        assert!(deadline <= after + span + Duration::from_micros(21));
        assert!(last <= Some(deadline));
        last = Some(deadline);
    }
}

#[test]
fn a_deadline_is_kept_to_the_nanosecond() {
    let now = Instant::now();
    for nanos in [0, 1, 999_999_999, 86_400_000_000_000_000] {
        let span = Duration::from_nanos(nanos);
        assert_eq!(sleep_until(now + span).deadline(), now + span);
        if let Some(before) = now.checked_sub(span) {
            assert_eq!(sleep_until(before).deadline(), before);
        }
    }
}
