//! `RuntimeMetrics`: what a runtime tells of itself.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::thread::ThreadId;
use std::time::Duration;

use sinew_executor::{Histogram, SchedulerMetrics, WorkerMetrics};

use crate::handle::Inner;

pub(crate) use histogram::Scaled;
pub use histogram::{
    HistogramConfiguration, HistogramScale, InvalidHistogramConfiguration, LogHistogram,
    LogHistogramBuilder,
};

mod histogram;

/// What a runtime has done and is doing. Made by
/// [`Handle::metrics`](crate::Handle::metrics).
///
/// Each number is exact for some moment; two that are asked one after the other
/// need not be of the same. Counters begin at zero when the runtime is made and
/// never go down. Workers are numbered from 0 to
/// [`num_workers`](Self::num_workers); a runtime without worker threads has one,
/// the thread in `block_on`. What a local runtime does not count is zero.
///
/// Threads that do a worker's work for a while, one in `block_on`
/// ([`guest_block_on`](crate::Builder::guest_block_on)) or one that stands in for a worker in
/// [`block_in_place`](crate::block_in_place), have no number. What they poll, schedule and
/// steal, and their time at work, is added to a worker's figures, so that the sum over all
/// workers is that of the runtime; how often they park is not.
///
/// ```
/// let runtime = sinew_runtime::Builder::new_current_thread().build()?;
/// let metrics = runtime.metrics();
/// runtime.block_on(async {
///     let task = sinew_runtime::spawn(std::future::pending::<()>());
///     assert_eq!(metrics.num_alive_tasks(), 1);
///     task.abort();
///     assert!(task.await.unwrap_err().is_cancelled());
/// });
/// assert_eq!(metrics.num_workers(), 1);
/// assert!(metrics.worker_poll_count(0) >= 1);
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone)]
pub struct RuntimeMetrics {
    inner: Arc<Inner>,
}

impl RuntimeMetrics {
    pub(crate) fn of(inner: &Arc<Inner>) -> RuntimeMetrics {
        RuntimeMetrics {
            inner: inner.clone(),
        }
    }

    fn scheduler<T: Default>(&self, read: impl FnOnce(SchedulerMetrics) -> T) -> T {
        let metrics = self.inner.flavor.scheduler_metrics();
        metrics.map_or_else(T::default, read)
    }

    #[track_caller]
    fn worker(&self, worker: usize) -> WorkerMetrics {
        self.assert_worker(worker);
        self.inner.flavor.worker_metrics(worker).unwrap_or_default()
    }

    #[track_caller]
    fn assert_worker(&self, worker: usize) {
        let count = self.inner.workers;
        assert!(
            worker < count,
            "there is no worker {worker}: the runtime has {count} of them"
        );
    }

    /// How many threads run tasks.
    #[must_use]
    pub fn num_workers(&self) -> usize {
        self.inner.workers
    }

    /// How many tasks have not finished.
    #[must_use]
    pub fn num_alive_tasks(&self) -> usize {
        self.inner.schedule.task_count()
    }

    /// The same as [`num_alive_tasks`](Self::num_alive_tasks), by its older name.
    #[must_use]
    pub fn active_tasks_count(&self) -> usize {
        self.num_alive_tasks()
    }

    /// How many tasks were spawned.
    #[must_use]
    pub fn spawned_tasks_count(&self) -> u64 {
        self.scheduler(|metrics| metrics.spawned_tasks)
    }

    /// How many tasks wait in the queue that all workers share.
    #[must_use]
    pub fn global_queue_depth(&self) -> usize {
        self.scheduler(|metrics| metrics.injection_queue_depth)
    }

    /// The same as [`global_queue_depth`](Self::global_queue_depth), by its older
    /// name.
    #[must_use]
    pub fn injection_queue_depth(&self) -> usize {
        self.global_queue_depth()
    }

    /// How many times a task was scheduled from a thread that is no worker.
    #[must_use]
    pub fn remote_schedule_count(&self) -> u64 {
        self.scheduler(|metrics| metrics.remote_schedules)
    }

