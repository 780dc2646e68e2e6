use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::channel::oneshot;
use sinew_runtime::{Builder, Handle, LocalOptions, LocalRuntime, Runtime, spawn};
use sinew_task::yield_now;
use sinew_time::{Instant, sleep, timeout};

pub(crate) fn multi(workers: usize) -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(workers)
        .build()
        .unwrap()
}

pub(crate) fn current() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

pub(crate) fn local() -> LocalRuntime {
    Builder::new_current_thread()
        .build_local(LocalOptions::default())
        .unwrap()
}

/// Runs a body on every flavour.
pub(crate) fn on_each<F: Future<Output = ()>>(body: impl Fn() -> F) {
    multi(1).block_on(body());
    multi(3).block_on(body());
    current().block_on(body());
    local().block_on(body());
}

#[test]
fn spawn_and_join() {
    on_each(|| async {
        let handles: Vec<_> = (0..1000).map(|n| spawn(async move { n })).collect();
        let mut sum = 0;
        for handle in handles {
            sum += handle.await.unwrap();
        }
        assert_eq!(sum, 499_500);
    });
}

#[test]
fn tasks_spawn_tasks() {
    fn tree(depth: u32) -> futures::future::BoxFuture<'static, u32> {
        Box::pin(async move {
            if depth == 0 {
                return 1;
            }
            let left = spawn(tree(depth - 1));
            let right = spawn(tree(depth - 1));
            left.await.unwrap() + right.await.unwrap()
        })
    }
    on_each(|| async {
        assert_eq!(spawn(tree(8)).await.unwrap(), 256);
    });
}

#[test]
fn sleeps_are_never_early() {
    on_each(|| async {
        let handles = [30u64, 10, 20].map(|millis| {
            spawn(async move {
                let start = Instant::now();
                sleep(Duration::from_millis(millis)).await;
                assert!(start.elapsed() >= Duration::from_millis(millis));
            })
        });
        for handle in handles {
            handle.await.unwrap();
        }
    });
}

#[test]
fn timers_fire_while_all_workers_are_busy() {
    on_each(|| async {
        let stop = Arc::new(AtomicUsize::new(0));
        for _ in 0..4 {
            let stop = stop.clone();
            drop(spawn(async move {
                while stop.load(Ordering::Relaxed) == 0 {
                    yield_now().await;
                }
            }));
        }
        spawn(sleep(Duration::from_millis(5))).await.unwrap();
        stop.store(1, Ordering::Relaxed);
    });
}

#[test]
fn wakes_from_foreign_threads_end_a_park() {
    on_each(|| async {
        for n in 0..200 {
            let (sender, receiver) = oneshot::channel();
            let task = spawn(receiver);
            std::thread::spawn(move || sender.send(n).unwrap());
            assert_eq!(task.await.unwrap(), Ok(n));
        }
    });
}

#[test]
fn a_timeout_cancels_what_it_wraps() {
    on_each(|| async {
        let result = timeout(Duration::from_millis(5), std::future::pending::<()>()).await;
        assert!(result.is_err());
    });
}

#[test]
fn a_panic_reaches_the_handle_and_the_runtime_goes_on() {
    on_each(|| async {
        let error = spawn(async { panic!("on purpose") })
            .await
            .map(|(): ()| ())
            .unwrap_err();
        assert!(error.is_panic());
        assert!(error.to_string().contains("on purpose"));
        assert_eq!(spawn(async { 1 }).await.unwrap(), 1);
    });
}

#[test]
fn many_threads_spawn_on_one_handle() {
    let runtime = multi(2);
    let count = Arc::new(AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let handle: Handle = runtime.handle().clone();
            let count = &count;
            scope.spawn(move || {
                let tasks: Vec<_> = (0..500)
                    .map(|_| {
                        let count = count.clone();
                        handle.spawn(async move {
                            count.fetch_add(1, Ordering::Relaxed);
                        })
                    })
                    .collect();
                for task in tasks {
                    sinew_core::block_on(task).unwrap();
                }
            });
        }
    });
    assert_eq!(count.load(Ordering::Relaxed), 2000);
}
