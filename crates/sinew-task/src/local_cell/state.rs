//! The remote word of a cell: all that other threads may do to it.
//!
//! # State
//!
//! One word: flags in the low bits, above them a signed count, the *delta*.
//!
//! | bit | meaning | who sets it | what excludes it |
//! |---|---|---|---|
//! | `WAKE` | the task is to be polled | any other thread | `MERGED` |
//! | `ABORT` | the task is to be cancelled | any other thread | `MERGED` |
//! | `DETACH` | the `JoinHandle` is gone; an output is the owner's to drop | the handle's thread | `MERGED` |
//! | `QUEUED` | the cell is in the inbox, or its setter is about to push it | with any of the above, or with a delta below zero | – |
//! | `MERGED` | the owner's count has been added to the delta: whoever takes the last reference frees the cell | the owner, once, when its queue closes | – |
//!
//! Before `MERGED`, a cell has as many references as the owner's plain count
//! and the delta say together. Each side changes its own number: a waker that
//! is cloned by the owner and dropped elsewhere leaves the owner's count one
//! too high and the delta at minus one. After `MERGED` the delta is all.
//!
//! # Invariants
//!
//! 1. Before `MERGED`, only the owner frees the cell.
//! 2. A delta below zero implies `QUEUED`, and so do `WAKE`, `ABORT` and
//!    `DETACH`: what the owner must learn is in the inbox, or on its way there.
//! 3. A cell with `QUEUED` is not freed. The bit is cleared by who takes the
//!    cell out of the inbox, or finds the inbox closed.
//! 4. If the owner's count and the delta that it reads add up to zero and
//!    `QUEUED` is not set, there is no reference, whatever newer value the read
//!    may have missed. Proof: a change that was missed was made through a
//!    reference. Follow it back to the first missed change: the reference it
//!    was made through is counted in what the owner did or in what it read, and
//!    has not been given up in either. (Had the owner given it up, it came
//!    back to the owner after the change, and the read would have seen that.)
//!    So the sum is above zero.
//!
//! # Orderings
//!
//! Each change by another thread is an `AcqRel` exchange. The Release half pairs
//! with the owner's Acquire in `take` and `settle`: what was done before a wake
//! is seen by the poll, and what was done with a reference happens before the
//! cell is freed. The Acquire half pairs with the owner's Release in `merge`:
//! who finds `MERGED` sees the future gone and the output in its place.

use crate::atomic::{AtomicUsize, Ordering};

const WAKE: usize = 1;
const ABORT: usize = 1 << 1;
const DETACH: usize = 1 << 2;
const QUEUED: usize = 1 << 3;
const MERGED: usize = 1 << 4;

/// One reference. The delta is kept above a bias, so that it has no sign.
const ONE: usize = 1 << 5;
const BIAS: usize = (usize::MAX / ONE).div_ceil(2);

/// Nothing from elsewhere.
const EMPTY: usize = BIAS * ONE;

/// A delta beyond which the process is ended rather than let it run over. Only
/// wakers that are cloned and forgotten over and over get there.
const LIMIT: isize = (BIAS / 2) as isize;

/// The remote word.
pub(crate) struct RemoteState(AtomicUsize);

/// The word as it was at one moment.
#[derive(Clone, Copy)]
pub(crate) struct Snapshot(usize);

impl Snapshot {
    pub(crate) fn is_wake(self) -> bool {
        self.0 & WAKE != 0
    }

    pub(crate) fn is_abort(self) -> bool {
        self.0 & ABORT != 0
    }

    pub(crate) fn is_detach(self) -> bool {
        self.0 & DETACH != 0
    }

    fn is_queued(self) -> bool {
        self.0 & QUEUED != 0
    }

    fn is_merged(self) -> bool {
        self.0 & MERGED != 0
    }

    /// References counted here: all of them once merged, else what other
    /// threads have added, less what they have taken.
    pub(crate) fn delta(self) -> isize {
        (self.0 / ONE) as isize - BIAS as isize
    }

    /// No reference, and nobody who is about to look.
    fn is_dead(self) -> bool {
        self.is_merged() && !self.is_queued() && self.delta() == 0
    }
}

/// What a thread must do after it has changed the word of a cell that it does
/// not own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Action {
    Nothing,
    /// Push the cell to the inbox: this thread has set `QUEUED`.
    Push,
    /// Free the cell: this thread has taken the last reference.
    Free,
}

/// What has become of a `JoinHandle`'s wish to give up the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Detached {
    /// The owner will see to the output, and the handle's reference is gone.
    Told(Action),
    /// The owner has closed: the output is the handle's to drop, and its
    /// reference after that.
    OutputIsYours,
}

/// What the owner is to do with a cell that it holds no reference to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Settled {
    Free,
    /// References are left elsewhere, and the owner's count is now this.
    Keep(isize),
}

impl RemoteState {
    /// The word of a cell that only its owner knows.
    pub(crate) fn new() -> RemoteState {
        RemoteState(AtomicUsize::new(EMPTY))
    }

    /// The word of a cell that is made after its queue was closed, with as many
    /// references.
    pub(crate) fn new_merged(references: usize) -> RemoteState {
        RemoteState(AtomicUsize::new((EMPTY + references * ONE) | MERGED))
    }

