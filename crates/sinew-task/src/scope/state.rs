//! Who holds the cell of a child.
//!
//! # Bits
//!
//! | bit | meaning | set | cleared |
//! |---|---|---|---|
//! | `OWNED` | the scope has it: it has not ended, or waits in the owner's list | at the start | by the owner, once |
//! | `HANDLE` | its [`ScopedHandle`](super::ScopedHandle) is alive | at the start | by the handle, once |
//! | `SENT` | it is among those sent to the owner, or about to be | by who wakes it on another thread | by the owner, when it takes it |
//! | the rest | how many wakers there are | | |
//!
//! Each is a hold on the memory: whoever clears the last frees it. The first waker of a
//! cell holds the queue too, until the last one goes: `Queue` outlives all wakers.
//!
//! # Orderings
//!
//! What gives up a hold is a Release, and what may free the cell an Acquire, so all that
//! the others did with it comes before. `send` and `taken` change the same word: a
//! wake that finds `SENT` set comes before the `taken` that clears it, and what the
//! waking thread did before is seen by the poll that follows.

use std::process;

use crate::atomic::{AtomicUsize, Ordering};

const OWNED: usize = 1;
const HANDLE: usize = 1 << 1;
const SENT: usize = 1 << 2;
const WAKER: usize = 1 << 3;
/// So many wakers are more than memory can hold, if none was forgotten.
const TOO_MANY: usize = usize::MAX / 2;

/// See the module.
pub(super) struct State(AtomicUsize);

/// What a cell that was taken is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Taken {
    /// The scope has it.
    Owned,
    /// It has ended, and somebody else still holds it.
    Ended,
    /// It has ended, and nobody holds it: free it.
    Last,
}

/// What is to be done when a waker goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) struct Dropped {
    /// There is no other waker: give up the hold on the queue.
    pub(super) last_waker: bool,
    /// Nobody holds it: free it.
    pub(super) last: bool,
}

impl State {
    /// Held by the scope and a handle.
    pub(super) fn new() -> State {
        State(AtomicUsize::new(OWNED | HANDLE))
    }

    /// The same, and about to be sent.
    pub(super) fn new_sent() -> State {
        State(AtomicUsize::new(OWNED | HANDLE | SENT))
    }

    /// Counts one more waker; `true` if it is the only one.
    #[must_use]
    pub(super) fn add_waker(&self) -> bool {
        // Relaxed: it is made of one that lives.
        let before = self.0.fetch_add(WAKER, Ordering::Relaxed);
        if before > TOO_MANY {
            process::abort();
        }
        before < WAKER
    }

    pub(super) fn drop_waker(&self) -> Dropped {
        // ORDERING: see the module.
        let before = self.0.fetch_sub(WAKER, Ordering::AcqRel);
        Dropped {
            last_waker: before < 2 * WAKER,
            last: before == WAKER,
        }
    }

    /// Whether it is now up to the caller, who has a waker, to send it.
    #[must_use]
    pub(super) fn send(&self) -> bool {
        // ORDERING: see the module.
        let before = self.0.fetch_or(SENT, Ordering::AcqRel);
        if before & SENT != 0 {
            return false;
        }
        if before & OWNED == 0 {
            // It has ended; nobody will take it.
            // ORDERING: see the module.
            self.0.fetch_and(!SENT, Ordering::Release);
            return false;
        }
        true
    }

    /// It could not be sent. The caller has a waker.
    pub(super) fn not_sent(&self) {
        // ORDERING: see the module.
        self.0.fetch_and(!SENT, Ordering::Release);
    }

    /// It is no longer among those sent.
    pub(super) fn taken(&self) -> Taken {
        // ORDERING: see the module.
        match self.0.fetch_and(!SENT, Ordering::AcqRel) {
            before if before & OWNED != 0 => Taken::Owned,
            SENT => Taken::Last,
            _ => Taken::Ended,
        }
    }

    /// The scope lets go of it. `true` if nobody holds it.
    #[must_use]
    pub(super) fn disown(&self) -> bool {
        // With no other hold there is nobody who could take one.
        // ORDERING: Acquire, see the module.
        self.0.load(Ordering::Acquire) == OWNED
            || self.0.fetch_and(!OWNED, Ordering::AcqRel) == OWNED
    }

    /// The handle lets go of it. `true` if nobody holds it.
    #[must_use]
    pub(super) fn drop_handle(&self) -> bool {
        // ORDERING: see the module.
        self.0.fetch_and(!HANDLE, Ordering::AcqRel) == HANDLE
    }

    /// Whether there is a handle. It goes only while nobody polls the child, or in
    /// that poll: invariant 4 of `scope`.
    pub(super) fn has_handle(&self) -> bool {
        self.0.load(Ordering::Relaxed) & HANDLE != 0
    }
}
