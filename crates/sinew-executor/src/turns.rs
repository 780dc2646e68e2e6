//! Tasks that take turns on one thread: what a [`LocalExecutor`](crate::LocalExecutor)
//! and a [`SerialScheduler`](crate::SerialScheduler) have in common.
//!
//! Most tasks live in `queue`, in cells that belong to the thread. Those that
//! other threads spawn, through the `Schedule`, live in shared cells, and
//! `queue` only gives them their turns.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sinew_core::{Park, coop};
use sinew_task::{Id, LocalQueue, PollSlot, Schedule, TaskHooks, TaskInfo, TaskList};
use sinew_task::{Runnable, TurnObserver, on_thread};

use crate::atomic;
use crate::counters::{self, Counters};
use crate::metrics::{SchedulerMetrics, WorkerMetrics};
use crate::options::Options;
use crate::stopwatch;

/// Tasks run in one go, before the thread looks at anything else: its main
/// future, what other threads have left, its parker.
pub(crate) const BATCH: usize = 31;

/// How long the end waits between two looks for a task that another thread is
/// about to push, once it has looked in vain for a while.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// How often it gives way before it begins to wait.
const GIVE_WAY: u32 = 32;

/// See the module. The thread that owns `queue` runs the tasks.
pub(crate) struct Turns {
    pub(crate) queue: LocalQueue,
    /// The tasks in shared cells.
    pub(crate) tasks: TaskList,
    counters: Counters,
    hooks: Option<Arc<dyn TaskHooks>>,
    /// At least one.
    injector_interval: usize,
    /// At least one.
    event_interval: usize,
}

impl Turns {
    /// # Panics
    ///
    /// When an interval is zero.
    #[track_caller]
    pub(crate) fn new(queue: LocalQueue, tasks: TaskList, options: Options) -> Turns {
        assert!(
            options.injector_interval > 0 && options.event_interval > 0,
            "an interval of a scheduler cannot be 0"
        );
        Turns {
            queue,
            tasks,
            counters: Counters::new(options.poll_times.as_ref()),
            hooks: options.hooks,
            injector_interval: options.injector_interval as usize,
            event_interval: options.event_interval as usize,
        }
    }

    /// Runs up to `limit` tasks that are ready. Returns how many there were.
    pub(crate) fn run(&self, limit: usize) -> usize {
        if self.counters.times_polls() {
            let timed = Timed {
                counters: &self.counters,
                began: Cell::new(None),
            };
            return self.queue.run_observed(&timed, limit);
        }
        self.queue.run(limit)
    }

    /// Runs `f` with this thread marked as that of `scheduler`, which these are
    /// the turns of.
    pub(crate) fn on_this_thread<R>(
        &self,
        scheduler: &Arc<dyn Schedule>,
        f: impl FnOnce() -> R,
    ) -> R {
        self.queue.session(|| on_thread(scheduler, f))
    }

    /// Runs tasks until `done` says so, parking when there are none. To be called
    /// inside of [`on_this_thread`](Self::on_this_thread). May be nested: in a
    /// task, which rests meanwhile.
    ///
    /// `between` is called between two batches.
    pub(crate) fn run_until(
        &self,
        park: &mut dyn Park,
        done: &mut dyn FnMut() -> bool,
        between: impl Fn(),
    ) {
        let parking = self.queue.parking(park.unparker());
        let mut work = Work::begin(self);
        let mut since_event = 0;
        while !done() {
            // By the main future, if it was polled.
            let main_yielded = coop::take_yield();
            between();
            // After turns, which may have woken the main future, `done` comes first: a
            // park that ends at once costs more than to ask.
            if !main_yielded && self.queue.is_drained() {
                parking.park(|| work.rest(|| park.park(None)));
                since_event = 0;
                continue;
            }
            let limit = BATCH
                .min(self.injector_interval)
                .min(self.event_interval - since_event);
            let turns = self.run(limit);
            since_event += turns;
            let all_yielded = turns < limit && (main_yielded || self.queue.is_yielding());
            if all_yielded || since_event >= self.event_interval {
                since_event = 0;
                park.poll();
                self.queue.resume_yielded();
            }
        }
    }

    /// Cancels all tasks. Each drops its future at its next turn.
    pub(crate) fn cancel(&self) {
        self.tasks.close_and_cancel();
        self.queue.cancel_all();
    }

