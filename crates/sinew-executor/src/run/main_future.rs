//! A guest's main future, and whether the guest runs tasks beside it.

use std::sync::atomic::Ordering;

use crate::current::{self, Push};
use crate::run::Runner;

impl Runner {
    /// A guest runs tasks from here on, unless as many do as may.
    pub(crate) fn try_begin(&mut self) -> bool {
        if !self.counted && self.slot.is_some() {
            self.counted = self.scheduler.idle.try_begin();
        }
        self.counted
    }

    /// A guest runs no tasks for now, or has been excused: it gives away what it has.
    pub(crate) fn stand_back(&mut self) {
        self.leave_reactor();
        let counted = std::mem::take(&mut self.counted);
        if std::mem::take(&mut self.asleep) {
            self.searching |= self.scheduler.idle.end_asleep(self.id);
        } else if counted {
            self.scheduler.idle.end();
        }
        if let Some(slot) = self.my_slot() {
            self.scheduler.give_away(slot);
        }
        self.stop_searching();
        self.scheduler.notify_if_tasks();
    }

    /// Polls a guest's main future.
    pub(crate) fn poll_main<R>(&mut self, poll: impl FnOnce(bool) -> R) -> R {
        let Some(slot) = self.slot.filter(|_| self.counted) else {
            let old = current::set_push(Push::Inject);
            let result = poll(false);
            current::set_push(old);
            return result;
        };
        let scheduler = self.scheduler.clone();
        let slot = scheduler.slot(slot);
        let queued = || slot.counters.local_schedules.load(Ordering::Relaxed);
        let before = queued();
        let main = slot.begin_main(&mut self.counted);
        let result = poll(true);
        drop(main);
        if queued() != before {
            scheduler.blocking.ended(slot.queued() == 0);
        }
        result
    }
}
