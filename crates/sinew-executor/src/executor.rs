//! `Executor`: work stealing on whatever threads lend themselves.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;

use sinew_task::{Builder, JoinHandle, TaskInfo};

use crate::Scheduler;
use crate::run::{Kind, Runner};

/// Tasks that [`Executor::run`] runs in one poll, before it lets the executor
/// around it have a turn.
const TASKS_PER_POLL: usize = 200;

/// An executor without threads of its own. Tasks may borrow what outlives `'a`.
///
/// Any number of threads may run it at once; each brings a queue, and an idle
/// one steals from the others. Dropping the executor drops all of its tasks;
/// their handles then give a [cancelled](sinew_task::JoinError::is_cancelled)
/// error.
///
/// ```
/// use sinew_core::block_on;
/// use sinew_executor::Executor;
///
/// let words = vec!["borrowed", "by", "tasks"];
/// let executor = Executor::new();
/// let letters = block_on(executor.run(async {
///     let tasks: Vec<_> = words
///         .iter()
///         .map(|word| executor.spawn(async move { word.len() }))
///         .collect();
///     let mut sum = 0;
///     for task in tasks {
///         sum += task.await.unwrap();
///     }
///     sum
/// }));
/// assert_eq!(letters, 15);
/// ```
pub struct Executor<'a> {
    scheduler: Arc<Scheduler>,
    /// Invariant in `'a`, as a collection of what the tasks borrow must be.
    tasks: PhantomData<std::cell::UnsafeCell<&'a ()>>,
}

// SAFETY: the phantom only sets the variance; what there is, an
// `Arc<Scheduler>`, is `Send` and `Sync`, and tasks are `Send`.
unsafe impl Send for Executor<'_> {}
// SAFETY: as above.
unsafe impl Sync for Executor<'_> {}

// A panic in a task stays in the task.
impl std::panic::UnwindSafe for Executor<'_> {}
impl std::panic::RefUnwindSafe for Executor<'_> {}

impl<'a> Executor<'a> {
    /// An executor without tasks. It has queues for as many runners as the
    /// machine has CPUs; more may run it and share those.
    #[must_use]
    pub fn new() -> Self {
        let runners = thread::available_parallelism().map_or(1, usize::from);
        Executor {
            scheduler: Scheduler::new(runners),
            tasks: PhantomData,
        }
    }

    /// Spawns a task. It makes progress while somebody runs the executor.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'a,
        F::Output: Send + 'a,
    {
        self.spawn_with(Builder::new(), future)
    }

    /// Spawns one task for each future.
    #[track_caller]
    pub fn spawn_many<F>(
        &self,
        futures: impl IntoIterator<Item = F>,
        handles: &mut impl Extend<JoinHandle<F::Output>>,
    ) where
        F: Future + Send + 'a,
        F::Output: Send + 'a,
    {
        for future in futures {
            handles.extend(Some(self.spawn(future)));
        }
    }

    /// Spawns a task with what `builder` gives it.
    #[track_caller]
    pub fn spawn_with<F>(&self, builder: Builder, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'a,
        F::Output: Send + 'a,
    {
        // SAFETY: the future is `Send`. It is dropped before what it borrows:
        // `Drop` cancels every task and waits until each future is dropped,
        // and `'a` outlives the executor. A forgotten executor never runs its
        // tasks again and drops none of them.
        unsafe { builder.spawn_unchecked(self.scheduler.clone(), future) }
    }

    /// Whether there are no tasks that have not finished.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.scheduler.task_count() == 0
    }

    /// The tasks that are alive, each with what it waits for.
    #[must_use]
    pub fn snapshot(&self) -> Vec<TaskInfo> {
        self.scheduler.snapshot()
    }

    /// Runs one task that is ready, if there is one.
    pub fn try_tick(&self) -> bool {
        try_tick(&self.scheduler)
    }

    /// Waits for a task to become ready and runs it.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: a task that it would have
    /// run stays queued, and another runner is told of it.
    pub async fn tick(&self) {
        tick(&self.scheduler).await;
    }

    /// Runs tasks until `future` is done, and gives its output.
    ///
    /// The tasks are polled by whoever polls this future, in between. Several
    /// threads may be in `run` of one executor.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops `future`. The tasks stay with the executor.
    pub async fn run<F: Future>(&self, future: F) -> F::Output {
        run(&self.scheduler, future).await
    }
}

pub(crate) fn try_tick(scheduler: &Arc<Scheduler>) -> bool {
    Runner::new(scheduler.clone(), Kind::Worker).on_this_thread(Runner::run_one)
}

pub(crate) async fn tick(scheduler: &Arc<Scheduler>) {
    Run {
        runner: Runner::new(scheduler.clone(), Kind::Worker),
        main: pin!(std::future::pending::<()>()),
        ticks: Some(1),
    }
    .await;
}

pub(crate) async fn run<F: Future>(scheduler: &Arc<Scheduler>, future: F) -> F::Output {
    let run = Run {
        runner: Runner::new(scheduler.clone(), Kind::Worker),
        main: pin!(future),
        ticks: None,
    };
    match run.await {
        Some(output) => output,
        None => unreachable!("without a limit of ticks, only the future ends the run"),
    }
}

impl Drop for Executor<'_> {
    fn drop(&mut self) {
        // Nobody is in `run`, `tick` or `try_tick`: they borrow the executor.
        self.scheduler.cancel_all();
    }
}

impl Default for Executor<'_> {
    fn default() -> Self {
        Executor::new()
    }
}

impl fmt::Debug for Executor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor")
            .field("tasks", &self.scheduler.task_count())
            .finish()
    }
}

/// Polls a main future and runs tasks in between.
struct Run<'f, F> {
    runner: Runner,
    main: Pin<&'f mut F>,
    /// How many tasks to run before it ends with `None`; no limit if `None`.
    ticks: Option<usize>,
}

impl<F: Future> Future for Run<'_, F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Run {
            runner,
            main,
            ticks,
        } = &mut *self;
        let _ = runner.wake_up();
        runner.on_this_thread(|runner| {
            if let Poll::Ready(output) = main.as_mut().poll(cx) {
                return Poll::Ready(Some(output));
            }
            for _ in 0..TASKS_PER_POLL {
                if *ticks == Some(0) {
                    return Poll::Ready(None);
                }
                if runner.run_one() {
                    *ticks = ticks.map(|left| left - 1);
                } else if runner.fall_asleep(cx.waker()) {
                    return Poll::Pending;
                }
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    }
}
