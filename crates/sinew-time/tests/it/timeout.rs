use std::future::{Future, pending, ready};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use sinew_core::coop;
use sinew_time::error::Elapsed;
use sinew_time::{Duration, FutureExt, Instant, Timers, advance, sleep, timeout, timeout_at};

use crate::paused_runtime::{ms, poll, run, run_on};

#[test]
fn a_ready_future_wins_and_makes_no_timer() {
    let timers = Timers::new();
    let _entered = timers.clone().enter();
    assert_eq!(
        poll(&mut Box::pin(timeout(Duration::ZERO, ready(1)))),
        Poll::Ready(Ok(1))
    );
    let past = Instant::now();
    assert_eq!(
        poll(&mut Box::pin(timeout_at(past, ready(1)))),
        Poll::Ready(Ok(1))
    );
    assert!(timers.is_empty());
}

#[test]
fn it_counts_from_the_first_poll() {
    run(async {
        let limited = pending::<()>().timeout(ms(100));
        advance(ms(1000)).await;
        let start = Instant::now();
        assert!(limited.await.is_err());
        assert_eq!(start.elapsed(), ms(100));
    });
}

#[test]
fn a_deadline_is_absolute() {
    run(async {
        let start = Instant::now();
        let limited = pending::<()>().timeout_at(start + ms(100));
        advance(ms(60)).await;
        assert!(limited.await.is_err());
        assert_eq!(start.elapsed(), ms(100));
        assert!(timeout_at(start, pending::<()>()).await.is_err());
        assert_eq!(start.elapsed(), ms(100));
    });
}

#[test]
fn whichever_comes_first() {
    run(async {
        assert_eq!(timeout(ms(10), sleep(ms(9))).await, Ok(()));
        assert!(timeout(ms(10), sleep(ms(11))).await.is_err());
        // Both at once: the future is asked first.
        assert_eq!(timeout(ms(10), sleep(ms(10))).await, Ok(()));
    });
}

#[test]
fn the_longest_is_no_limit() {
    run(async {
        let mut limited = Box::pin(timeout(Duration::MAX, pending::<()>()));
        assert!(poll(&mut limited).is_pending());
        advance(Duration::from_secs(86_400 * 365 * 10)).await;
        assert!(poll(&mut limited).is_pending());
        assert!(format!("{limited:?}").starts_with("Timeout"));
    });
}

#[test]
fn the_future_is_reachable_and_comes_back() {
    let mut limited = timeout(ms(1), ready(1));
    assert!(format!("{limited:?}").contains("after"));
    let _: &std::future::Ready<i32> = limited.get_ref();
    *limited.get_mut() = ready(2);
    assert_eq!(poll(&mut limited.into_inner()), Poll::Ready(2));
}

#[test]
fn the_error_says_what_it_is() {
    let error: Elapsed = run(timeout(ms(1), pending::<()>())).unwrap_err();
    assert_eq!(error.to_string(), "deadline has elapsed");
    let error = io::Error::from(error);
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}

#[test]
fn dropping_it_removes_the_timer() {
    let timers = Timers::new();
    let _entered = timers.clone().enter();
    let mut limited = Box::pin(timeout(ms(1000), pending::<()>()));
    assert!(poll(&mut limited).is_pending());
    assert!(poll(&mut limited).is_pending());
    assert_eq!(timers.len(), 1);
    drop(limited);
    assert_eq!(timers.len(), 0);
}

/// Spends the whole budget in each poll, and is never done.
struct Greedy;

impl Future for Greedy {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match coop::poll_proceed(cx) {
                Poll::Ready(proceed) => proceed.made_progress(),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

#[test]
fn a_future_that_spends_the_budget_is_timed_out() {
    let timers = Timers::new();
    run_on(timers, async {
        let mut limited = pin!(timeout(ms(2), Greedy));
        let result = std::future::poll_fn(|cx| coop::budget(|| limited.as_mut().poll(cx)));
        assert!(result.await.is_err());
    });
}
