//! Timers on several workers.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll};
use std::time::Duration;

use sinew_core::waker::waker_fn;
use sinew_runtime::{Builder, LocalOptions, Runtime, spawn};
use sinew_task::yield_now;
use sinew_time::{Instant, Sleep, sleep, timeout};

fn workers(count: usize) -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(count)
        .build()
        .unwrap()
}

/// Far longer than anything here takes: who waits for so long hangs.
const LONG: Duration = Duration::from_secs(60);

/// The sleep is in the wheel of a worker that is stuck in one poll.
#[test]
fn a_stuck_worker_does_not_hold_up_its_timers() {
    let runtime = workers(2);
    let stuck = runtime.spawn(async {
        let (fire, fired) = mpsc::channel();
        let waker = waker_fn(move || fire.send(()).unwrap_or_default());
        let mut cx = Context::from_waker(&waker);
        // On a machine too busy, one may end before its first poll.
        let _sleep = loop {
            let mut sleep = Box::pin(sleep(Duration::from_millis(5)));
            if sleep.as_mut().poll(&mut cx).is_pending() {
                break sleep;
            }
        };
        fired.recv_timeout(LONG)
    });
    assert_eq!(runtime.block_on(stuck).unwrap(), Ok(()));
}

/// As above, but the timer was there before the worker got stuck.
#[test]
fn a_timer_from_before_fires_while_its_worker_is_stuck() {
    let runtime = workers(2);
    let (fire, fired) = mpsc::channel();
    let sleeper = runtime.spawn(async move {
        sleep(Duration::from_millis(20)).await;
        fire.send(()).unwrap();
    });
    // One of the two is stuck on the worker of the sleep.
    let (done, wait) = mpsc::channel::<()>();
    let stuck = runtime.spawn(async move { wait.recv_timeout(LONG) });
    assert_eq!(fired.recv_timeout(LONG), Ok(()));
    drop(done);
    runtime.block_on(async {
        sleeper.await.unwrap();
        assert!(stuck.await.unwrap().is_err());
    });
}

#[test]
fn sleeps_are_never_early_and_end_on_any_worker() {
    let runtime = workers(3);
    let tasks: Vec<_> = (0..60u64)
        .map(|n| {
            runtime.spawn(async move {
                for round in 0..5 {
                    let span = Duration::from_micros(n * 37 % 900 + round * 10);
                    let start = Instant::now();
                    sleep(span).await;
                    assert!(start.elapsed() >= span);
                    let dropped = timeout(span, sleep(LONG)).await;
                    assert!(dropped.is_err());
                }
            })
        })
        .collect();
    runtime.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
}

/// A sleep goes from task to task, each of which polls it once.
#[test]
fn a_sleep_that_moves_wakes_who_polled_it_last() {
    let runtime = workers(3);
    runtime.block_on(async {
        for _ in 0..20 {
            let start = Instant::now();
            let mut sleep = Box::pin(sleep(Duration::from_millis(1)));
            for _ in 0..3 {
                let task = spawn(async move {
                    let polled = poll_fn(|cx| Poll::Ready(sleep.as_mut().poll(cx))).await;
                    assert!(polled.is_pending() || start.elapsed() >= Duration::from_millis(1));
                    (sleep,)
                });
                (sleep,) = task.await.unwrap();
            }
            sleep.await;
            assert!(start.elapsed() >= Duration::from_millis(1));
        }
    });
}

/// Sleeps are polled on one worker, then reset, dropped or awaited on whichever comes
/// next, by many tasks on eight workers.
#[test]
fn sleeps_are_reset_dropped_and_awaited_on_other_workers() {
    const TASKS: u64 = 64;
    let runtime = workers(8);
    let polled: Arc<Mutex<Vec<Pin<Box<Sleep>>>>> = Arc::default();
    let tasks: Vec<_> = (0..TASKS)
        .map(|n| {
            let polled = polled.clone();
            runtime.spawn(async move {
                for round in 0..100 {
                    let mut sleep = Box::pin(sleep(LONG));
                    let pending = poll_fn(|cx| Poll::Ready(sleep.as_mut().poll(cx).is_pending()));
                    assert!(pending.await);
                    let other = {
                        let mut polled = polled.lock().unwrap();
                        polled.push(sleep);
                        let at = (n + round) as usize % polled.len();
                        polled.swap_remove(at)
                    };
                    if round % 3 == 0 {
                        drop(other);
                    } else {
                        let mut other = other;
                        let until = Instant::now() + Duration::from_micros(round * 3);
                        other.as_mut().reset(until);
                        other.as_mut().await;
                        assert!(Instant::now() >= until);
                    }
                    yield_now().await;
                }
            })
        })
        .collect();
    runtime.block_on(async {
        let all = async {
            for task in tasks {
                task.await.unwrap();
            }
        };
        timeout(LONG, all).await.expect("no sleep was lost");
    });
    assert!(polled.lock().unwrap().is_empty());
}

/// A `block_on` in a task waits with its sleeps on the base.
#[test]
fn a_nested_block_on_sleeps() {
    let runtime = workers(1);
    let handle = runtime.handle().clone();
    runtime
        .block_on(runtime.spawn(async move {
            let outer = spawn(sleep(Duration::from_millis(2)));
            handle.block_on(async {
                sleep(Duration::from_millis(1)).await;
                outer.await.unwrap();
            });
            sleep(Duration::from_millis(1)).await;
        }))
        .unwrap();
}

/// A future that asks for its next poll in each poll, until `inner` is ready.
struct Restless<F>(Pin<Box<F>>);

impl<F: Future> Future for Restless<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let polled = self.0.as_mut().poll(cx);
        if polled.is_pending() {
            cx.waker().wake_by_ref();
        }
        polled
    }
}

#[test]
fn a_main_future_that_wakes_itself_does_not_starve_timers() {
    fn restless() -> Restless<impl Future<Output = ()>> {
        Restless(Box::pin(sleep(Duration::from_millis(5))))
    }
    let mut one = Builder::new_current_thread();
    one.build().unwrap().block_on(restless());
    one.build_local(LocalOptions::default())
        .unwrap()
        .block_on(restless());
    for guest in [true, false] {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .guest_block_on(guest)
            .build()
            .unwrap();
        runtime.block_on(restless());
        runtime.block_on(async { spawn(restless()).await.unwrap() });
    }
}
