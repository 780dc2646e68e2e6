use std::future::pending;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use sinew_reactor::Async;
use sinew_runtime::{
    Builder, Handle, HistogramConfiguration, HistogramScale, LogHistogram, RuntimeMetrics,
    block_in_place, spawn, spawn_blocking, worker_index,
};
use sinew_task::yield_now;

use crate::conformance::{current, local, multi, on_each};

/// Gives other threads time to get there. Bounded only against hanging.
fn eventually(what: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while !what() {
        assert!(std::time::Instant::now() < deadline, "did not happen");
        std::thread::yield_now();
    }
}

#[test]
fn tasks_are_counted_while_they_live() {
    on_each(|| async {
        let metrics = Handle::current().metrics();
        assert_eq!(metrics.num_alive_tasks(), 0);
        let tasks: Vec<_> = (0..10).map(|_| spawn(pending::<()>())).collect();
        assert_eq!(metrics.num_alive_tasks(), 10);
        for task in tasks {
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        }
        assert_eq!(metrics.active_tasks_count(), 0);
    });
}

#[test]
fn workers_count_what_they_do() {
    for runtime in [multi(2), current()] {
        let metrics = runtime.metrics();
        runtime.block_on(async {
            for _ in 0..50 {
                spawn(yield_now()).await.unwrap();
            }
        });
        let each = |read: &dyn Fn(&RuntimeMetrics, usize) -> u64| -> u64 {
            (0..metrics.num_workers())
                .map(|worker| read(&metrics, worker))
                .sum()
        };
        assert_eq!(metrics.spawned_tasks_count(), 50);
        // Also those of the thread in `block_on`, which runs tasks too.
        assert_eq!(
            each(&|metrics, worker| metrics.worker_poll_count(worker)),
            100
        );
        drop(runtime);
        let parks = each(&|metrics, worker| metrics.worker_park_count(worker));
        let unparks = each(&|metrics, worker| metrics.worker_park_unpark_count(worker));
        assert!(unparks >= parks && unparks <= 2 * parks);
        assert_eq!(metrics.global_queue_depth(), 0);
    }
}

#[test]
fn a_stand_in_for_a_worker_counts_too() {
    let runtime = multi(1);
    let metrics = runtime.metrics();
    let task = runtime.spawn(async {
        let task = spawn(async {});
        block_in_place(|| Handle::current().block_on(task).unwrap());
    });
    runtime.block_on(task).unwrap();
    assert_eq!(metrics.worker_poll_count(0), 2);
}

#[test]
fn a_current_thread_runtime_counts_each_poll() {
    let runtime = Builder::new_current_thread()
        .enable_metrics_poll_time_histogram()
        .metrics_poll_time_histogram_configuration(HistogramConfiguration::log(
            LogHistogram::default(),
        ))
        .build()
        .unwrap();
    let metrics = runtime.metrics();
    runtime.block_on(async {
        for _ in 0..10 {
            spawn(yield_now()).await.unwrap();
        }
    });
    assert_eq!(metrics.worker_poll_count(0), 20);
    assert!(metrics.poll_time_histogram_enabled());
    let buckets = metrics.poll_time_histogram_num_buckets();
    let counted = (0..buckets).map(|bucket| metrics.poll_time_histogram_bucket_count(0, bucket));
    assert_eq!(counted.sum::<u64>(), 20);
    let last = metrics.poll_time_histogram_bucket_range(buckets - 1);
    assert_eq!(last.end, Duration::from_nanos(u64::MAX));
    assert!(metrics.worker_thread_id(0) == Some(std::thread::current().id()));
}

#[test]
fn a_task_that_uses_up_its_budget_is_counted() {
    let runtime = current();
    let metrics = runtime.metrics();
    let task = runtime.spawn(async {
        for _ in 0..1000 {
            sinew_core::coop::consume_budget().await;
        }
    });
    runtime.block_on(task).unwrap();
    assert_eq!(metrics.budget_forced_yield_count(), 1000 / 128);
}

