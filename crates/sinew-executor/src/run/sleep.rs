//! How a runner falls asleep, parks, and wakes up.

use std::task::Waker;
use std::time::{Duration, Instant};

use sinew_core::Park;

use crate::current::{self, Push};
use crate::idle::{Duty, Woken};
use crate::run::Runner;
use crate::watch::Round;

/// How long at most there may be no watcher while one is needed: as long as the longest of
/// a watcher's rounds.
const STAND_BY: Duration = Duration::from_millis(20);

impl Runner {
    /// Enters the list of sleepers. `false`, and awake again, if there is a task.
    pub(crate) fn fall_asleep(&mut self, waker: &Waker) -> bool {
        let searching = std::mem::take(&mut self.searching);
        let idle = &self.scheduler.idle;
        let unwatched = idle.fall_asleep(self.id, waker.clone(), searching, self.is_guest);
        self.asleep = true;
        // Who was refused to search leaves the last look to those who do.
        let look = searching || idle.searching() == 0;
        if look && self.scheduler.has_tasks() {
            return self.wake_up() == Woken::Barred;
        }
        if unwatched {
            // A watcher would do that when all have slept for a while.
            sinew_task::trim_memory_at_rest();
        }
        true
    }

    /// Leaves the list of sleepers, or takes the token of who took it out.
    pub(crate) fn wake_up(&mut self) -> Woken {
        if !self.asleep {
            return Woken::Alone;
        }
        let woken = self.scheduler.idle.wake_up(self.id);
        self.asleep = woken == Woken::Barred;
        self.searching |= woken == Woken::Notified;
        woken
    }

    pub(crate) fn is_asleep(&self) -> bool {
        self.asleep
    }

    /// Parks on `park` and wakes up. If it may not, because as many runners as may
    /// be are awake, or there is nothing for it to do, it is still asleep afterwards.
    pub(crate) fn park(&mut self, park: &mut dyn Park) {
        self.begin_wait();
        let duty = self.scheduler.idle.duty(self.id);
        let deadline = match duty {
            Duty::Watch => self.watch.begin(self.scheduler.slots()),
            Duty::StandBy => Instant::now().checked_add(STAND_BY),
            Duty::Sleep => None,
        };
        let old = current::set_push(Push::QueueSilently);
        {
            let scheduler = self.scheduler.clone();
            let _resting = scheduler.tasks.rest();
            if self.is_guest && !self.watch.is_any_stuck() {
                self.leave_reactor();
                park.park_aside(deadline);
            } else {
                self.leaves_reactor = self.is_guest;
                park.park(deadline);
            }
        }
        current::set_push(old);
        let behind = duty == Duty::Watch && self.look_around() == Round::Eventful;
        if !behind && self.sleeps_on() {
            return;
        }
        self.end_wait();
        match self.wake_up() {
            Woken::Barred => {
                if self
                    .my_slot()
                    .is_some_and(|slot| self.scheduler.give_away(slot))
                {
                    self.scheduler.idle.notify();
                }
            }
            Woken::Notified | Woken::Alone => self.announce(),
        }
        self.start_work();
    }

    /// A guest that may not run tasks waits for its main future only.
    pub(crate) fn rest_aside(&self, park: &mut dyn Park) {
        let _resting = self.scheduler.tasks.rest();
        park.park_aside(None);
    }

    /// A guest that took the place of a stuck worker in the reactor does not come
    /// back to it: a worker that sleeps is woken, and will.
    pub(super) fn leave_reactor(&mut self) {
        if std::mem::take(&mut self.leaves_reactor) {
            self.scheduler.idle.notify();
        }
    }

    /// Whether it may stay among the sleepers, as if it had not woken up, because
    /// nobody has notified it and it has no task: it was appointed the watcher, or
    /// its round is over. A guest has to look at its main future and does not.
    fn sleeps_on(&self) -> bool {
        let scheduler = &self.scheduler;
        // A wake-up that comes after this look leaves a token in the parker.
        !self.is_guest && !scheduler.has_tasks() && scheduler.idle.is_asleep(self.id)
    }

    /// Runs `poll`, which does what a parker can without waiting, with pushes
    /// from this thread going unannounced, and announces them once.
    pub(crate) fn inside_park(&mut self, poll: impl FnOnce()) {
        self.since_poll = 0;
        let old = current::set_push(Push::QueueSilently);
        poll();
        current::set_push(old);
        self.announce();
    }

    fn announce(&self) {
        // One task is this runner's own to take.
        if self.my_slot().is_some_and(|slot| slot.queued() > 1) {
            self.scheduler.idle.notify();
        }
    }

    /// Ends a watcher's round.
    fn look_around(&mut self) -> Round {
        let scheduler = &self.scheduler;
        let round = self.watch.look(scheduler.slots(), |slot, main| {
            scheduler.excuse(slot, main);
        });
        if self.watch.is_over() && scheduler.idle.stop_watching(self.id) {
            self.watch.reset();
            // All have slept for a while.
            sinew_task::trim_memory();
        }
        round
    }
}