    /// Changes the word by `change`. Returns it as it was and as it is.
    fn update(&self, change: impl Fn(Snapshot) -> usize) -> (Snapshot, Snapshot) {
        let mut old = self.0.load(Ordering::Relaxed);
        loop {
            let new = change(Snapshot(old));
            // ORDERING: see the head of the file. Also when nothing changes,
            // so that a second wake publishes what came before it.
            match self
                .0
                .compare_exchange_weak(old, new, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) => return (Snapshot(old), Snapshot(new)),
                Err(actual) => old = actual,
            }
        }
    }

    /// What the change from `old` to `new` asks of who made it.
    fn action((old, new): (Snapshot, Snapshot)) -> Action {
        if new.is_dead() {
            Action::Free
        } else if new.is_queued() && !old.is_queued() {
            Action::Push
        } else {
            Action::Nothing
        }
    }

    // By other threads, and by all once the cell is merged.

    /// Adds a reference.
    pub(crate) fn add_reference(&self) {
        // ORDERING: Relaxed, as for any count: the new reference is made from
        // one that keeps the cell, and is passed on by other means.
        let old = Snapshot(self.0.fetch_add(ONE, Ordering::Relaxed));
        if old.delta() > LIMIT {
            std::process::abort();
        }
    }

    /// Takes a reference away.
    pub(crate) fn drop_reference(&self) -> Action {
        Self::action(self.update(|old| {
            let new = old.0 - ONE;
            if !old.is_merged() && Snapshot(new).delta() < 0 {
                new | QUEUED
            } else {
                new
            }
        }))
    }

    /// Asks for a poll.
    pub(crate) fn wake(&self) -> Action {
        Self::action(self.update(|old| match old.is_merged() {
            true => old.0,
            false => old.0 | WAKE | QUEUED,
        }))
    }

    /// Asks for a poll and takes a reference away.
    pub(crate) fn wake_and_drop(&self) -> Action {
        Self::action(self.update(|old| match old.is_merged() {
            true => old.0 - ONE,
            false => (old.0 - ONE) | WAKE | QUEUED,
        }))
    }

    /// Asks for the task to be cancelled.
    pub(crate) fn abort(&self) -> Action {
        Self::action(self.update(|old| match old.is_merged() {
            true => old.0,
            false => old.0 | ABORT | QUEUED,
        }))
    }

    /// The `JoinHandle` goes without the output. Takes its reference away too,
    /// if the output is not handed back to it.
    pub(crate) fn detach_and_drop(&self) -> Detached {
        let (old, new) = self.update(|old| match old.is_merged() {
            true => old.0,
            false => (old.0 - ONE) | DETACH | QUEUED,
        });
        match old.is_merged() {
            true => Detached::OutputIsYours,
            false => Detached::Told(Self::action((old, new))),
        }
    }

    /// The cell is not in the inbox any more, or never got there because the
    /// inbox is closed. Only for cells that are merged.
    pub(crate) fn leave_inbox(&self) -> Action {
        Self::action(self.update(|old| old.0 & !QUEUED))
    }

    // By the owner, before it merges.

    /// Takes all that other threads have left, when the cell comes out of the
    /// inbox.
    pub(crate) fn take(&self) -> Snapshot {
        // ORDERING: Acquire pairs with the Release of every change by others.
        Snapshot(self.0.swap(EMPTY, Ordering::AcqRel))
    }

    /// Whether no other thread has anything to say about the cell, or a reference that
    /// the owner does not count.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        // ORDERING: Acquire pairs with the Release of each dropped reference.
        self.0.load(Ordering::Acquire) == EMPTY
    }

    /// Looks whether a cell of which the owner counts `references`, none or
    /// fewer than none, has references elsewhere.
    #[cold]
    pub(crate) fn settle(&self, references: isize) -> Settled {
        loop {
            // ORDERING: Acquire pairs with the Release of each dropped reference.
            let seen = Snapshot(self.0.load(Ordering::Acquire));
            let total = references + seen.delta();
            if seen.is_queued() {
                // The inbox will bring it, and the sum then.
                return Settled::Keep(references);
            }
            let settled = match total {
                0 => Settled::Free,
                _ => Settled::Keep(total),
            };
            if seen.0 == EMPTY {
                return settled;
            }
            // Invariant 2: without `QUEUED` there is nothing but a delta.
            // ORDERING: Acquire as above. Release: who adds to it next sees it empty.
            let exchanged =
                self.0
                    .compare_exchange(seen.0, EMPTY, Ordering::AcqRel, Ordering::Relaxed);
            if exchanged.is_ok() {
                return settled;
            }
        }
    }

    /// Adds the owner's count and hands the cell to whoever has references.
    /// Returns the word as it was, and whether the cell is to be freed here.
    pub(crate) fn merge(&self, references: isize) -> (Snapshot, Action) {
        let (old, new) = self.update(|old| {
            let total = old.delta() + references;
            debug_assert!(total >= 0, "more references were dropped than there were");
            let count = (BIAS as isize + total) as usize * ONE;
            count | (old.0 & QUEUED) | MERGED
        });
        (old, Self::action((old, new)))
    }
}

// No flag is set, and none reaches into the count.
const _: () = assert!(EMPTY & (ONE - 1) == 0 && MERGED < ONE);

#[cfg(test)]
mod tests;