    /// Cancels all tasks, drops their futures and closes the queue. To be called
    /// inside of [`on_this_thread`](Self::on_this_thread), but in no task.
    pub(crate) fn end(&self) {
        self.cancel();
        let mut looks = 0;
        loop {
            while self.run(BATCH) > 0 {
                looks = 0;
            }
            if self.task_count() == 0 {
                break;
            }
            // Another thread is between marking a task as scheduled and
            // pushing it.
            looks += 1;
            if looks < GIVE_WAY {
                atomic::yield_now();
            } else {
                atomic::wait_a_while(LOOK_AGAIN);
            }
        }
        self.queue.close();
    }

    /// Whether a task is being polled.
    pub(crate) fn is_polling(&self) -> bool {
        self.poll().snapshot().is_some()
    }

    fn poll(&self) -> &PollSlot {
        self.queue.poll_slot()
    }

    pub(crate) fn push(&self, task: Runnable) {
        self.queue.push(task);
    }

    pub(crate) fn task_count(&self) -> usize {
        self.queue.len() + self.tasks.len()
    }

    pub(crate) fn snapshot(&self) -> Vec<TaskInfo> {
        let mut infos = self.queue.snapshot();
        infos.extend(self.tasks.snapshot());
        infos
    }

    pub(crate) fn hooks(&self) -> Option<&dyn TaskHooks> {
        self.hooks.as_deref()
    }

    pub(crate) fn metrics(&self) -> SchedulerMetrics {
        let counts = self.queue.counts();
        SchedulerMetrics {
            alive_tasks: self.task_count(),
            spawned_tasks: counts.spawned + self.tasks.spawned(),
            injection_queue_depth: counts.pushed,
            remote_schedules: counts.remote_schedules,
            forced_yields: self.worker_metrics().forced_yields,
        }
    }

    pub(crate) fn worker_metrics(&self) -> WorkerMetrics {
        let counts = self.queue.counts();
        let mut metrics = self.counters.read(self.poll(), counts.queued);
        metrics.local_schedules = counts.local_schedules;
        metrics
    }
}

/// Measures each turn.
struct Timed<'a> {
    counters: &'a Counters,
    began: Cell<Option<Instant>>,
}

impl TurnObserver for Timed<'_> {
    fn begin(&self) {
        self.began.set(Some(Instant::now()));
    }

    fn end(&self) {
        if let Some(began) = self.began.take() {
            self.counters.polled(began.elapsed());
        }
    }
}

/// A thread at work, for the counters. Ends when dropped.
struct Work<'a> {
    turns: &'a Turns,
    /// The task in which this is nested. Work is counted by the outermost then.
    nested_in: Option<Id>,
    /// When it began, after how many polls, and after how many on this thread
    /// that had run out of budget.
    since: Option<(u64, u64, u64)>,
}

impl<'a> Work<'a> {
    fn begin(turns: &'a Turns) -> Work<'a> {
        let nested_in = turns.poll().snapshot().map(|poll| poll.task);
        if nested_in.is_some() {
            turns.poll().end();
        }
        let mut work = Work {
            turns,
            nested_in,
            since: None,
        };
        work.start();
        work
    }

    fn start(&mut self) {
        if self.nested_in.is_none() {
            let polls = self.turns.poll().polls();
            self.since = Some((stopwatch::now(), polls, coop::forced_yields()));
        }
    }

    /// Rests while the thread parks.
    fn rest(&mut self, park: impl FnOnce()) {
        counters::add(&self.turns.counters.parks, 1);
        counters::add(&self.turns.counters.parks_unparks, 1);
        self.stop();
        park();
        counters::add(&self.turns.counters.parks_unparks, 1);
        self.start();
    }

    fn stop(&mut self) {
        let Some((since, polls, forced)) = self.since.take() else {
            return;
        };
        let counters = &self.turns.counters;
        let forced = coop::forced_yields().wrapping_sub(forced);
        counters::add(&counters.forced_yields, forced);
        let polls = self.turns.poll().polls().wrapping_sub(polls);
        counters.worked(stopwatch::since(since), polls);
        if polls == 0 {
            counters::add(&counters.noops, 1);
        }
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        self.stop();
        if let Some(task) = self.nested_in {
            // The poll beneath goes on.
            self.turns.poll().resume(task);
        }
    }
}
