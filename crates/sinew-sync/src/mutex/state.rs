//! The word of a lock.

use crate::primitives::{AtomicUsize, Ordering, const_fn};

/// Somebody holds the lock, or it is on its way to a waiter that was popped.
const LOCKED: usize = 1;
/// Somebody is in the queue. Set and cleared with the list's lock held only, and
/// never set without `LOCKED`: the lock goes from hand to hand.
const WAITERS: usize = 2;

pub(super) struct StateCell(AtomicUsize);

impl StateCell {
    const_fn! {
        pub(super) const fn new() -> StateCell {
            StateCell(AtomicUsize::new(0))
        }
    }

    /// Takes the lock if it is free. One locked instruction; none if it is not free.
    #[inline]
    pub(super) fn try_lock(&self) -> bool {
        // ORDERING: Acquire pairs with the Release of the unlock before.
        self.0.load(Ordering::Relaxed) == 0
            && self
                .0
                .compare_exchange(0, LOCKED, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
    }

    /// Lets go of the lock if nobody waits; else `false`, and it stays locked. One
    /// locked instruction; none if somebody waits.
    #[inline]
    pub(super) fn unlock(&self) -> bool {
        // ORDERING: Release pairs with the Acquire of the next lock.
        self.0.load(Ordering::Relaxed) == LOCKED
            && self
                .0
                .compare_exchange(LOCKED, 0, Ordering::Release, Ordering::Relaxed)
                .is_ok()
    }

    /// With the list's lock held: takes the lock if it has become free, or notes that
    /// somebody waits; then `false`.
    pub(super) fn lock_or_wait(&self) -> bool {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let (next, taken) = match word {
                0 => (LOCKED, true),
                LOCKED => (LOCKED | WAITERS, false),
                // Stays so while the list's lock is held.
                _ => return false,
            };
            // ORDERING: Acquire as in `try_lock`. What a waiter has done so far is
            // ordered before by the list's lock.
            match self
                .0
                .compare_exchange_weak(word, next, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => return taken,
                Err(now) => word = now,
            }
        }
    }

    /// With the list's lock held: the queue has become empty, the lock is held.
    #[inline]
    pub(super) fn stop_waiting(&self) {
        // ORDERING: Relaxed: with `WAITERS` set the word changes with the list's
        // lock held only; nothing is handed on by this store.
        self.0.store(LOCKED, Ordering::Relaxed);
    }

    /// With the list's lock held and the queue empty: lets go of the lock.
    #[inline]
    pub(super) fn unlock_held(&self) {
        // ORDERING: Release pairs with the Acquire of the next lock.
        self.0.store(0, Ordering::Release);
    }
}
