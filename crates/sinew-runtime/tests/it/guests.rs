//! `block_on` on a multi-thread runtime: a guest among the workers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use sinew_runtime::{Builder, block_in_place, spawn};
use sinew_task::yield_now;
use sinew_time::{interval, sleep};

use crate::conformance::multi;

/// Blocks its thread until the sender is used or dropped.
fn wait_for(receiver: mpsc::Receiver<ThreadId>) -> ThreadId {
    receiver.recv().unwrap()
}

#[test]
fn what_the_future_spawns_and_awaits_runs_on_its_thread() {
    let runtime = multi(2);
    let here = thread::current().id();
    // Not before the workers have started and found nothing to do.
    let began = Instant::now();
    while runtime.block_on(async { spawn(async { thread::current().id() }).await.unwrap() }) != here
    {
        assert!(began.elapsed() < Duration::from_secs(60));
    }
}

#[test]
fn without_guests_it_never_does() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .guest_block_on(false)
        .build()
        .unwrap();
    let here = thread::current().id();
    for _ in 0..50 {
        let there = runtime.block_on(async { spawn(async { thread::current().id() }).await });
        assert_ne!(there.unwrap(), here);
    }
}

#[test]
fn a_future_that_blocks_does_not_hold_its_tasks_up() {
    for workers in [1, 2] {
        let runtime = multi(workers);
        let here = thread::current().id();
        let there = runtime.block_on(async {
            let (sender, receiver) = mpsc::channel();
            drop(spawn(async move {
                sender.send(thread::current().id()).unwrap()
            }));
            // Blocks the guest inside of its main future.
            wait_for(receiver)
        });
        assert_ne!(there, here);
        // It was excused, and is counted right again afterwards.
        let sum = runtime.block_on(async {
            let tasks: Vec<_> = (0..100).map(|n| spawn(async move { n })).collect();
            let mut sum = 0;
            for task in tasks {
                sum += task.await.unwrap();
            }
            sum
        });
        assert_eq!(sum, 4950);
    }
}

#[test]
fn a_task_next_in_line_behind_a_long_poll_is_stolen() {
    let runtime = multi(2);
    let there = runtime.block_on(runtime.spawn(async {
        let (sender, receiver) = mpsc::channel();
        drop(spawn(async move {
            sender.send(thread::current().id()).unwrap()
        }));
        // The task waits in this worker's slot, and nobody was told.
        (wait_for(receiver), thread::current().id())
    }));
    let (there, here) = there.unwrap();
    assert_ne!(there, here);
}

#[test]
fn no_more_threads_run_tasks_than_there_are_workers() {
    let runtime = multi(2);
    let running = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    runtime.block_on(async {
        let tasks: Vec<_> = (0..200)
            .map(|_| {
                let (running, most) = (running.clone(), most.clone());
                spawn(async move {
                    for _ in 0..20 {
                        let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(now, Ordering::SeqCst);
                        std::hint::black_box((0..500).sum::<u64>());
                        running.fetch_sub(1, Ordering::SeqCst);
                        yield_now().await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert!(most.load(Ordering::SeqCst) <= 2);
}

#[test]
fn many_guests_at_once() {
    let runtime = multi(2);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for n in 0..100u32 {
                    let value = runtime.block_on(async {
                        let task = spawn(async move {
                            yield_now().await;
                            n
                        });
                        if n % 10 == 0 {
                            sleep(Duration::from_micros(100)).await;
                        }
                        task.await.unwrap()
                    });
                    assert_eq!(value, n);
                }
            });
        }
    });
}

#[test]
fn a_guest_that_panics_leaves_its_tasks_to_the_workers() {
    let runtime = multi(1);
    let (sender, receiver) = mpsc::channel();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        runtime.block_on(async {
            drop(spawn(async move { sender.send(7).unwrap() }));
            panic!("main");
        });
    }));
    assert!(panicked.is_err());
    assert_eq!(receiver.recv().unwrap(), 7);
    assert_eq!(
        runtime.block_on(async { spawn(async { 1 }).await.unwrap() }),
        1
    );
}

#[test]
fn blocking_in_place_hands_the_worker_over() {
    for workers in [1, 2] {
        let runtime = multi(workers);
        // On as many tasks at once as there are workers, and one within another.
        let tasks: Vec<_> = (0..workers)
            .map(|_| {
                runtime.spawn(async {
                    let (sender, receiver) = mpsc::channel();
                    let task = spawn(async move {
                        sleep(Duration::from_millis(1)).await;
                        block_in_place(|| block_in_place(|| sender.send(1).unwrap()));
                        2
                    });
                    let one = block_in_place(|| receiver.recv().unwrap());
                    one + task.await.unwrap()
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(runtime.block_on(task).unwrap(), 3);
        }
    }
}

#[test]
fn blocking_in_place_in_the_main_future() {
    let runtime = multi(1);
    let value = runtime.block_on(async {
        let (sender, receiver) = mpsc::channel();
        drop(spawn(async move { sender.send(5).unwrap() }));
        block_in_place(|| receiver.recv().unwrap())
    });
    assert_eq!(value, 5);
    assert_eq!(block_in_place(|| 1), 1);
}

#[test]
#[should_panic(expected = "multi-thread")]
fn blocking_in_place_needs_another_thread() {
    crate::conformance::current().block_on(async { block_in_place(|| ()) });
}

#[test]
fn an_interval_is_not_starved_by_tasks_that_yield() {
    let runtime = multi(2);
    runtime.block_on(async {
        let stop = Arc::new(AtomicUsize::new(0));
        let loads: Vec<_> = (0..8)
            .map(|_| {
                let stop = stop.clone();
                spawn(async move {
                    while stop.load(Ordering::Relaxed) == 0 {
                        yield_now().await;
                    }
                })
            })
            .collect();
        let began = Instant::now();
        let mut ticks = interval(Duration::from_millis(2));
        for _ in 0..10 {
            ticks.tick().await;
        }
        let took = began.elapsed();
        stop.store(1, Ordering::Relaxed);
        for load in loads {
            load.await.unwrap();
        }
        // Starved, they would come when the tasks do not yield any more: never.
        assert!(took < Duration::from_secs(30), "ten ticks took {took:?}");
    });
}
