//! Stretches of work, from one park to the next: what is counted of them.

use sinew_core::coop;

use crate::counters;
use crate::run::Runner;
use crate::stopwatch;

impl Runner {
    /// Begins to measure the time at work.
    pub(crate) fn start_work(&mut self) {
        if let Some(slot) = self.my_slot() {
            self.working_since = Some((stopwatch::now(), slot.poll.polls()));
        }
        self.forced_yields = Some(coop::forced_yields());
    }

    /// Ends a stretch of work before a park and counts both, unless it only goes on
    /// waiting.
    pub(super) fn begin_wait(&mut self) {
        if std::mem::replace(&mut self.waits, true) {
            return;
        }
        if let Some(slot) = self.my_slot() {
            counters::add(&slot.counters.parks, 1);
            counters::add(&slot.counters.parks_unparks, 1);
        }
        self.end_work();
    }

    /// It waits no longer, and this is counted.
    pub(super) fn end_wait(&mut self) {
        if !std::mem::take(&mut self.waits) {
            return;
        }
        if let Some(slot) = self.my_slot() {
            counters::add(&slot.counters.parks_unparks, 1);
        }
    }

    /// Ends a stretch of work and counts it.
    pub(super) fn end_work(&mut self) {
        let Some(slot) = self.slot else { return };
        let slot = self.scheduler.slot(slot);
        let counters = &slot.counters;
        if let Some(before) = self.forced_yields.take() {
            let forced = coop::forced_yields().wrapping_sub(before);
            counters::add(&counters.forced_yields, forced);
        }
        if let Some((since, before)) = self.working_since {
            let polls = slot.poll.polls().wrapping_sub(before);
            counters.worked(stopwatch::since(since), polls);
            if polls == 0 {
                counters::add(&counters.noops, 1);
            }
        }
        self.working_since = None;
    }
}
