//! A thread that runs tasks and parks when there are none.

use std::fmt;
use std::sync::Arc;

use sinew_core::{Park, waker};

use crate::Scheduler;
use crate::run::Runner;

/// A worker lets its parker do what it can without waiting every so many tasks,
/// so that sockets and timers are served also while there is always a task.
const EVENT_INTERVAL: u32 = 61;

/// A thread's place in a [`Scheduler`].
pub struct Worker {
    runner: Runner,
}

impl Worker {
    /// Takes a place: one of the scheduler's queues, if one is free.
    #[must_use]
    pub fn new(scheduler: Arc<Scheduler>) -> Worker {
        Worker {
            runner: Runner::new(scheduler),
        }
    }

    /// Runs tasks on this thread until `done` says so, parking on `park` when
    /// there are none.
    ///
    /// `done` is asked before each task and after each park. To end a worker
    /// that is parked, make `done` true and then call its unparker.
    pub fn run(&mut self, park: &mut dyn Park, done: &mut dyn FnMut() -> bool) {
        let waker = waker::unpark_waker(park.unparker());
        self.runner.on_this_thread(|runner| {
            while !done() {
                if runner.tick() % EVENT_INTERVAL == EVENT_INTERVAL - 1 {
                    runner.inside_park(|| park.poll());
                }
                if runner.run_one() {
                    continue;
                }
                if runner.fall_asleep(&waker) {
                    runner.inside_park(|| park.park(None));
                }
            }
        });
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}
