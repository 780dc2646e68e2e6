//! `SerialScheduler`: tasks that are `Send`, on one thread at a time.
//!
//! The thread that runs them owns the queue of cells while it does
//! ([`LocalQueue::own`]), so that what it spawns and wakes costs no atomics; what
//! other threads spawn is in shared cells. Between two runs nobody owns the
//! queue, and all threads are strangers to it.
//!
//! # The end
//!
//! Cells do not count references to their scheduler. So from the first run on it
//! keeps a reference to itself (`kept`), until [`SerialScheduler::cancel_all`] has
//! dropped all tasks and closed the queue.
//!
//! | `ending` | `ended` | |
//! |---|---|---|
//! | no | no | tasks may be spawned |
//! | yes | no | the owner, or who becomes it, is to cancel all tasks and close the queue |
//! | yes | yes | there are no tasks, and no more will be |
//!
//! Both are set once. `ended` is set by the owner, outside of all tasks: between
//! two batches of the outermost run, or when that ends.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sinew_core::Park;
use sinew_task::{LocalQueue, Runnable, Schedule, TaskHooks, TaskInfo, TaskList};

use crate::atomic::{self, AtomicBool, Mutex, MutexGuard, Ordering};
use crate::metrics::{SchedulerMetrics, WorkerMetrics};
use crate::options::Options;
use crate::turns::{BATCH, Turns};

/// How long [`SerialScheduler::cancel_all`] waits between two looks at a thread
/// that runs the tasks and has been told to end them.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// A scheduler for one thread at a time: that of whoever is in
/// [`run_until`](Self::run_until).
///
/// Its tasks are `Send`, and can be spawned, woken and joined on any thread. On
/// the thread that runs them this costs no atomics.
pub struct SerialScheduler {
    turns: Turns,
    ending: AtomicBool,
    ended: AtomicBool,
    kept: Mutex<Option<Arc<SerialScheduler>>>,
}

impl SerialScheduler {
    /// A scheduler with the hooks, the intervals and the histogram of `options`.
    ///
    /// # Panics
    ///
    /// When an interval is zero.
    #[track_caller]
    #[must_use]
    pub fn with(options: Options) -> Arc<SerialScheduler> {
        let scheduler = Arc::new(SerialScheduler {
            turns: Turns::new(LocalQueue::movable(), TaskList::keeping(1), options),
            ending: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            kept: Mutex::new(None),
        });
        // SAFETY: the queue is a field of what the `Arc` points to. Something can
        // be spawned on it only by its owner, in `run_until` or in `end_owned`:
        // the first keeps a reference until `end_owned` has closed the queue.
        unsafe { scheduler.turns.queue.attach(&scheduler) };
        scheduler
    }

