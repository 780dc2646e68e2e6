use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sinew_core::block_on;
use sinew_executor::{Executor, LocalExecutor, LocalSpawner, StaticExecutor, spawn_local};
use sinew_task::yield_now;

#[test]
fn tasks_borrow_from_the_stack() {
    let count = AtomicUsize::new(0);
    let executor = Executor::new();
    let mut handles = Vec::new();
    executor.spawn_many(
        (0..100).map(|_| async {
            yield_now().await;
            count.fetch_add(1, Ordering::Relaxed);
        }),
        &mut handles,
    );
    block_on(executor.run(async {
        for handle in handles {
            handle.await.unwrap();
        }
    }));
    assert_eq!(count.load(Ordering::Relaxed), 100);
    assert!(executor.is_empty());
}

#[test]
fn threads_share_one_executor() {
    let count = AtomicUsize::new(0);
    let executor = Executor::new();
    for _ in 0..1000 {
        drop(executor.spawn(async {
            for _ in 0..10 {
                yield_now().await;
            }
            count.fetch_add(1, Ordering::Relaxed);
        }));
    }
    let all_done = async {
        while count.load(Ordering::Relaxed) < 1000 {
            yield_now().await;
        }
    };
    std::thread::scope(|scope| {
        // More runners than the executor may have queues for.
        for _ in 0..8 {
            scope.spawn(|| {
                block_on(executor.run(async {
                    while count.load(Ordering::Relaxed) < 1000 {
                        yield_now().await;
                    }
                }));
            });
        }
        block_on(executor.run(all_done));
    });
}

#[test]
fn a_runner_that_is_dropped_passes_its_wake_on() {
    let executor = Executor::new();
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let mut asleep = Box::pin(executor.run(std::future::pending::<()>()));
    assert!(asleep.as_mut().poll(&mut cx).is_pending());
    // The wake goes to the runner that nobody polls any more ...
    let handle = executor.spawn(async { 3 });
    drop(asleep);
    // ... and must not be lost with it.
    assert_eq!(block_on(executor.run(handle)).unwrap(), 3);
}

#[test]
fn local_tasks_share_without_locks() {
    let total = Rc::new(Cell::new(0));
    let executor = LocalExecutor::new();
    block_on(executor.run(async {
        let handles: Vec<_> = (0..10)
            .map(|n| {
                let total = total.clone();
                executor.spawn(async move {
                    yield_now().await;
                    total.set(total.get() + n);
                })
            })
            .collect();
        for handle in handles {
            handle.await.unwrap();
        }
    }));
    assert_eq!(total.get(), 45);
}

#[test]
fn spawn_local_goes_to_the_entered_executor() {
    let executor = LocalExecutor::new();
    assert!(LocalSpawner::current().is_none());
    let out = executor.enter(|| {
        block_on(executor.run(async {
            let shared = Rc::new(5);
            let inner = shared.clone();
            spawn_local(async move { spawn_local(async move { *inner }).await.unwrap() })
                .await
                .unwrap()
                + *shared
        }))
    });
    assert_eq!(out, 10);
    assert!(LocalSpawner::current().is_none());
}

#[test]
#[should_panic(expected = "outside of a `task::LocalSet` or `runtime::LocalRuntime`")]
fn spawn_local_elsewhere_panics() {
    drop(spawn_local(async {}));
}

#[test]
fn a_spawner_that_outlives_its_executor_cancels() {
    let executor = LocalExecutor::new();
    let spawner = executor.enter(|| LocalSpawner::current().unwrap());
    drop(executor);
    let handle = spawner.spawn(async {});
    assert!(block_on(handle).unwrap_err().is_cancelled());
}

#[test]
fn a_static_executor_is_shared_by_threads() {
    static EXECUTOR: StaticExecutor = StaticExecutor::new();
    let done = Arc::new(AtomicUsize::new(0));
    let mut handles = Vec::new();
    EXECUTOR.spawn_many(
        (0..1000).map(|n| {
            let done = done.clone();
            async move {
                sinew_task::yield_now().await;
                done.fetch_add(1, Ordering::Relaxed);
                n
            }
        }),
        &mut handles,
    );
    assert!(EXECUTOR.try_tick());
    block_on(EXECUTOR.tick());
    let joined = std::thread::spawn(move || {
        block_on(EXECUTOR.run(async {
            let mut sum = 0;
            for handle in handles {
                sum += handle.await.unwrap();
            }
            sum
        }))
    });
    block_on(EXECUTOR.run(EXECUTOR.spawn(async {}))).unwrap();
    assert_eq!(joined.join().unwrap(), 499_500);
    assert_eq!(done.load(Ordering::Relaxed), 1000);
}
