use std::future::{Future, pending};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use sinew_core::block_on;
use sinew_runtime::{Builder, Runtime, spawn, spawn_blocking};

use crate::conformance::{current, local, multi};

struct OnDrop(Arc<AtomicUsize>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn dropping_a_runtime_drops_its_tasks_before_it_returns() {
    for runtime in [multi(1), multi(3), current()] {
        let drops = Arc::new(AtomicUsize::new(0));
        let handles: Vec<_> = (0..100)
            .map(|_| {
                let guard = OnDrop(drops.clone());
                runtime.spawn(async move {
                    let _guard = guard;
                    pending::<()>().await;
                })
            })
            .collect();
        runtime.block_on(async { sinew_task::yield_now().await });
        drop(runtime);
        assert_eq!(drops.load(Ordering::SeqCst), 100);
        for handle in handles {
            assert!(block_on(handle).unwrap_err().is_cancelled());
        }
    }
}

#[test]
fn dropping_a_local_runtime_drops_its_tasks() {
    let drops = Arc::new(AtomicUsize::new(0));
    let runtime = local();
    for _ in 0..10 {
        let guard = OnDrop(drops.clone());
        drop(runtime.spawn_local(async move {
            let _guard = guard;
            pending::<()>().await;
        }));
    }
    drop(runtime);
    assert_eq!(drops.load(Ordering::SeqCst), 10);
}

#[test]
fn spawning_after_the_end_is_cancelled() {
    for runtime in [multi(1), current()] {
        let handle = runtime.handle().clone();
        drop(runtime);
        assert!(block_on(handle.spawn(async {})).unwrap_err().is_cancelled());
        let blocking = handle.spawn_blocking(|| ());
        assert!(block_on(blocking).unwrap_err().is_cancelled());
    }
}

#[test]
fn a_destructor_may_spawn_while_the_runtime_ends() {
    struct Spawns;
    impl Drop for Spawns {
        fn drop(&mut self) {
            let late = spawn(async {});
            assert!(block_on(late).unwrap_err().is_cancelled());
        }
    }
    for runtime in [multi(2), current()] {
        drop(runtime.spawn(async {
            let _spawns = Spawns;
            pending::<()>().await;
        }));
        runtime.block_on(async { sinew_task::yield_now().await });
        drop(runtime);
    }
}

#[test]
fn shutdown_timeout_does_not_wait_for_a_stuck_closure() {
    let runtime = multi(1);
    let (release, released) = mpsc::channel::<()>();
    let (started, has_started) = mpsc::channel();
    drop(runtime.spawn_blocking(move || {
        started.send(()).unwrap();
        let _ = released.recv();
    }));
    has_started.recv().unwrap();
    let before = Instant::now();
    runtime.shutdown_timeout(Duration::from_millis(20));
    assert!(before.elapsed() >= Duration::from_millis(20));
    drop(release);
}

#[test]
fn a_closure_that_was_spawned_on_an_idle_pool_runs_in_spite_of_a_shutdown() {
    const LONG: Duration = Duration::from_secs(600);
    type Shutdown = fn(Runtime);
    let ways: [Shutdown; 3] = [
        drop,
        |runtime| runtime.shutdown_timeout(LONG),
        Runtime::shutdown_background,
    ];
    for shutdown in ways {
        for runtime in [multi(2), current()] {
            let value = runtime.spawn_blocking(|| 42);
            shutdown(runtime);
            assert_eq!(sinew_core::block_on(value).unwrap(), 42);
        }
    }
    let runtime = local();
    let value = runtime.spawn_blocking(|| 42);
    drop(runtime);
    assert_eq!(sinew_core::block_on(value).unwrap(), 42);
}

#[test]
fn shutdown_timeout_does_not_wait_for_a_stuck_task() {
    let runtime = multi(1);
    let (release, released) = mpsc::channel::<()>();
    let (started, has_started) = mpsc::channel();
    drop(runtime.spawn(async move {
        started.send(()).unwrap();
        let _ = released.recv();
    }));
    has_started.recv().unwrap();
    runtime.shutdown_timeout(Duration::from_millis(20));
    drop(release);
}

#[test]
fn shutdown_background_returns_at_once_and_may_be_called_in_async_code() {
    let outer = current();
    outer.block_on(async {
        let inner = multi(1);
        inner.block_on(async {});
        inner.shutdown_background();
    });
}

#[test]
fn shutdown_background_does_not_wait_for_a_main_future_that_blocks() {
    let runtime = current();
    let handle = runtime.handle().clone();
    let (release, released) = mpsc::channel::<()>();
    let (started, has_started) = mpsc::channel();
    let other = std::thread::spawn(move || {
        handle.block_on(async {
            let task = spawn(pending::<()>());
            started.send(()).unwrap();
            released.recv().unwrap();
            task.await
        })
    });
    has_started.recv().unwrap();
    runtime.shutdown_background();
    release.send(()).unwrap();
    assert!(other.join().unwrap().unwrap_err().is_cancelled());
}

#[test]
fn dropping_a_runtime_inside_of_async_code_does_not_wait() {
    let (release, released) = mpsc::channel::<()>();
    let outer = current();
    outer.block_on(async {
        let inner = multi(1);
        let (started, has_started) = mpsc::channel();
        drop(inner.spawn_blocking(move || {
            started.send(()).unwrap();
            let _ = released.recv();
        }));
        has_started.recv().unwrap();
        drop(inner);
    });
    drop(release);
}

#[test]
fn a_runtime_may_be_dropped_by_one_of_its_own_tasks() {
    let runtime = Arc::new(multi(2));
    let (dropped, has_dropped) = mpsc::channel();
    let (go, may_go) = mpsc::channel::<()>();
    drop(runtime.spawn({
        let runtime = runtime.clone();
        async move {
            may_go.recv().unwrap();
            let runtime: Runtime = Arc::into_inner(runtime).unwrap();
            drop(runtime);
            dropped.send(()).unwrap();
        }
    }));
    drop(runtime);
    go.send(()).unwrap();
    has_dropped.recv().unwrap();
}

#[test]
fn thread_hooks_fire_for_workers_and_blocking_threads() {
    let (starts, stops) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (on_start, on_stop) = (starts.clone(), stops.clone());
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .on_thread_start(move || {
            on_start.fetch_add(1, Ordering::SeqCst);
        })
        .on_thread_stop(move || {
            on_stop.fetch_add(1, Ordering::SeqCst);
        })
        .build()
        .unwrap();
    runtime.block_on(async { spawn_blocking(|| ()).await.unwrap() });
    drop(runtime);
    assert_eq!(starts.load(Ordering::SeqCst), 3);
    assert_eq!(stops.load(Ordering::SeqCst), 3);
}

#[test]
fn a_sleep_that_outlives_its_runtime_goes_on_elsewhere() {
    let mut sleep = Box::pin(sinew_time::sleep(Duration::from_millis(1)));
    let polled = Arc::new(AtomicBool::new(false));
    let runtime = current();
    runtime.block_on(std::future::poll_fn(|cx| {
        polled.store(sleep.as_mut().poll(cx).is_ready(), Ordering::SeqCst);
        std::task::Poll::Ready(())
    }));
    drop(runtime);
    block_on(sleep);
}

#[test]
fn a_current_thread_runtime_ends_while_another_thread_runs_it() {
    let runtime = current();
    let handle = runtime.handle().clone();
    let (started, has_started) = mpsc::channel();
    let (release, released) = sinew_sync::oneshot::channel::<()>();
    let runner = std::thread::spawn(move || {
        handle.block_on(async {
            let task = spawn(pending::<()>());
            started.send(()).unwrap();
            assert!(task.await.unwrap_err().is_cancelled());
            released.await.unwrap();
        });
    });
    has_started.recv().unwrap();
    drop(runtime);
    release.send(()).unwrap();
    runner.join().unwrap();
}
