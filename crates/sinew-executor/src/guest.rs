//! A thread that waits for a future and runs tasks meanwhile.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use sinew_core::{Park, waker};

use crate::Scheduler;
use crate::run::{Kind, Runner};

/// A guest asks for its main future after so many tasks at the latest: often
/// enough that the future is not kept waiting, seldom enough that one which is
/// woken all the time does not slow down the tasks.
const TASKS_PER_TURN: u32 = 31;

/// What there is to say of a guest's main future.
pub type MainPoll = ControlFlow<(), Polled>;

/// Whether the main future was polled. See [`MainPoll`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polled {
    /// It had been woken and was polled.
    Yes,
    /// It had not been woken.
    No,
}

/// A thread's place in a [`Scheduler`] while it waits for a future of its own.
///
/// It runs tasks instead of merely sleeping: what the future spawns is then run
/// right here, without waking another thread. It counts against the number of
/// runners that may be awake at once, and merely waits while those are as many as
/// may be.
pub struct Guest {
    runner: Runner,
}

impl Guest {
    /// Takes a place: one of the queues for guests, if one is free. Without one it
    /// runs no tasks.
    #[must_use]
    pub fn new(scheduler: Arc<Scheduler>) -> Guest {
        Guest {
            runner: Runner::new(scheduler, Kind::Guest),
        }
    }

    /// Runs tasks on this thread until `main` breaks, parking on `park` when there
    /// are none.
    ///
    /// `main` polls the future if it has been woken. It is called at least once
    /// for every 31 tasks, and after each park, and is told whether this thread
    /// counts as a runner that is awake. Whoever wakes the future calls the parker's
    /// unparker.
    ///
    /// # Panics
    ///
    /// Passes on a panic of `main`.
    pub fn run(&mut self, park: &mut dyn Park, main: &mut dyn FnMut(bool) -> MainPoll) {
        let waker = waker::unpark_waker(park.unparker());
        self.runner.on_this_thread(|runner| {
            runner.try_begin();
            while let ControlFlow::Continue(polled) = runner.poll_main(&mut *main) {
                if !runner.try_begin() {
                    runner.stand_back();
                    if polled == Polled::No {
                        runner.rest_aside(park);
                    }
                    continue;
                }
                let mut ran = 0;
                while ran < TASKS_PER_TURN {
                    if runner.is_event_due() {
                        runner.inside_park(|| park.poll());
                    }
                    if !runner.run_one() {
                        break;
                    }
                    ran += 1;
                }
                if ran == 0 && polled == Polled::No && runner.fall_asleep(&waker) {
                    runner.park(park);
                    if runner.is_asleep() {
                        // It woke for its future only, and may not run tasks now.
                        // Nor is it counted then: whoever excuses a guest takes it
                        // off the count, and a sleeper must not be taken off twice.
                        runner.stand_back();
                    }
                }
            }
        });
    }
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guest").finish_non_exhaustive()
    }
}
