//! `LocalExecutor`: one thread, tasks that need not be `Send`.
//!
//! The tasks, their queue and the way in from other threads are
//! [`LocalQueue`](sinew_task::LocalQueue)'s: a task spawned here lives in a cell
//! that belongs to this thread and is run without a locked instruction. What is
//! added here is who polls and who parks.

use std::cell::UnsafeCell;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use sinew_core::{Park, coop};
use sinew_task::{Builder, JoinHandle, Schedule, TaskHooks, TaskInfo};

use self::local::Local;
use crate::metrics::{SchedulerMetrics, WorkerMetrics};
use crate::options::Options;
use crate::turns::BATCH;

mod local;
mod spawner;

pub use spawner::{LocalEntered, LocalSpawner, spawn_local};

/// Batches of tasks that [`LocalExecutor::run`] runs in one poll, before it lets
/// the executor around it have a turn.
const BATCHES_PER_POLL: usize = 7;

/// An executor for tasks that stay on one thread, and so need not be `Send`.
/// Tasks may borrow what outlives `'a`.
///
/// Wakers of its tasks may be sent and woken anywhere. Dropping the executor
/// drops all of its tasks; their handles then give a
/// [cancelled](sinew_task::JoinError::is_cancelled) error.
///
/// ```
/// use sinew_core::block_on;
/// use sinew_executor::LocalExecutor;
/// use std::rc::Rc;
///
/// let shared = Rc::new(41);
/// let executor = LocalExecutor::new();
/// let answer = block_on(executor.run(async {
///     let shared = shared.clone();
///     executor.spawn(async move { *shared + 1 }).await.unwrap()
/// }));
/// assert_eq!(answer, 42);
/// ```
pub struct LocalExecutor<'a> {
    local: Arc<Local>,
    /// Invariant in `'a`, and neither `Send` nor `Sync`.
    tasks: PhantomData<(UnsafeCell<&'a ()>, Rc<()>)>,
}

impl std::panic::UnwindSafe for LocalExecutor<'_> {}
impl std::panic::RefUnwindSafe for LocalExecutor<'_> {}

impl<'a> LocalExecutor<'a> {
    /// An executor without tasks, for the current thread.
    #[must_use]
    pub fn new() -> Self {
        LocalExecutor::with_hooks(None)
    }

    /// An executor that calls `hooks` at the points of its tasks' lives.
    #[must_use]
    pub fn with_hooks(hooks: Option<Arc<dyn TaskHooks>>) -> Self {
        let mut options = Options::new(1);
        options.hooks = hooks;
        LocalExecutor::with(options)
    }

    /// An executor with the hooks, the intervals and the histogram of `options`.
    ///
    /// # Panics
    ///
    /// When an interval is zero.
    #[track_caller]
    #[must_use]
    pub fn with(options: Options) -> Self {
        LocalExecutor {
            local: Local::new(options),
            tasks: PhantomData,
        }
    }

    /// Spawns a task. It makes progress while the executor is run.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'a,
        F::Output: 'a,
    {
        self.spawn_with(Builder::new(), future)
    }

    /// Spawns a task with what `builder` gives it.
    #[track_caller]
    pub fn spawn_with<F>(&self, builder: Builder, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'a,
        F::Output: 'a,
    {
        // SAFETY: the future is dropped before what it borrows: `Drop` closes
        // the queue, and `'a` outlives the executor. A forgotten executor never
        // runs its tasks again and drops none of them. The queue is this
        // thread's for ever.
        unsafe { self.local.queue().spawn_unchecked(builder, future) }
    }

    /// Cancels all tasks, and what is spawned from here on, as dropping the executor
    /// does. Must not be called in one of its tasks, which could not be dropped.
    ///
    /// # Panics
    ///
    /// In one of its tasks.
    #[track_caller]
    pub fn cancel_all(&self) {
        self.local.cancel_all();
    }

    /// What tasks of this executor are scheduled by: to be entered with
    /// [`sinew_task::enter`], so that `spawn` on this thread comes here.
    #[must_use]
    pub fn scheduler(&self) -> Arc<dyn Schedule> {
        self.local.clone()
    }

    /// What reads its counters, from any thread.
    #[must_use]
    pub fn meter(&self) -> LocalMeter {
        LocalMeter(self.local.clone())
    }

    /// Whether there are no tasks that have not finished.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.local.task_count() == 0
    }

