//! `StaticExecutor`: an executor that is never dropped.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::thread;

use sinew_task::{Builder, JoinHandle, StaticSchedule};

use crate::Scheduler;
use crate::executor;
use crate::options::Options;

/// An [`Executor`](crate::Executor) that lives for ever: in a `static`, or leaked.
///
/// It never has to find and cancel its tasks, so it keeps no list of them, and they
/// count no references to it: a spawn and an end take no lock. In return it cannot
/// say which tasks there are.
///
/// ```
/// use sinew_core::block_on;
/// use sinew_executor::StaticExecutor;
///
/// static EXECUTOR: StaticExecutor = StaticExecutor::new();
///
/// let task = EXECUTOR.spawn(async { 6 * 7 });
/// assert_eq!(block_on(EXECUTOR.run(task)).unwrap(), 42);
/// ```
pub struct StaticExecutor(OnceLock<Parts>);

struct Parts {
    scheduler: Arc<Scheduler>,
    /// The same, as its tasks know it.
    schedule: StaticSchedule,
}

impl std::panic::UnwindSafe for StaticExecutor {}
impl std::panic::RefUnwindSafe for StaticExecutor {}

impl StaticExecutor {
    /// An executor without tasks. It has queues for as many runners as the machine
    /// has CPUs; more may run it and share those.
    #[must_use]
    pub const fn new() -> StaticExecutor {
        StaticExecutor(OnceLock::new())
    }

    fn parts(&'static self) -> &'static Parts {
        self.0.get_or_init(|| {
            let runners = thread::available_parallelism().map_or(1, usize::from);
            let mut options = Options::new(runners);
            options.lists_tasks = false;
            let scheduler = Scheduler::with(options);
            Parts {
                schedule: StaticSchedule::new(scheduler.clone()),
                scheduler,
            }
        })
    }

    /// Spawns a task. It makes progress while somebody runs the executor.
    #[track_caller]
    pub fn spawn<F>(&'static self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_with(Builder::new(), future)
    }

    /// Spawns a task with what `builder` gives it.
    #[track_caller]
    pub fn spawn_with<F>(&'static self, builder: Builder, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        builder.spawn_on_static(&self.parts().schedule, future)
    }

    /// Spawns one task for each future.
    #[track_caller]
    pub fn spawn_many<F>(
        &'static self,
        futures: impl IntoIterator<Item = F>,
        handles: &mut impl Extend<JoinHandle<F::Output>>,
    ) where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        for future in futures {
            handles.extend(Some(self.spawn(future)));
        }
    }

    /// Runs one task that is ready, if there is one.
    pub fn try_tick(&'static self) -> bool {
        executor::try_tick(&self.parts().scheduler)
    }

    /// Waits for a task to become ready and runs it.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: a task that it would have
    /// run stays queued, and another runner is told of it.
    pub async fn tick(&'static self) {
        executor::tick(&self.parts().scheduler).await;
    }

    /// Runs tasks until `future` is done, and gives its output. See
    /// [`Executor::run`](crate::Executor::run).
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops `future`. The tasks stay with the executor.
    pub async fn run<F: Future>(&'static self, future: F) -> F::Output {
        executor::run(&self.parts().scheduler, future).await
    }
}

impl Default for StaticExecutor {
    fn default() -> Self {
        StaticExecutor::new()
    }
}

impl fmt::Debug for StaticExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticExecutor").finish_non_exhaustive()
    }
}
