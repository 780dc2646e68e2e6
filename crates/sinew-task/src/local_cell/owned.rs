//! What only the owner writes: the flags of a task's life and the plain count.

use std::cell::Cell;

use crate::atomic::{AtomicBool, Ordering};

/// The cell is in the run queue, or the future is being polled or dropped, or the
/// output dropped.
const ACTIVE: u8 = 1;
/// The task was woken while it was active: if it is being polled, it is to go back to
/// the run queue. One that still waits there is on its way to a poll anyway.
const WOKEN: u8 = 1 << 1;
/// The future is gone and the output in its place; the task will not run again.
const COMPLETE: u8 = 1 << 2;
/// The task is to be cancelled at its next turn.
const ABORTED: u8 = 1 << 3;
/// The remote word counts all references.
const MERGED: u8 = 1 << 4;
/// The scheduler has hooks. Set when the task is made and never changed.
const HOOKED: u8 = 1 << 5;

/// Flags and count: the owner's, but for `complete`, which others may read.
///
/// The usual states, in which no more than one flag is set, are compared as a whole: a
/// task is neither hooked nor aborted then. There is no flag for a poll that is under
/// way, so that neither its begin nor that a task gives way changes anything.
pub(super) struct OwnedState {
    flags: Cell<u8>,
    /// `COMPLETE` is set: for other threads. Written once, by the owner.
    complete: AtomicBool,
    /// There is a `JoinHandle`: the output is its to take.
    joined: Cell<bool>,
    /// References that the owner counts. It may fall below zero while others
    /// are counted in the remote word.
    references: Cell<i32>,
}

/// Whether a task that was woken goes into the run queue now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Woken {
    Push,
    /// It is there already, is being polled, or is complete.
    Nothing,
}

/// What to do with a task whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Turn {
    Poll,
    /// With hooks around it.
    PollHooked,
    Cancel,
}

impl OwnedState {
    /// A task that is in the run queue, with a `JoinHandle`.
    #[inline]
    pub(super) fn spawned(hooked: bool) -> OwnedState {
        let hooked = if hooked { HOOKED } else { 0 };
        OwnedState {
            flags: Cell::new(ACTIVE | hooked),
            complete: AtomicBool::new(false),
            joined: Cell::new(true),
            references: Cell::new(1),
        }
    }

    /// A task that is spawned after its queue was closed, with a `JoinHandle`.
    pub(super) fn refused(hooked: bool) -> OwnedState {
        let hooked = if hooked { HOOKED } else { 0 };
        OwnedState {
            flags: Cell::new(ACTIVE | MERGED | hooked),
            complete: AtomicBool::new(false),
            joined: Cell::new(true),
            references: Cell::new(0),
        }
    }

    #[inline]
    fn get(&self) -> u8 {
        self.flags.get()
    }

    #[inline]
    fn set(&self, flags: u8) {
        self.flags.set(flags);
    }

    /// Whether the output is in its place. From any thread.
    #[inline]
    pub(super) fn is_complete(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `complete`: who finds it
        // complete sees the output.
        self.complete.load(Ordering::Acquire)
    }

    /// Whether the remote word counts all references.
    #[inline]
    pub(super) fn is_merged(&self) -> bool {
        self.get() & MERGED != 0
    }

    pub(super) fn set_merged(&self) {
        self.set(self.get() | MERGED);
    }

    /// The task wants to be polled.
    #[inline]
    pub(super) fn wake(&self) -> Woken {
        let flags = self.get();
        if flags == 0 {
            self.set(ACTIVE);
            return Woken::Push;
        }
        if flags & COMPLETE != 0 {
            return Woken::Nothing;
        }
        if flags & ACTIVE != 0 {
            self.set(flags | WOKEN);
            return Woken::Nothing;
        }
        self.set(flags | ACTIVE);
        Woken::Push
    }

    /// The task is to be cancelled at its next turn, which it is to get.
    pub(super) fn abort(&self) -> Woken {
        self.set(self.get() | ABORTED);
        self.wake()
    }

    /// The task has come out of the run queue. Whether it is to be polled and there is
    /// nothing else about it; if not, [`begin_unusual`](Self::begin_unusual) is next.
    #[inline]
    #[must_use]
    pub(super) fn begin(&self) -> bool {
        self.get() == ACTIVE
    }

    /// What to do with a task that has come out of the run queue.
    pub(super) fn begin_unusual(&self) -> Turn {
        let flags = self.get();
        debug_assert!(flags & (ACTIVE | COMPLETE) == ACTIVE);
        self.set(flags & !WOKEN);
        if flags & ABORTED != 0 {
            return Turn::Cancel;
        }
        match flags & HOOKED != 0 {
            true => Turn::PollHooked,
            false => Turn::Poll,
        }
    }

    /// The poll is over and the future still there.
    #[inline]
    pub(super) fn end(&self) -> Woken {
        let flags = self.get();
        if flags == ACTIVE {
            self.set(0);
            return Woken::Nothing;
        }
        if flags & WOKEN != 0 {
            self.set(flags & !WOKEN);
            return Woken::Push;
        }
        self.set(flags & !ACTIVE);
        Woken::Nothing
    }

    /// Whether the scheduler has hooks.
    #[inline]
    pub(super) fn is_hooked(&self) -> bool {
        self.get() & HOOKED != 0
    }

    /// Whether there is a `JoinHandle`.
    #[inline]
    pub(super) fn is_joined(&self) -> bool {
        self.joined.get()
    }

    /// The `JoinHandle` is gone.
    #[inline]
    pub(super) fn set_detached(&self) {
        self.joined.set(false);
    }

    /// The output is in its place, or has been dropped if nobody joins.
    #[inline]
    pub(super) fn complete(&self) {
        self.set((self.get() & !(ACTIVE | WOKEN)) | COMPLETE);
        // ORDERING: Release pairs with the Acquire in `is_complete`.
        self.complete.store(true, Ordering::Release);
    }

    /// Adds a reference.
    #[inline]
    pub(super) fn add_reference(&self) {
        match self.references.get().checked_add(1) {
            Some(references) => self.references.set(references),
            // Two thousand million wakers that were cloned and forgotten.
            None => std::process::abort(),
        }
    }

    /// Takes a reference away from a task that is not complete.
    #[inline]
    pub(super) fn forget_reference(&self) {
        debug_assert!(!self.is_complete());
        self.references.set(self.references.get() - 1);
    }

    /// Takes a reference away. Whether the cell might have to be freed: none is
    /// counted here any more, and the task is complete.
    #[inline]
    #[must_use]
    pub(super) fn drop_reference(&self) -> bool {
        let references = self.references.get() - 1;
        self.references.set(references);
        references <= 0 && self.get() & COMPLETE != 0
    }

    /// Adds what the remote word says.
    pub(super) fn add_delta(&self, delta: isize) {
        let references = self.references() + delta;
        match i32::try_from(references) {
            Ok(references) => self.references.set(references),
            Err(_) => std::process::abort(),
        }
    }

    #[inline]
    pub(super) fn references(&self) -> isize {
        self.references.get() as isize
    }
}