    /// Runs tasks on this thread until `done` says so, parking on `park` when
    /// there are none. `false`, and nothing is done, if another thread runs them
    /// or ends the scheduler at the moment.
    ///
    /// `done` is asked every 31 tasks at the latest, and after each park. May be
    /// nested: in a task, which rests meanwhile.
    ///
    /// # Panics
    ///
    /// Passes on a panic of `done` or `park`.
    pub fn run_until(
        self: &Arc<Self>,
        park: &mut dyn Park,
        done: &mut dyn FnMut() -> bool,
    ) -> bool {
        struct EndIfAsked<'a>(&'a Arc<SerialScheduler>);
        impl Drop for EndIfAsked<'_> {
            fn drop(&mut self) {
                self.0.end_if_asked();
            }
        }

        let schedule: Arc<dyn Schedule> = self.clone();
        let turns = &self.turns;
        if self.runs_here() {
            turns.on_this_thread(&schedule, || turns.run_until(park, done, || {}));
            return true;
        }
        let ran = turns.queue.own(|| {
            self.keep();
            let _end = EndIfAsked(self);
            turns.on_this_thread(&schedule, || {
                turns.run_until(park, done, || self.end_if_asked());
            });
        });
        ran.is_some()
    }

    /// Whether this thread runs the tasks: whether the caller is in one, or in
    /// something else that is polled in [`run_until`](Self::run_until).
    #[must_use]
    pub fn runs_here(&self) -> bool {
        self.turns.queue.is_mine()
    }

    /// Whether no task waits to be run, for the thread that runs them. Others
    /// see only what other threads have scheduled.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.turns.queue.is_quiet()
    }

    /// Runs `f`, which may block, so that other threads can [ask](Schedule::snapshot)
    /// which tasks there are meanwhile: for a hook of the parker that is given to
    /// [`run_until`](Self::run_until). On a thread that does not run the tasks it just
    /// runs it.
    pub fn while_others_look<R>(&self, f: impl FnOnce() -> R) -> R {
        match self.runs_here() {
            true => self.turns.queue.out_of_session(f),
            false => f(),
        }
    }

    /// What the scheduler as a whole has counted.
    #[must_use]
    pub fn metrics(&self) -> SchedulerMetrics {
        self.turns.metrics()
    }

    /// What the threads that ran the tasks have counted.
    #[must_use]
    pub fn worker_metrics(&self) -> WorkerMetrics {
        self.turns.worker_metrics()
    }

    /// Refuses new tasks, cancels all that are alive, and has their futures
    /// dropped. Returns when none is left.
    ///
    /// If a thread runs the tasks, it is told to do this, and waited for. In a
    /// task itself there is no waiting: then that task, and those in which it is
    /// nested, are dropped when they come to rest.
    ///
    /// A scheduler that has run must be ended by this, or it is leaked.
    pub fn cancel_all(self: &Arc<Self>) {
        self.cancel_all_until(None);
    }

    /// As [`cancel_all`](Self::cancel_all), but waits until `deadline` at most. `false`
    /// if it came first: then the thread that runs the tasks, which is in a long poll,
    /// ends them when that is over.
    pub fn cancel_all_until(self: &Arc<Self>, deadline: Option<Instant>) -> bool {
        // ORDERING: only a flag: `ring` and the change of the owner order the rest.
        self.ending.store(true, Ordering::Relaxed);
        let turns = &self.turns;
        if self.runs_here() {
            turns.cancel();
            while turns.run(BATCH) > 0 {}
            return true;
        }
        // ORDERING: Acquire pairs with the Release in `end_owned`.
        while !self.ended.load(Ordering::Acquire) {
            if turns.queue.own(|| self.end_owned()).is_some() {
                return true;
            }
            turns.queue.knock();
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return false;
            }
            atomic::wait_a_while(LOOK_AGAIN);
        }
        true
    }

    fn end_if_asked(self: &Arc<Self>) {
        if self.ending.load(Ordering::Relaxed) {
            self.end_owned();
        }
    }

    /// Ends it on the owner's thread, outside of all tasks.
    #[cold]
    fn end_owned(self: &Arc<Self>) {
        if self.ended.load(Ordering::Relaxed) {
            return;
        }
        let schedule: Arc<dyn Schedule> = self.clone();
        self.turns.on_this_thread(&schedule, || self.turns.end());
        self.turns.tasks.release();
        // ORDERING: Release pairs with the Acquire in `cancel_all`.
        self.ended.store(true, Ordering::Release);
        // Not the last: the caller has one.
        drop(self.lock_kept().take());
    }

    /// Keeps a reference until the end. On the owner's thread.
    fn keep(self: &Arc<Self>) {
        if !self.ended.load(Ordering::Relaxed) {
            self.lock_kept().get_or_insert_with(|| self.clone());
        }
    }

    fn lock_kept(&self) -> MutexGuard<'_, Option<Arc<SerialScheduler>>> {
        atomic::lock(&self.kept)
    }
}

impl Schedule for SerialScheduler {
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

impl fmt::Debug for SerialScheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SerialScheduler")
            .field("tasks", &self.turns.task_count())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
