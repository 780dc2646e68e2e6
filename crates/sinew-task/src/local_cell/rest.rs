//! How the owner of a queue sleeps, and what others may do with its list meanwhile.

use std::task::Waker;

use crate::atomic::Ordering;
use crate::local_cell::cache;
use crate::local_cell::current::Previous;
use crate::local_cell::owner::Owner;
use crate::local_cell::queue::LocalQueue;

impl LocalQueue {
    /// Leaves `waker` to be woken when a task wants a turn. `false`, and no
    /// longer asleep, if one does already.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    pub fn fall_asleep(&self, waker: &Waker) -> bool {
        let owner = self.owner();
        let owned = owner.owned();
        let old = self.sleeper().replace(waker.clone());
        drop(old);
        owned.asleep.set(true);
        owner.clear_current();
        // ORDERING: Acquire pairs with `ring`. The lock of `sleeper` orders
        // this against it: whoever locks second sees what the other did.
        let mail = self.mail.load(Ordering::Acquire);
        if mail || !owned.is_idle() {
            self.wake_up();
            return false;
        }
        owned.cache.trim(cache::ASLEEP);
        true
    }

    /// The owner does not sleep any more, whatever woke it.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    pub fn wake_up(&self) {
        let owner = self.owner();
        if owner.owned().asleep.replace(false) {
            let old = self.sleeper().take();
            drop(old);
        }
        owner.set_current();
    }

    /// Runs `f` with the list of tasks closed to other threads, so that changing
    /// it takes no lock: for the loop of an executor. May be nested.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    pub fn session<R>(&self, f: impl FnOnce() -> R) -> R {
        struct Leave<'a>(Owner<'a>);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                self.0.leave();
            }
        }
        let owner = self.owner();
        // Outermost, and so dropped last: it looks whether a session goes on.
        let _previous = Previous::keep();
        owner.enter();
        let _leave = Leave(owner);
        owner.set_current();
        f()
    }

    /// Runs `f`, for example a park, with the list of tasks open to other
    /// threads. Inside of a [`session`](Self::session).
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    pub fn outside<R>(&self, f: impl FnOnce() -> R) -> R {
        struct Enter<'a>(&'a LocalQueue, Owner<'a>, u32);
        impl Drop for Enter<'_> {
            fn drop(&mut self) {
                if self.2 > 0 {
                    self.0.gate.enter();
                    self.1.owned().sessions.set(self.2);
                    self.1.set_current();
                }
            }
        }
        let owner = self.owner();
        let sessions = owner.owned().sessions.replace(0);
        owner.clear_current();
        if sessions > 0 {
            self.gate.leave();
        }
        let _enter = Enter(self, owner, sessions);
        f()
    }

    /// Whether no task waits for a turn, as far as this thread can see: another
    /// than the owner's sees only what other threads have left.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        // ORDERING: Acquire pairs with `ring`.
        !self.mail.load(Ordering::Acquire)
            && self.as_owner().is_none_or(|owner| owner.owned().is_idle())
    }
}
