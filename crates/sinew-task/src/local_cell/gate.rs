//! The list of cells is changed by its owner without a lock, and may be read by
//! other threads: one side at a time.
//!
//! The owner is inside of the gate as long as it runs tasks, also while it is parked
//! in between. Going in and out takes a lock; what is done inside takes none. A
//! reader goes in when the owner is outside. An owner that is inside for long
//! steps aside between tasks if a reader waits ([`Gate::step_aside`]); a reader wakes
//! one that is parked.
//!
//! # Invariants
//!
//! 1. `inside` and `readers > 0` exclude each other; both change under the lock.
//! 2. No reader goes in while the owner waits to, so readers that come one upon
//!    the other cannot keep it out.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

#[derive(Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
    /// Readers that wait or read. A hint for the owner.
    wanted: AtomicUsize,
}

#[derive(Default)]
struct State {
    /// The owner is inside, or waits to be.
    owner: bool,
    readers: usize,
    /// Readers that have gone in, ever.
    admitted: u64,
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The owner goes in. Must not be inside.
    pub(super) fn enter(&self) {
        let mut state = self.lock();
        state.owner = true;
        while state.readers > 0 {
            state = self.wait(state);
        }
    }

    /// The owner goes out.
    pub(super) fn leave(&self) {
        let mut state = self.lock();
        state.owner = false;
        // Relaxed: who waits has counted itself and then held the lock; who has not
        // had the lock yet need not wait. To notify nobody is a system call too.
        let wanted = self.wanted.load(Ordering::Relaxed) > 0;
        drop(state);
        if wanted {
            self.changed.notify_all();
        }
    }

    /// The owner, inside, lets those in who wait.
    #[inline]
    pub(super) fn step_aside(&self) {
        // Relaxed: a reader that is missed is seen the next time.
        if self.wanted.load(Ordering::Relaxed) > 0 {
            self.let_readers_in();
        }
    }

    #[cold]
    fn let_readers_in(&self) {
        let mut state = self.lock();
        state.owner = false;
        let admitted = state.admitted;
        self.changed.notify_all();
        while state.admitted == admitted && self.wanted.load(Ordering::Relaxed) > 0 {
            state = self.wait(state);
        }
        drop(state);
        self.enter();
    }

    /// Runs `f` while the owner is outside. If it is inside, and may be parked there,
    /// `knock` is to make it [step aside](Self::step_aside). Must not be called by the
    /// owner.
    pub(super) fn read<R>(&self, knock: impl FnOnce(), f: impl FnOnce() -> R) -> R {
        struct Leave<'a>(&'a Gate);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                let mut state = self.0.lock();
                state.readers -= 1;
                // Under the lock, as the owner looks at it there.
                self.0.wanted.fetch_sub(1, Ordering::Relaxed);
                drop(state);
                self.0.changed.notify_all();
            }
        }
        self.wanted.fetch_add(1, Ordering::Relaxed);
        let mut state = self.lock();
        if state.owner {
            drop(state);
            knock();
            state = self.lock();
        }
        while state.owner {
            state = self.wait(state);
        }
        state.readers += 1;
        state.admitted += 1;
        drop(state);
        let _leave = Leave(self);
        self.changed.notify_all();
        f()
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
