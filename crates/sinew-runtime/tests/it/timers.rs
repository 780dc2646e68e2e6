//! Timers on several workers.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use sinew_core::waker::waker_fn;
use sinew_runtime::{Builder, LocalOptions, Runtime, spawn, spawn_blocking};
use sinew_task::yield_now;
use sinew_time::{Instant, Sleep, sleep, timeout};

use crate::conformance;

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

/// Threads to which sleeps are handed, which reset, poll, keep or drop them.
struct Handlers {
    to: mpsc::Sender<Pin<Box<Sleep>>>,
    from: mpsc::Receiver<Pin<Box<Sleep>>>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Handlers {
    fn start() -> Handlers {
        let (to, sleeps) = mpsc::channel::<Pin<Box<Sleep>>>();
        let (back, from) = mpsc::channel();
        let sleeps = Arc::new(Mutex::new(sleeps));
        let threads = (0..3).map(|_| {
            let (sleeps, back) = (sleeps.clone(), back.clone());
            thread::spawn(move || {
                for n in 0_u64.. {
                    let received = sleeps.lock().unwrap().recv();
                    let Ok(mut sleep) = received else { return };
                    match n % 4 {
                        0 => continue,
                        1 => {
                            let mut cx = Context::from_waker(Waker::noop());
                            _ = sleep.as_mut().poll(&mut cx);
                        }
                        _ => {
                            let until = Instant::now() + Duration::from_micros(n % 200);
                            sleep.as_mut().reset(until);
                        }
                    }
                    if back.send(sleep).is_err() {
                        return;
                    }
                }
            })
        });
        let threads = threads.collect();
        Handlers { to, from, threads }
    }

    /// Polls a sleep once, gives it away, and waits for others that came back.
    async fn exchange(&self, round: u64) {
        let span = [Duration::from_micros(round % 300), LONG][round as usize % 2];
        let mut sleep = Box::pin(sleep(span));
        poll_fn(|cx| Poll::Ready(sleep.as_mut().poll(cx).is_pending())).await;
        self.to.send(sleep).unwrap();
        while let Ok(mut back) = self.from.try_recv() {
            let until = back.deadline();
            if until < Instant::now() + LONG / 2 {
                back.as_mut().await;
                assert!(Instant::now() >= until);
            }
        }
    }

    fn end(self) {
        drop((self.to, self.from));
        self.threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
    }
}

/// A thread that keeps its timers parks often, while others come for its sleeps.
#[test]
fn sleeps_of_one_thread_are_reset_polled_and_dropped_on_others() {
    async fn work(handlers: &Handlers) {
        for round in 0..500 {
            handlers.exchange(round).await;
            sleep(Duration::from_micros(round % 50)).await;
        }
    }
    let handlers = Handlers::start();
    conformance::local().block_on(work(&handlers));
    conformance::current().block_on(work(&handlers));
    handlers.end();
}

/// The task waits on its own thread, and another moves the deadline of its sleep.
#[test]
fn a_reset_from_another_thread_reaches_a_local_task() {
    for runtime in [conformance::local(), conformance::local()] {
        let shared = Arc::new(Mutex::new(Box::pin(sleep(LONG))));
        let start = Instant::now();
        let resetting = {
            let shared = shared.clone();
            thread::spawn(move || {
                for us in [900_000, 300, 200] {
                    let until = start + Duration::from_micros(us);
                    shared.lock().unwrap().as_mut().reset(until);
                }
            })
        };
        runtime.block_on(poll_fn(|cx| shared.lock().unwrap().as_mut().poll(cx)));
        assert!(start.elapsed() < LONG / 2);
        resetting.join().unwrap();
    }
}

/// Threads in `block_on` take turns in keeping the timers of a current-thread runtime.
#[test]
fn a_sleep_goes_on_when_another_thread_runs_the_tasks() {
    let runtime = conformance::current();
    let task = runtime.spawn(async {
        for _ in 0..30 {
            sleep(Duration::from_micros(200)).await;
        }
    });
    let rounds = |n: u64| {
        for _ in 0..10 {
            runtime.block_on(sleep(Duration::from_micros(100 * n)));
        }
    };
    thread::scope(|s| {
        (0..3).for_each(|n| _ = s.spawn(move || rounds(n)));
    });
    runtime.block_on(task).unwrap();
}

/// The sleep is in the wheel that its runtime's thread kept.
#[test]
fn a_sleep_outlives_its_local_runtime_elsewhere() {
    let runtime = conformance::local();
    let mut sleep = Box::pin(sleep(Duration::from_millis(2)));
    runtime
        .block_on(poll_fn(|cx| Poll::Ready(sleep.as_mut().poll(cx))))
        .is_ready();
    let (begun, wait) = mpsc::channel();
    let elsewhere = thread::spawn(move || {
        begun.send(()).unwrap();
        sinew_core::block_on(sleep);
    });
    wait.recv().unwrap();
    drop(runtime);
    elsewhere.join().unwrap();
}

/// A closure of a local runtime sleeps on the base, while its thread keeps its own.
#[test]
fn a_blocking_closure_sleeps_beside_a_local_task() {
    let runtime = conformance::local();
    let handle = runtime.handle().clone();
    runtime.block_on(async {
        let closure = spawn_blocking(move || {
            let start = Instant::now();
            handle.block_on(sleep(Duration::from_millis(2)));
            assert!(start.elapsed() >= Duration::from_millis(2));
        });
        for _ in 0..5 {
            sleep(Duration::from_micros(300)).await;
        }
        closure.await.unwrap();
    });
}

#[test]
fn local_runtimes_nest_with_sleeps_of_both() {
    let (outer, inner) = (conformance::local(), conformance::local());
    outer.block_on(async {
        let mine = spawn(sleep(Duration::from_millis(1)));
        let polled = &mut Box::pin(sleep(Duration::from_millis(3)));
        poll_fn(|cx| Poll::Ready(polled.as_mut().poll(cx)))
            .await
            .is_ready();
        inner.block_on(async {
            sleep(Duration::from_millis(1)).await;
            polled.as_mut().await;
            outer.block_on(sleep(Duration::from_millis(1)));
            sleep(Duration::from_millis(1)).await;
        });
        mine.await.unwrap();
        sleep(Duration::from_millis(1)).await;
    });
}

/// A sleep of a runtime that ends is not ready before its time, but goes on elsewhere: on
/// the runtime where it was polled since, or where it is polled next.
#[test]
fn a_sleep_that_was_reset_on_another_runtime_outlives_its_own() {
    for polled_there in [false, true] {
        let (first, second) = (workers(1), conformance::current());
        let made = first.spawn(async {
            let mut sleep = Box::pin(sleep(LONG));
            let polled = poll_fn(|cx| Poll::Ready(sleep.as_mut().poll(cx))).await;
            assert!(polled.is_pending());
            (sleep,)
        });
        let (mut sleep,) = first.block_on(made).unwrap();
        second.block_on(async {
            sleep.as_mut().reset(Instant::now() + LONG);
            if polled_there {
                let polled = poll_fn(|cx| Poll::Ready(sleep.as_mut().poll(cx))).await;
                assert!(polled.is_pending());
            }
        });
        drop(first);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(sleep.as_mut().poll(&mut cx).is_pending());
        assert!(!sleep.is_elapsed());
        let until = Instant::now() + Duration::from_millis(2);
        second.block_on(async {
            sleep.as_mut().reset(until);
            sleep.as_mut().await;
        });
        assert!(Instant::now() >= until);
    }
}
