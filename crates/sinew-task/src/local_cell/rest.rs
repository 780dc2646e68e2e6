//! How the owner of a queue sleeps, and what others may do with its list meanwhile.

use std::fmt;
use std::mem;
use std::sync::Arc;
use std::task::Waker;

use sinew_core::Unpark;

use crate::local_cell::bell::Bell;
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
        let old = self.bell.sleeper().replace(waker.clone());
        drop(old);
        owned.asleep.set(true);
        owner.clear_current();
        if self.bell.was_rung() || !owned.is_idle() {
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
            let old = self.bell.sleeper().take();
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

    /// Runs `f` outside of all [sessions](Self::session) that this thread is in, so that
    /// other threads can read the list of tasks meanwhile: for what may block and is not
    /// the executor's own, such as a hook. No task may be under way that a reader is to
    /// see as it is.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    pub fn out_of_session<R>(&self, f: impl FnOnce() -> R) -> R {
        struct Back<'a>(Owner<'a>, u32);
        impl Drop for Back<'_> {
            fn drop(&mut self) {
                self.0.go_back_in(self.1);
            }
        }
        let owner = self.owner();
        // Outermost, and so dropped last: it looks whether a session goes on.
        let _previous = Previous::keep();
        owner.clear_current();
        let _back = Back(owner, owner.step_out());
        f()
    }

    /// Says how a park of this thread is ended, for as long as the result is kept. May
    /// be nested. Inside of a [`session`](Self::session).
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    pub fn parking(&self, unparker: Arc<dyn Unpark>) -> Parking<'_> {
        let owner = self.owner();
        let outer = self.bell.parker().replace(unparker);
        Parking { owner, outer }
    }

    /// Whether [`run`](Self::run) would find nothing to do.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    #[inline]
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.owner().owned().is_idle() && !self.bell.is_rung()
    }

    /// Whether no task waits for a turn, as far as this thread can see: another
    /// than the owner's sees only what other threads have left.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        !self.bell.was_rung() && self.as_owner().is_none_or(|owner| owner.owned().is_idle())
    }
}

/// The owner of a queue may park. From [`LocalQueue::parking`].
#[must_use = "it is undone when this is dropped"]
pub struct Parking<'a> {
    owner: Owner<'a>,
    /// Of the loop in one of whose tasks this one is nested.
    outer: Option<Arc<dyn Unpark>>,
}

impl Parking<'_> {
    /// Runs `park` unless a task wants a turn, and says whether it did. The unparker is
    /// called if another thread leaves something meanwhile. What is woken on this very
    /// thread is queued and nobody is told: `park` is to return after it has woken
    /// anything.
    #[inline]
    pub fn park(&self, park: impl FnOnce()) -> bool {
        struct End<'a>(&'a Bell);
        impl Drop for End<'_> {
            fn drop(&mut self) {
                self.0.unpark();
            }
        }
        let owned = self.owner.owned();
        let bell = &self.owner.queue().bell;
        if !owned.is_idle() || !bell.park() {
            return false;
        }
        let _end = End(bell);
        owned.cache.trim(cache::ASLEEP);
        park();
        true
    }
}

impl Drop for Parking<'_> {
    fn drop(&mut self) {
        let mut parker = self.owner.queue().bell.parker();
        let own = mem::replace(&mut *parker, self.outer.take());
        drop(parker);
        drop(own);
    }
}

impl fmt::Debug for Parking<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parking").finish_non_exhaustive()
    }
}
