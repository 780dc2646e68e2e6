//! Which queue this thread runs: what a waker, a handle and a spawn ask first.
//!
//! # Invariants
//!
//! 1. If a queue is the current one of this thread, the thread owns it and is in a
//!    [session](LocalQueue::session) of it, so that the list may be changed without
//!    the gate; and the queue is neither asleep nor closed to new tasks. Then no cell
//!    of it is merged, since that is done after it was closed to new tasks.
//! 2. The pointer is to a queue that the session which made it current borrows.
//!
//! So one compare of a word in the cell with a thread-local says all of this. Where it
//! fails, the queue's own word says who owns it, and its owner sees to the rest.

use std::cell::Cell;
use std::ptr;

use crate::local_cell::owner::Owner;
use crate::local_cell::queue::LocalQueue;

#[cfg(not(sinew_loom))]
thread_local! {
    static CURRENT: Cell<*const LocalQueue> = const { Cell::new(ptr::null()) };
}

// A model's threads share the thread that std sees.
#[cfg(sinew_loom)]
loom::thread_local! {
    static CURRENT: Cell<*const LocalQueue> = Cell::new(ptr::null());
}

impl LocalQueue {
    /// The owner, if this thread runs the queue.
    #[inline]
    pub(super) fn as_current(&self) -> Option<Owner<'_>> {
        let here = CURRENT.with(|current| ptr::eq(current.get(), self));
        // SAFETY: invariant 1: this thread owns it.
        here.then(|| unsafe { Owner::new(self) })
    }
}

impl Owner<'_> {
    /// Makes the queue the current one, if it can be.
    pub(super) fn set_current(self) {
        let owned = self.owned();
        if owned.sessions.get() > 0 && !owned.asleep.get() && !owned.closed.get() {
            CURRENT.with(|current| current.set(self.queue()));
        }
    }

    /// The queue is not the current one any more.
    pub(super) fn clear_current(self) {
        CURRENT.with(|current| {
            if ptr::eq(current.get(), self.queue()) {
                current.set(ptr::null());
            }
        });
    }
}

/// Puts back, when dropped, what was current when it was made, if it still can be.
/// Nested like the sessions that it is made for.
pub(super) struct Previous(*const LocalQueue);

impl Previous {
    pub(super) fn keep() -> Previous {
        Previous(CURRENT.with(Cell::get))
    }
}

impl Drop for Previous {
    fn drop(&mut self) {
        CURRENT.with(|current| current.set(ptr::null()));
        // SAFETY: by invariant 2 the session that made it current borrows it, which
        // is around the one that ends.
        let queue = unsafe { self.0.as_ref() };
        if let Some(owner) = queue.and_then(LocalQueue::as_owner) {
            owner.set_current();
        }
    }
}
