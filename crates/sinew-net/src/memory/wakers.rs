//! The tasks that wait for one change.

use std::mem;
use std::task::Waker;

use sinew_core::waker::WakeList;

/// Wakers to be woken at the next change, each task once.
#[derive(Debug, Default)]
pub(super) struct Wakers(Vec<Waker>);

impl Wakers {
    /// Adds `waker`, unless a waker of the same task is there already.
    pub(super) fn add(&mut self, waker: &Waker) {
        if !self.0.iter().any(|known| known.will_wake(waker)) {
            self.0.push(waker.clone());
        }
    }

    /// Takes all out, to be woken when the lock around this is released.
    pub(super) fn take(&mut self) -> Woken {
        Woken(mem::take(&mut self.0))
    }
}

/// Wakers to be woken now.
#[must_use = "the tasks are waiting"]
#[derive(Debug, Default)]
pub(super) struct Woken(Vec<Waker>);

impl Woken {
    /// These and those of `other`.
    pub(super) fn and(mut self, other: Woken) -> Woken {
        self.0.extend(other.0);
        self
    }

    /// Wakes all. Must not be called with a lock held.
    pub(super) fn wake(self) {
        let mut batch = WakeList::new();
        for waker in self.0 {
            if !batch.can_push() {
                batch.wake_all();
            }
            batch.push(waker);
        }
        batch.wake_all();
    }
}
