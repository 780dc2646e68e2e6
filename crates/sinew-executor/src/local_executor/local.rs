//! What a local executor consists of, as its tasks and its spawners share it.

use std::sync::Arc;

use sinew_core::Park;
use sinew_task::{LocalQueue, Runnable, Schedule, TaskHooks, TaskInfo, TaskList};

use crate::metrics::{SchedulerMetrics, WorkerMetrics};
use crate::options::Options;
use crate::turns::Turns;

pub(super) struct Local {
    turns: Turns,
}

impl Local {
    pub(super) fn new(options: Options) -> Arc<Local> {
        let local = Arc::new(Local {
            turns: Turns::new(LocalQueue::new(), TaskList::new(1), options),
        });
        // SAFETY: the queue is a part of `Local`. `LocalExecutor` closes it
        // when it is dropped, while it holds a reference.
        unsafe { local.turns.queue.attach(&local) };
        local
    }

    #[inline]
    pub(super) fn queue(&self) -> &LocalQueue {
        &self.turns.queue
    }

    /// Runs up to `limit` tasks that are ready. Returns how many there were.
    pub(super) fn run(&self, limit: usize) -> usize {
        self.turns.run(limit)
    }

    /// Runs `f` with this thread marked as the executor's.
    pub(super) fn on_this_thread<R>(self: &Arc<Self>, f: impl FnOnce() -> R) -> R {
        let scheduler: Arc<dyn Schedule> = self.clone();
        self.turns.on_this_thread(&scheduler, f)
    }

    pub(super) fn run_until(self: &Arc<Self>, park: &mut dyn Park, done: &mut dyn FnMut() -> bool) {
        self.on_this_thread(|| self.turns.run_until(park, done, || {}));
    }

    /// As [`close`](Self::close).
    ///
    /// # Panics
    ///
    /// In one of the tasks.
    #[track_caller]
    pub(super) fn cancel_all(self: &Arc<Self>) {
        assert!(
            !self.turns.is_polling(),
            "a local executor cannot be ended by one of its tasks"
        );
        self.close();
    }

    /// Cancels all tasks and drops their futures. Returns when none is left.
    pub(super) fn close(self: &Arc<Self>) {
        self.on_this_thread(|| self.turns.end());
    }

    pub(super) fn metrics(&self) -> SchedulerMetrics {
        self.turns.metrics()
    }

    pub(super) fn worker_metrics(&self) -> WorkerMetrics {
        self.turns.worker_metrics()
    }
}

impl Schedule for Local {
    fn schedule(&self, task: Runnable) {
        self.turns.push(task);
    }

    fn local_queue(&self) -> Option<&LocalQueue> {
        Some(&self.turns.queue)
    }

    fn tasks(&self) -> Option<&TaskList> {
        Some(&self.turns.tasks)
    }

    fn task_count(&self) -> usize {
        self.turns.task_count()
    }

    fn snapshot(&self) -> Vec<TaskInfo> {
        self.turns.snapshot()
    }

    fn hooks(&self) -> Option<&dyn TaskHooks> {
        self.turns.hooks()
    }
}
