//! One runner's side of the scheduler: find a task, run it, fall asleep.

use std::sync::Arc;
use std::task::Waker;

use sinew_task::{Runnable, Schedule, on_thread};

use crate::Scheduler;
use crate::scheduler::INJECTOR_INTERVAL;

/// A runner: a thread in [`Worker::run`](crate::Worker::run), or a future made
/// by [`Executor::run`](crate::Executor::run).
pub(crate) struct Runner {
    scheduler: Arc<Scheduler>,
    /// The same scheduler, as its tasks know it.
    schedule: Arc<dyn Schedule>,
    id: u64,
    slot: Option<usize>,
    tick: u32,
    /// Holds a searching token of `Idle`.
    searching: bool,
    /// Is in `Idle`'s list of sleepers, as far as this runner knows.
    asleep: bool,
    /// Takes the place of a runner further down on this stack, which is
    /// suspended in a task: that one is counted as live.
    nested: bool,
}

impl Runner {
    pub(crate) fn new(scheduler: Arc<Scheduler>) -> Runner {
        let nested = scheduler.runs_here();
        if !nested {
            scheduler.runner_begins();
        }
        Runner {
            nested,
            id: scheduler.runner_id(),
            slot: scheduler.claim_slot(),
            schedule: scheduler.clone(),
            scheduler,
            tick: 0,
            searching: false,
            asleep: false,
        }
    }

    /// Runs `f` with this thread marked as this runner's.
    pub(crate) fn on_this_thread<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> R {
        let scheduler = self.scheduler.clone();
        let schedule = self.schedule.clone();
        scheduler.as_runner(self.slot, || on_thread(&schedule, || f(self)))
    }

    /// Finds a task and runs it. `false` if there was none.
    pub(crate) fn run_one(&mut self) -> bool {
        match self.next() {
            Some(task) => {
                self.run_task(task);
                true
            }
            None => false,
        }
    }

    fn next(&mut self) -> Option<Runnable> {
        self.tick = self.tick.wrapping_add(1);
        if self.tick % INJECTOR_INTERVAL == 0 && self.scheduler.local_len(self.slot) > 1 {
            // Yielding tasks are not announced one by one; share them now.
            self.scheduler.idle.notify();
        }
        if let Some(task) = self.scheduler.next_task(self.slot, self.tick) {
            return Some(task);
        }
        if !self.searching {
            self.searching = self
                .scheduler
                .idle
                .start_searching(self.scheduler.runners());
        }
        if self.searching {
            return self.scheduler.steal(self.slot);
        }
        None
    }

    fn run_task(&mut self, task: Runnable) {
        self.stop_searching();
        match self.slot {
            Some(slot) => {
                let poll = &self.scheduler.slot(slot).poll;
                poll.begin(task.metadata().id());
                task.run();
                poll.end();
            }
            None => {
                task.run();
            }
        }
    }

    fn stop_searching(&mut self) {
        if std::mem::take(&mut self.searching) {
            self.scheduler.idle.stop_searching();
        }
    }

    /// Enters the list of sleepers. `false`, and awake again, if there is a task.
    pub(crate) fn fall_asleep(&mut self, waker: &Waker) -> bool {
        let searching = std::mem::take(&mut self.searching);
        let scheduler = &self.scheduler;
        scheduler
            .idle
            .fall_asleep(self.id, waker.clone(), searching);
        self.asleep = true;
        if self.scheduler.has_tasks() {
            self.wake_up();
            return false;
        }
        true
    }

    /// Leaves the list of sleepers, or takes the token of who took it out.
    pub(crate) fn wake_up(&mut self) {
        if std::mem::take(&mut self.asleep) {
            self.searching = self.scheduler.idle.wake_up(self.id);
        }
    }

    /// Runs `park` with pushes from this thread going unannounced, and then
    /// announces them once, if there are more than this runner takes itself.
    pub(crate) fn inside_park(&mut self, park: impl FnOnce()) {
        self.scheduler.set_parked(true);
        park();
        self.scheduler.set_parked(false);
        self.wake_up();
        if self.scheduler.local_len(self.slot) > 1 {
            self.scheduler.idle.notify();
        }
    }

    pub(crate) fn tick(&self) -> u32 {
        self.tick
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.wake_up();
        // Passes the token on: whoever gave it had a task to be run.
        self.stop_searching();
        if let Some(slot) = self.slot {
            self.scheduler.release_slot(slot);
        }
        if !self.nested {
            self.scheduler.runner_ends();
        }
    }
}
