//! When to look at a wheel next, and what a change does to that.

use super::slab::NIL;
use super::{First, LOOK, SLOTS, Wheel};

impl<T> Wheel<T> {
    /// When to call [`pop_due`](Self::pop_due) next: the earliest deadline, or,
    /// when many entries share a slot that is still far away, the start of that
    /// slot, from where a second look is exact. Never later than the earliest
    /// deadline. `None` when empty.
    pub(crate) fn next_deadline(&mut self) -> Option<u64> {
        if self.stale {
            self.next = self.look(LOOK).unwrap_or(u64::MAX);
            self.stale = false;
            self.forget_wake();
        }
        (self.len() > 0).then_some(self.next)
    }

    /// When to wake up next: as [`next_deadline`](Self::next_deadline), or later
    /// while the slack of all entries that are due by then allows it. Many of
    /// them then share one wake-up; one that is alone has nothing to wait for.
    pub(crate) fn next_wake(&mut self) -> Option<u64> {
        let next = self.next_deadline()?;
        if !self.wake_known {
            let shared = match self.first()? {
                First::Fine(slot) => Some(self.shared_fine(slot)),
                First::Coarse(place, _) => self.shared_coarse(place),
            };
            self.wake = shared.unwrap_or(next);
            self.wake_known = true;
        }
        Some(self.wake)
    }

    /// The last deadline that the first entries of level 0 can all wait for.
    fn shared_fine(&mut self, first: usize) -> u64 {
        let mut limit = u64::MAX;
        let mut last = u64::MAX;
        for slot in first..SLOTS {
            if self.occupied[0] & (1 << slot) == 0 {
                continue;
            }
            self.sort(slot);
            let mut index = self.lists[slot].head;
            while index != NIL {
                let deadline = self.slab.deadline_at(index);
                if deadline > limit {
                    return last;
                }
                last = deadline;
                limit = limit.min(self.slab.latest_at(index));
                index = self.slab.next(index);
            }
        }
        last
    }

    /// The same for a slot above, unless it has many entries.
    fn shared_coarse(&self, place: usize) -> Option<u64> {
        let mut limit = u64::MAX;
        let mut count = 0;
        let mut index = self.lists[place].head;
        while index != NIL {
            count += 1;
            if count > LOOK {
                return None;
            }
            limit = limit.min(self.slab.latest_at(index));
            index = self.slab.next(index);
        }
        let mut last = 0;
        let mut index = self.lists[place].head;
        while index != NIL {
            let deadline = self.slab.deadline_at(index);
            if deadline <= limit {
                last = last.max(deadline);
            }
            index = self.slab.next(index);
        }
        Some(last)
    }

    #[inline]
    pub(super) fn note_next(&mut self, deadline: u64) {
        if deadline > self.wake {
            return;
        }
        if deadline <= self.next {
            self.next = deadline;
            self.stale = false;
        }
        self.forget_wake();
    }

    #[inline]
    pub(super) fn forget_next(&mut self, deadline: u64) {
        if deadline > self.wake {
            return;
        }
        self.stale |= deadline <= self.next;
        self.forget_wake();
    }

    #[inline]
    pub(super) fn forget_wake(&mut self) {
        self.wake = self.next;
        self.wake_known = false;
    }
}
