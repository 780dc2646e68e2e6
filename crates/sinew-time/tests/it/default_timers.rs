use std::future::poll_fn;
use std::pin::pin;
use std::sync::mpsc;
use std::task::Poll;
use std::thread;

use futures::executor::block_on;
use futures::future::{Either, join_all, poll_immediate, select};
use sinew_time::{Duration, Instant, sleep, sleep_until};

use crate::paused_runtime::ms;

#[test]
fn sleeps_are_never_early_and_need_no_runtime() {
    for micros in [1, 50, 100, 999, 1_000, 5_000] {
        let length = Duration::from_micros(micros);
        let start = Instant::now();
        let std_start = std::time::Instant::now();
        block_on(sleep(length));
        assert!(start.elapsed() >= length);
        assert!(std_start.elapsed() >= length);
    }
}

#[test]
fn a_short_sleep_is_not_held_up_by_a_long_one() {
    block_on(async {
        let mut long = pin!(sleep(Duration::from_secs(3600)));
        for millis in [5, 1] {
            let short = pin!(sleep(ms(millis)));
            let first = select(short, long.as_mut()).await;
            assert!(matches!(first, Either::Left(_)));
        }
    });
}

#[test]
fn many_sleeps_at_once_all_end() {
    let (tx, rx) = mpsc::channel();
    let start = Instant::now();
    block_on(join_all((0..50_u64).rev().map(|n| {
        let tx = tx.clone();
        async move {
            let deadline = start + ms(n / 2);
            sleep_until(deadline).await;
            assert!(Instant::now() >= deadline);
            tx.send(n / 2).unwrap();
        }
    })));
    drop(tx);
    assert_eq!(rx.iter().count(), 50);
}

#[test]
fn sleeps_work_on_many_threads() {
    let threads: Vec<_> = (0..8)
        .map(|n| {
            thread::spawn(move || {
                for _ in 0..20 {
                    let start = Instant::now();
                    block_on(sleep(Duration::from_micros(100 * n)));
                    assert!(start.elapsed() >= Duration::from_micros(100 * n));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn a_sleep_may_move_between_threads_while_it_waits() {
    let start = Instant::now();
    let mut moving = Box::pin(sleep(ms(20)));
    for _ in 0..4 {
        moving = thread::spawn(move || {
            assert!(block_on(poll_immediate(&mut moving)).is_none() || start.elapsed() >= ms(20));
            moving
        })
        .join()
        .unwrap();
    }
    block_on(moving);
    assert!(start.elapsed() >= ms(20));
}

#[test]
fn zero_and_past_deadlines_are_ready_at_once() {
    block_on(async {
        assert_eq!(poll_immediate(sleep(Duration::ZERO)).await, Some(()));
        let now = Instant::now();
        assert_eq!(poll_immediate(sleep_until(now)).await, Some(()));
        if let Some(past) = now.checked_sub(Duration::from_secs(1)) {
            assert_eq!(poll_immediate(sleep_until(past)).await, Some(()));
        }
    });
}

#[test]
fn forever_is_forever_and_does_not_panic() {
    block_on(async {
        for length in [
            Duration::MAX,
            Duration::MAX - ms(1),
            Duration::from_secs(u64::MAX / 10),
        ] {
            let mut forever = pin!(sleep(length));
            assert_eq!(poll_immediate(&mut forever).await, None);
            sleep(Duration::from_micros(10)).await;
            assert!(!forever.is_elapsed());
            assert!(forever.deadline() > Instant::now() + Duration::from_secs(86_400 * 300));
        }
    });
}

#[test]
fn a_finished_sleep_stays_ready() {
    block_on(async {
        let mut done = pin!(sleep(ms(1)));
        done.as_mut().await;
        assert!(done.is_elapsed());
        poll_fn(|cx| {
            assert!(done.as_mut().poll(cx).is_ready());
            Poll::Ready(())
        })
        .await;
    });
    use std::future::Future;
}