    /// How many polls ended because the task's budget was used up.
    #[must_use]
    pub fn budget_forced_yield_count(&self) -> u64 {
        self.scheduler(|metrics| metrics.forced_yields)
    }

    /// How many threads the blocking pool has.
    #[must_use]
    pub fn num_blocking_threads(&self) -> usize {
        self.inner.pool.num_threads()
    }

    /// How many threads of the blocking pool have nothing to do.
    #[must_use]
    pub fn num_idle_blocking_threads(&self) -> usize {
        self.inner.pool.num_idle_threads()
    }

    /// How many closures wait for a thread of the blocking pool.
    #[must_use]
    pub fn blocking_queue_depth(&self) -> usize {
        self.inner.pool.queue_depth()
    }

    /// How many IO sources were registered with the reactor.
    #[must_use]
    pub fn io_driver_fd_registered_count(&self) -> u64 {
        self.inner.driver.reactor.metrics().registered
    }

    /// How many IO sources were taken out of the reactor again.
    #[must_use]
    pub fn io_driver_fd_deregistered_count(&self) -> u64 {
        self.inner.driver.reactor.metrics().deregistered
    }

    /// How many events the reactor has delivered to IO sources.
    #[must_use]
    pub fn io_driver_ready_count(&self) -> u64 {
        self.inner.driver.reactor.metrics().events
    }

    /// The thread that is this worker. `None` until it has started. On a runtime
    /// without worker threads, the thread that called `block_on` last.
    ///
    /// # Panics
    ///
    /// When there is no such worker, as all methods about one.
    #[track_caller]
    #[must_use]
    pub fn worker_thread_id(&self, worker: usize) -> Option<ThreadId> {
        self.assert_worker(worker);
        self.inner.threads.get(worker)
    }

    /// How long the worker has been at work, up to when it parked last.
    ///
    /// # Panics
    ///
    /// When there is no such worker.
    #[track_caller]
    #[must_use]
    pub fn worker_total_busy_duration(&self, worker: usize) -> Duration {
        self.worker(worker).busy
    }

    /// How many times the worker has parked.
    ///
    /// # Panics
    ///
    /// When there is no such worker.
    #[track_caller]
    #[must_use]
    pub fn worker_park_count(&self, worker: usize) -> u64 {
        self.worker(worker).parks
    }

    /// How many times the worker has parked or unparked: odd while it is parked.
    ///
    /// # Panics
    ///
    /// When there is no such worker.
    #[track_caller]
    #[must_use]
    pub fn worker_park_unpark_count(&self, worker: usize) -> u64 {
        self.worker(worker).parks_unparks
    }

    /// How many times the worker woke up, found nothing to do, and parked again.
    ///
    /// # Panics
    ///
    /// When there is no such worker.
    #[track_caller]
    #[must_use]
    pub fn worker_noop_count(&self, worker: usize) -> u64 {
        self.worker(worker).noops
    }

    /// How many tasks the worker has stolen from others.
    ///
    /// # Panics
    ///
    /// When there is no such worker.
    #[track_caller]
    #[must_use]
    pub fn worker_steal_count(&self, worker: usize) -> u64 {
        self.worker(worker).steals
    }

    /// How many times the worker has stolen tasks from another.
    ///
    /// # Panics
    ///
    /// When there is no such worker.
    #[track_caller]
    #[must_use]
    pub fn worker_steal_operations(&self, worker: usize) -> u64 {
        self.worker(worker).steal_operations
    }

    /// How many times the worker has polled a task.
    ///
    /// # Panics
    ///
    /// When there is no such worker.
    #[track_caller]
    #[must_use]
    pub fn worker_poll_count(&self, worker: usize) -> u64 {
        self.worker(worker).polls
    }

    /// How many times a task was scheduled on the worker's own thread.
    ///
    /// # Panics
    ///
    /// When there is no such worker.
    #[track_caller]
    #[must_use]
    pub fn worker_local_schedule_count(&self, worker: usize) -> u64 {
        self.worker(worker).local_schedules
    }

    /// How many times the worker's own queue was full.
    ///
    /// # Panics
    ///
    /// When there is no such worker.
    #[track_caller]
    #[must_use]
    pub fn worker_overflow_count(&self, worker: usize) -> u64 {
        self.worker(worker).overflows
    }

