//! What only the owner writes: the flags of a task's life and the plain count.

use std::cell::Cell;

use crate::atomic::{AtomicU32, Ordering};

/// The cell is in the run queue; while `RUNNING`, it is to go back there.
const SCHEDULED: u32 = 1;
/// The future is being polled or dropped, or the output dropped.
const RUNNING: u32 = 1 << 1;
/// The future is gone and the output in its place; the task will not run again.
const COMPLETE: u32 = 1 << 2;
/// There is a `JoinHandle`: the output is its to take.
const JOINED: u32 = 1 << 3;
/// The task is to be cancelled at its next turn.
const ABORTED: u32 = 1 << 4;
/// The remote word counts all references.
const MERGED: u32 = 1 << 5;
/// The scheduler has hooks. Set when the task is made and never changed.
const HOOKED: u32 = 1 << 6;

/// Flags and count. Written by the owner's thread only, with plain loads and
/// stores; other threads read whether the task is complete.
///
/// Each store of the flags is a Release, not only the one that sets `COMPLETE`:
/// a thread that reads a later one must see the output too.
pub(super) struct OwnedState {
    flags: AtomicU32,
    /// References that the owner counts. It may fall below zero while others
    /// are counted in the remote word.
    references: Cell<i32>,
}

/// Whether a task that was woken goes into the run queue now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Woken {
    Push,
    /// It is there already, is running, or is complete.
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

/// What there is to do at a task's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) hooked: bool,
    /// There is a `JoinHandle`.
    pub(super) joined: bool,
}

impl OwnedState {
    /// A task that is in the run queue, with a `JoinHandle`.
    #[inline]
    pub(super) fn spawned(hooked: bool) -> OwnedState {
        let hooked = if hooked { HOOKED } else { 0 };
        OwnedState {
            flags: AtomicU32::new(SCHEDULED | JOINED | hooked),
            references: Cell::new(1),
        }
    }

    /// A task that is spawned after its queue was closed, with a `JoinHandle`.
    pub(super) fn refused(hooked: bool) -> OwnedState {
        let hooked = if hooked { HOOKED } else { 0 };
        OwnedState {
            flags: AtomicU32::new(RUNNING | JOINED | MERGED | hooked),
            references: Cell::new(0),
        }
    }

    #[inline]
    fn get(&self) -> u32 {
        // Relaxed: this thread is the only writer.
        self.flags.load(Ordering::Relaxed)
    }

    #[inline]
    fn set(&self, flags: u32) {
        // ORDERING: Release pairs with the Acquire in `is_complete`.
        self.flags.store(flags, Ordering::Release);
    }

    /// Whether the output is in its place. From any thread.
    #[inline]
    pub(super) fn is_complete(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `set`: who finds it
        // complete sees the output.
        self.flags.load(Ordering::Acquire) & COMPLETE != 0
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
        if flags & (SCHEDULED | COMPLETE) != 0 {
            return Woken::Nothing;
        }
        self.set(flags | SCHEDULED);
        match flags & RUNNING == 0 {
            true => Woken::Push,
            false => Woken::Nothing,
        }
    }

    /// The task is to be cancelled at its next turn, which it is to get.
    pub(super) fn abort(&self) -> Woken {
        self.set(self.get() | ABORTED);
        self.wake()
    }

    /// The task has come out of the run queue.
    #[inline]
    pub(super) fn begin(&self) -> Turn {
        let flags = self.get();
        debug_assert!(flags & (SCHEDULED | RUNNING | COMPLETE) == SCHEDULED);
        let begun = flags ^ (SCHEDULED | RUNNING);
        if flags & (ABORTED | HOOKED) == 0 {
            self.set(begun);
            return Turn::Poll;
        }
        self.set(begun);
        match flags & ABORTED == 0 {
            true => Turn::PollHooked,
            false => Turn::Cancel,
        }
    }

    /// The poll is over and the future still there.
    #[inline]
    pub(super) fn end(&self) -> Woken {
        let flags = self.get();
        if flags & SCHEDULED == 0 {
            self.set(flags & !RUNNING);
            return Woken::Nothing;
        }
        self.set(flags & !RUNNING);
        Woken::Push
    }

    /// The poll is over and the output in its place.
    #[inline]
    pub(super) fn finishing(&self) -> End {
        let flags = self.get();
        End {
            hooked: flags & HOOKED != 0,
            joined: flags & JOINED != 0,
        }
    }

    /// The `JoinHandle` is gone.
    #[inline]
    pub(super) fn set_detached(&self) {
        self.set(self.get() & !JOINED);
    }

    /// The output is in its place, or has been dropped if nobody joins.
    #[inline]
    pub(super) fn complete(&self) {
        self.set((self.get() & !(SCHEDULED | RUNNING)) | COMPLETE);
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

    pub(super) fn references(&self) -> isize {
        self.references.get() as isize
    }
}
