//! A thread that runs tasks and parks when there are none.

use std::fmt;
use std::sync::Arc;

use sinew_core::{Park, waker};

use crate::Scheduler;
use crate::run::{Kind, Runner};

/// A thread's place in a [`Scheduler`].
pub struct Worker {
    runner: Runner,
}

impl Worker {
    /// Takes a place: one of the scheduler's queues, if one is free.
    #[must_use]
    pub fn new(scheduler: Arc<Scheduler>) -> Worker {
        Worker {
            runner: Runner::new(scheduler, Kind::Worker),
        }
    }

    /// Takes the place of a worker that blocks and has kept its queue: one of the
    /// queues for guests, if one is free.
    #[must_use]
    pub fn substitute(scheduler: Arc<Scheduler>) -> Worker {
        Worker {
            runner: Runner::new(scheduler, Kind::Substitute),
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
            runner.start_work();
            while !done() {
                if !runner.is_asleep() {
                    if runner.is_event_due() {
                        runner.inside_park(|| park.poll());
                    }
                    if runner.run_one() || runner.linger() || !runner.fall_asleep(&waker) {
                        continue;
                    }
                }
                runner.park(park);
            }
        });
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}