    /// How many tasks wait in the worker's own queue.
    ///
    /// # Panics
    ///
    /// When there is no such worker.
    #[track_caller]
    #[must_use]
    pub fn worker_local_queue_depth(&self, worker: usize) -> usize {
        self.worker(worker).local_queue_depth
    }

    /// How long the worker's polls take: an average that follows the last ones.
    ///
    /// # Panics
    ///
    /// When there is no such worker.
    #[track_caller]
    #[must_use]
    pub fn worker_mean_poll_time(&self, worker: usize) -> Duration {
        self.worker(worker).mean_poll_time
    }

    fn histogram(&self) -> Option<&Histogram> {
        self.inner.poll_times.as_ref()
    }

    /// Whether each poll's time is counted; see
    /// [`Builder::enable_metrics_poll_time_histogram`](crate::Builder::enable_metrics_poll_time_histogram).
    #[must_use]
    pub fn poll_time_histogram_enabled(&self) -> bool {
        self.histogram().is_some()
    }

    /// How many buckets poll times are counted in. Zero if they are not.
    #[must_use]
    pub fn poll_time_histogram_num_buckets(&self) -> usize {
        self.histogram().map_or(0, Histogram::buckets)
    }

    /// The poll times that this bucket counts. The last ends at `u64::MAX`
    /// nanoseconds.
    ///
    /// # Panics
    ///
    /// When there is no such bucket.
    #[track_caller]
    #[must_use]
    pub fn poll_time_histogram_bucket_range(&self, bucket: usize) -> Range<Duration> {
        match self.histogram().and_then(|times| times.range(bucket)) {
            Some(range) => range,
            None => no_bucket(bucket),
        }
    }

    /// How many polls of the worker took a time of this bucket. Zero if poll
    /// times are not counted.
    ///
    /// # Panics
    ///
    /// When there is no such worker, or no such bucket.
    #[track_caller]
    #[must_use]
    pub fn poll_time_histogram_bucket_count(&self, worker: usize, bucket: usize) -> u64 {
        let counts = self.worker(worker).poll_times;
        match counts.get(bucket) {
            Some(count) => *count,
            None if self.histogram().is_none() => 0,
            None => no_bucket(bucket),
        }
    }

    /// The older name of [`poll_time_histogram_enabled`](Self::poll_time_histogram_enabled).
    #[must_use]
    pub fn poll_count_histogram_enabled(&self) -> bool {
        self.poll_time_histogram_enabled()
    }

    /// The older name of
    /// [`poll_time_histogram_num_buckets`](Self::poll_time_histogram_num_buckets).
    #[must_use]
    pub fn poll_count_histogram_num_buckets(&self) -> usize {
        self.poll_time_histogram_num_buckets()
    }

    /// The older name of
    /// [`poll_time_histogram_bucket_range`](Self::poll_time_histogram_bucket_range).
    ///
    /// # Panics
    ///
    /// When there is no such bucket.
    #[track_caller]
    #[must_use]
    pub fn poll_count_histogram_bucket_range(&self, bucket: usize) -> Range<Duration> {
        self.poll_time_histogram_bucket_range(bucket)
    }

    /// The older name of
    /// [`poll_time_histogram_bucket_count`](Self::poll_time_histogram_bucket_count).
    ///
    /// # Panics
    ///
    /// When there is no such worker, or no such bucket.
    #[track_caller]
    #[must_use]
    pub fn poll_count_histogram_bucket_count(&self, worker: usize, bucket: usize) -> u64 {
        self.poll_time_histogram_bucket_count(worker, bucket)
    }
}

#[cold]
#[track_caller]
fn no_bucket(bucket: usize) -> ! {
    panic!("there is no bucket {bucket} of poll times")
}

impl fmt::Debug for RuntimeMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimeMetrics")
            .field("num_workers", &self.num_workers())
            .field("num_alive_tasks", &self.num_alive_tasks())
            .field("global_queue_depth", &self.global_queue_depth())
            .field("num_blocking_threads", &self.num_blocking_threads())
            .finish_non_exhaustive()
    }
}