    /// The tasks that are alive, each with what it waits for.
    #[must_use]
    pub fn snapshot(&self) -> Vec<TaskInfo> {
        self.local.snapshot()
    }

    /// Runs one task that is ready, if there is one.
    pub fn try_tick(&self) -> bool {
        self.local.on_this_thread(|| self.local.run(1) > 0)
    }

    /// Waits for a task to become ready and runs it.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn tick(&self) {
        std::future::poll_fn(|cx| {
            self.local.queue().wake_up();
            if self.try_tick() {
                return Poll::Ready(());
            }
            if !self.local.queue().fall_asleep(cx.waker()) {
                cx.waker().wake_by_ref();
            }
            Poll::Pending
        })
        .await;
    }

    /// Runs tasks until `future` is done, and gives its output.
    ///
    /// The tasks are polled by whoever polls this future, in between.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops `future`. The tasks stay with the executor.
    pub async fn run<F: Future>(&self, future: F) -> F::Output {
        Run {
            executor: self,
            main: pin!(future),
        }
        .await
    }

    /// Runs tasks on this thread until `done` says so, parking on `park` when
    /// there are none. `done` is asked every 31 tasks and after each park.
    ///
    /// For runtimes; [`run`](Self::run) is the same for a thread that has
    /// nothing to drive.
    pub fn run_until(&self, park: &mut dyn Park, done: &mut dyn FnMut() -> bool) {
        self.local.run_until(park, done);
    }
}

impl LocalExecutor<'static> {
    /// A spawner of this executor.
    #[must_use]
    pub fn spawner(&self) -> LocalSpawner {
        LocalSpawner::of(self.local.clone())
    }

    /// Makes this the executor that [`spawn_local`] spawns on until the guard
    /// is dropped. Without effect while this thread's locals are being destroyed.
    pub fn enter_guard(&self) -> LocalEntered {
        spawner::enter(self.spawner())
    }

    /// Makes this the executor that [`spawn_local`] spawns on while `f` runs.
    pub fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        let _entered = self.enter_guard();
        f()
    }
}

impl Drop for LocalExecutor<'_> {
    fn drop(&mut self) {
        self.local.close();
    }
}

impl Default for LocalExecutor<'_> {
    fn default() -> Self {
        LocalExecutor::new()
    }
}

impl fmt::Debug for LocalExecutor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalExecutor")
            .field("tasks", &self.local.task_count())
            .finish()
    }
}

/// Reads what a [`LocalExecutor`] has counted, on any thread, also after the
/// executor is gone.
#[derive(Clone)]
pub struct LocalMeter(Arc<Local>);

impl LocalMeter {
    /// What the executor as a whole has counted.
    #[must_use]
    pub fn metrics(&self) -> SchedulerMetrics {
        self.0.metrics()
    }

    /// What its thread has counted. The parks, and the time at work, are those of
    /// [`LocalExecutor::run_until`].
    #[must_use]
    pub fn worker_metrics(&self) -> WorkerMetrics {
        self.0.worker_metrics()
    }
}

impl fmt::Debug for LocalMeter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalMeter").finish_non_exhaustive()
    }
}

/// Polls a main future and runs tasks in between.
struct Run<'e, 'a, F> {
    executor: &'e LocalExecutor<'a>,
    main: Pin<&'e mut F>,
}

impl<F: Future> Future for Run<'_, '_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let local = &self.executor.local;
        local.queue().wake_up();
        local.on_this_thread(|| {
            if let Poll::Ready(output) = self.main.as_mut().poll(cx) {
                return Poll::Ready(output);
            }
            for _ in 0..BATCHES_PER_POLL {
                if local.run(BATCH) == BATCH {
                    continue;
                }
                if local.queue().is_yielding() {
                    // To whom: the executor around this one, and its driver.
                    coop::note_yield();
                    break;
                }
                if local.queue().fall_asleep(cx.waker()) {
                    return Poll::Pending;
                }
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    }
}