#[test]
fn a_local_runtime_counts_too() {
    let runtime = local();
    let metrics = runtime.metrics();
    runtime.block_on(async {
        let task = sinew_runtime::spawn_local(async {
            for _ in 0..1000 {
                sinew_core::coop::consume_budget().await;
            }
        });
        assert_eq!(metrics.worker_local_queue_depth(0), 1);
        task.await.unwrap();
    });
    assert_eq!(metrics.spawned_tasks_count(), 1);
    assert_eq!(metrics.worker_poll_count(0), 1 + 1000 / 128);
    assert_eq!(metrics.worker_local_schedule_count(0), 1 + 1000 / 128);
    assert_eq!(metrics.budget_forced_yield_count(), 1000 / 128);
    assert_eq!(metrics.worker_local_queue_depth(0), 0);
}

#[test]
fn remote_schedules_are_those_from_elsewhere() {
    let runtime = current();
    let metrics = runtime.metrics();
    let handle = runtime.handle().clone();
    std::thread::spawn(move || drop(handle.spawn(async {})))
        .join()
        .unwrap();
    assert_eq!(metrics.remote_schedule_count(), 1);
    assert_eq!(metrics.injection_queue_depth(), 1);
}

#[test]
fn the_blocking_pool_is_counted() {
    on_each(|| async {
        let metrics = Handle::current().metrics();
        assert_eq!(metrics.num_blocking_threads(), 0);
        let (release, released) = mpsc::channel::<()>();
        let (started, has_started) = mpsc::channel();
        let task = spawn_blocking(move || {
            started.send(()).unwrap();
            let _ = released.recv();
        });
        has_started.recv().unwrap();
        assert_eq!(metrics.num_blocking_threads(), 1);
        assert_eq!(metrics.num_idle_blocking_threads(), 0);
        assert_eq!(metrics.blocking_queue_depth(), 0);
        drop(release);
        task.await.unwrap();
        eventually(|| metrics.num_idle_blocking_threads() == 1);
    });
}

#[test]
fn io_sources_are_counted() {
    on_each(|| async {
        let metrics = Handle::current().metrics();
        let listener = Async::new(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
        assert_eq!(metrics.io_driver_fd_registered_count(), 1);
        let address = listener.get_ref().local_addr().unwrap();
        let _stream = TcpStream::connect(address).unwrap();
        listener.readable().await.unwrap();
        assert!(metrics.io_driver_ready_count() >= 1);
        drop(listener);
        assert_eq!(metrics.io_driver_fd_deregistered_count(), 1);
    });
}

#[test]
fn workers_know_their_numbers_and_threads() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .guest_block_on(false)
        .build()
        .unwrap();
    let metrics = runtime.metrics();
    assert_eq!(worker_index(), None);
    runtime
        .block_on(spawn_on_worker(&runtime, move || {
            let index = worker_index().unwrap();
            assert_eq!(
                metrics.worker_thread_id(index),
                Some(std::thread::current().id())
            );
        }))
        .unwrap();
    assert_eq!(local().metrics().worker_poll_count(0), 0);
}

fn spawn_on_worker(
    runtime: &sinew_runtime::Runtime,
    f: impl FnOnce() + Send + 'static,
) -> sinew_task::JoinHandle<()> {
    runtime.spawn(async move { f() })
}

#[test]
#[should_panic(expected = "there is no worker 1")]
fn a_worker_that_is_not_there_panics() {
    let _ = current().metrics().worker_poll_count(1);
}

#[test]
#[should_panic(expected = "event_interval cannot be set to 0")]
fn an_interval_of_zero_panics() {
    Builder::new_current_thread().event_interval(0);
}

#[test]
fn the_older_names_of_the_histogram() {
    let runtime = Builder::new_current_thread()
        .enable_metrics_poll_count_histogram()
        .metrics_poll_count_histogram_scale(HistogramScale::Log)
        .metrics_poll_count_histogram_resolution(Duration::from_micros(50))
        .metrics_poll_count_histogram_buckets(20)
        .build()
        .unwrap();
    let metrics = runtime.metrics();
    runtime.block_on(async { spawn(async {}).await.unwrap() });
    assert!(metrics.poll_count_histogram_enabled());
    let buckets = metrics.poll_count_histogram_num_buckets();
    assert_eq!(buckets, 20);
    let first = metrics.poll_count_histogram_bucket_range(0);
    assert_eq!(first, Duration::ZERO..Duration::from_nanos(65_536));
    let counted = (0..buckets).map(|bucket| metrics.poll_count_histogram_bucket_count(0, bucket));
    assert_eq!(counted.sum::<u64>(), 1);
}
