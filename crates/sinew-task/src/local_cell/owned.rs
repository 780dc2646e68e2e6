//! What only the owner writes: the flags of a task's life and the plain count.

use std::cell::Cell;

use crate::atomic::{AtomicU8, Ordering};

/// The cell is in the run queue; while `RUNNING`, it is to go back there.
const SCHEDULED: u8 = 1;
/// The future is being polled or dropped, or the output dropped.
const RUNNING: u8 = 1 << 1;
/// The future is gone and the output in its place; the task will not run again.
const COMPLETE: u8 = 1 << 2;
/// The task is to be cancelled at its next turn.
const ABORTED: u8 = 1 << 3;
/// The remote word counts all references.
const MERGED: u8 = 1 << 4;
/// The scheduler has hooks. Set when the task is made and never changed.
const HOOKED: u8 = 1 << 5;

/// Flags and count. Written by the owner's thread only, with plain loads and
/// stores; other threads read whether the task is complete.
///
/// Each store of the flags is a Release, not only the one that sets `COMPLETE`:
/// a thread that reads a later one must see the output too.
///
/// The usual states, in which no more than one flag is set, are compared as a whole: a
/// task is neither hooked nor aborted then.
pub(super) struct OwnedState {
    flags: AtomicU8,
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

impl OwnedState {
    /// A task that is in the run queue, with a `JoinHandle`.
    #[inline]
    pub(super) fn spawned(hooked: bool) -> OwnedState {
        let hooked = if hooked { HOOKED } else { 0 };
        OwnedState {
            flags: AtomicU8::new(SCHEDULED | hooked),
            joined: Cell::new(true),
            references: Cell::new(1),
        }
    }

    /// A task that is spawned after its queue was closed, with a `JoinHandle`.
    pub(super) fn refused(hooked: bool) -> OwnedState {
        let hooked = if hooked { HOOKED } else { 0 };
        OwnedState {
            flags: AtomicU8::new(RUNNING | MERGED | hooked),
            joined: Cell::new(true),
            references: Cell::new(0),
        }
    }

    #[inline]
    fn get(&self) -> u8 {
        // Relaxed: this thread is the only writer.
        self.flags.load(Ordering::Relaxed)
    }

    #[inline]
    fn set(&self, flags: u8) {
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
        if flags == 0 {
            self.set(SCHEDULED);
            return Woken::Push;
        }
        if flags & COMPLETE != 0 {
            return Woken::Nothing;
        }
        self.set(flags | SCHEDULED);
        match flags & (SCHEDULED | RUNNING) {
            0 => Woken::Push,
            _ => Woken::Nothing,
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
        if flags == SCHEDULED {
            self.set(RUNNING);
            return Turn::Poll;
        }
        self.set(flags ^ (SCHEDULED | RUNNING));
        match flags & ABORTED == 0 {
            true => Turn::PollHooked,
            false => Turn::Cancel,
        }
    }

    /// The poll is over and the future still there.
    #[inline]
    pub(super) fn end(&self) -> Woken {
        let flags = self.get();
        if flags == RUNNING {
            self.set(0);
            return Woken::Nothing;
        }
        self.set(flags & !RUNNING);
        match flags & SCHEDULED {
            0 => Woken::Nothing,
            _ => Woken::Push,
        }
    }

    /// The poll is over and the future still there; it is to be polled again.
    #[inline]
    pub(super) fn end_scheduled(&self) {
        self.set((self.get() & !RUNNING) | SCHEDULED);
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
