//! A runner's own queue: a fixed ring of pointers that others may steal from.
//!
//! # State
//!
//! `head` and `tail` count all entries ever taken and all ever pushed; they wrap
//! around, and their difference is the length. Entry `n` lives in the cell
//! `n % CAPACITY`.
//!
//! # Invariants
//!
//! 1. One thread at a time is the owner, and only it pushes: it alone writes
//!    `tail` and the cells.
//! 2. The entries from `head` to `tail` are full. Who moves `head` forward by a
//!    compare-exchange owns the entries that it passed over; until then what it
//!    read there means nothing.
//! 3. The owner writes a cell only when `head` has passed the entry that was
//!    there. So an entry that was read before a successful exchange was read
//!    before it could be overwritten.
//! 4. A stalled thief cannot mistake a wrapped `head` for the one that it read:
//!    that would take `usize::MAX + 1` entries in between.
//!
//! # Orderings
//!
//! Push: the cell, then a Release store of `tail`; a thief's Acquire load of
//! `tail` sees the cell. Take: the cells, then a Release exchange of `head`; the
//! owner's Acquire load of `head` in `push` sees that they have been read.

use std::ptr;

use crate::atomic::{AtomicPtr, AtomicUsize, Ordering};

/// Entries that a ring holds. A power of two, so that the counts may wrap.
#[cfg(not(sinew_loom))]
pub(crate) const CAPACITY: usize = 256;
/// Small, so that a model reaches the wrap and the overflow.
#[cfg(sinew_loom)]
pub(crate) const CAPACITY: usize = 4;

/// Entries moved in one go: half of a full ring.
pub(crate) const BATCH: usize = CAPACITY / 2;

/// See the module.
pub(crate) struct Ring {
    head: AtomicUsize,
    tail: AtomicUsize,
    cells: Box<[AtomicPtr<()>; CAPACITY]>,
}

impl Ring {
    pub(crate) fn new() -> Ring {
        Ring {
            head: AtomicUsize::new(0),
            tail: AtomicUsize::new(0),
            cells: Box::new(std::array::from_fn(|_| AtomicPtr::new(ptr::null_mut()))),
        }
    }

    #[inline]
    fn cell(&self, entry: usize) -> &AtomicPtr<()> {
        &self.cells[entry % CAPACITY]
    }

    /// How many entries there are, or were a moment ago.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        let head = self.head.load(Ordering::Relaxed);
        let tail = self.tail.load(Ordering::Relaxed);
        // The head may have been read long before the tail.
        tail.wrapping_sub(head).min(CAPACITY)
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds an entry at the end. Gives it back if the ring is full.
    ///
    /// # Safety
    ///
    /// The caller must be the owner (invariant 1).
    #[inline]
    pub(crate) unsafe fn push(&self, entry: *mut ()) -> Result<(), *mut ()> {
        // ORDERING: Acquire pairs with the Release exchanges of `head`: a cell
        // is written only after it was read (invariant 3).
        let head = self.head.load(Ordering::Acquire);
        let tail = self.tail.load(Ordering::Relaxed);
        if tail.wrapping_sub(head) >= CAPACITY {
            return Err(entry);
        }
        self.cell(tail).store(entry, Ordering::Relaxed);
        // ORDERING: Release pairs with the Acquire loads of `tail`: who sees the
        // entry counted sees it in its cell.
        self.tail.store(tail.wrapping_add(1), Ordering::Release);
        Ok(())
    }

    /// How many more entries the owner may push, or stage, for certain.
    pub(crate) fn room(&self) -> usize {
        // ORDERING: Acquire, as in `push`.
        let head = self.head.load(Ordering::Acquire);
        let tail = self.tail.load(Ordering::Relaxed);
        CAPACITY - tail.wrapping_sub(head)
    }

    /// Writes an entry behind the end, `nth` places further on, where nobody sees it
    /// until it is [published](Self::publish).
    ///
    /// # Safety
    ///
    /// The caller must be the owner (invariant 1), and `nth` less than what
    /// [`room`](Self::room) has told it.
    #[inline]
    pub(crate) unsafe fn stage(&self, nth: usize, entry: *mut ()) {
        let tail = self.tail.load(Ordering::Relaxed);
        self.cell(tail.wrapping_add(nth))
            .store(entry, Ordering::Relaxed);
    }

    /// What was staged at this place.
    pub(crate) fn staged(&self, nth: usize) -> *mut () {
        let tail = self.tail.load(Ordering::Relaxed);
        self.cell(tail.wrapping_add(nth)).load(Ordering::Relaxed)
    }

    /// Adds the first `count` entries that were staged.
    ///
    /// # Safety
    ///
    /// The caller must be the owner, and have staged so many, after it last pushed,
    /// stole or published.
    pub(crate) unsafe fn publish(&self, count: usize) {
        let tail = self.tail.load(Ordering::Relaxed);
        // ORDERING: Release, as in `push`.
        self.tail.store(tail.wrapping_add(count), Ordering::Release);
    }

    /// Takes the entry at the front. Any thread may.
    #[inline]
    pub(crate) fn pop(&self) -> Option<*mut ()> {
        // ORDERING: Acquire keeps the load of `tail` after that of `head`, so
        // that the difference is not negative.
        let mut head = self.head.load(Ordering::Acquire);
        loop {
            // ORDERING: Acquire pairs with the Release in `push`.
            let tail = self.tail.load(Ordering::Acquire);
            if head == tail {
                return None;
            }
            let entry = self.cell(head).load(Ordering::Relaxed);
            match self.claim(head, 1) {
                Ok(()) => return Some(entry),
                Err(now) => head = now,
            }
        }
    }

    /// Moves `head` over `count` entries, which are the caller's if it succeeds.
    #[inline]
    fn claim(&self, head: usize, count: usize) -> Result<(), usize> {
        let next = head.wrapping_add(count);
        // ORDERING: Release pairs with the Acquire in `push` (invariant 3); a
        // failure is read with Acquire as the first load of `head` is.
        self.head
            .compare_exchange(head, next, Ordering::AcqRel, Ordering::Acquire)
            .map(drop)
    }

    /// Takes half of the entries, if the ring is full, and passes them to `take`
    /// in order. For the owner, whose push was refused.
    pub(crate) fn take_half(&self, mut take: impl FnMut(*mut ())) -> bool {
        // ORDERING: Acquire, as in `pop`.
        let head = self.head.load(Ordering::Acquire);
        let tail = self.tail.load(Ordering::Relaxed);
        if tail.wrapping_sub(head) < CAPACITY || self.claim(head, BATCH).is_err() {
            return false;
        }
        for entry in 0..BATCH {
            // We are the owner: nobody overwrites what we have claimed.
            let cell = self.cell(head.wrapping_add(entry));
            take(cell.load(Ordering::Relaxed));
        }
        true
    }

    /// Takes half of the entries, rounded up: the first is returned, the others
    /// go to the end of `to`, as far as there is room. The second value says how
    /// many were taken in all.
    ///
    /// # Safety
    ///
    /// The caller must be the owner of `to` (invariant 1), which must not be
    /// this ring.
    pub(crate) unsafe fn steal_into(&self, to: &Ring) -> Option<(*mut (), usize)> {
        let to_tail = to.tail.load(Ordering::Relaxed);
        // ORDERING: Acquire, as in `pop`.
        let mut head = self.head.load(Ordering::Acquire);
        loop {
            // ORDERING: Acquire pairs with the Release in `push`.
            let tail = self.tail.load(Ordering::Acquire);
            let len = tail.wrapping_sub(head);
            if len == 0 {
                return None;
            }
            // A stale head may lie further back than the ring is long; the claim
            // then fails.
            // ORDERING: Acquire pairs with the exchanges of its thieves.
            let to_head = to.head.load(Ordering::Acquire);
            let room = CAPACITY - to_tail.wrapping_sub(to_head);
            let count = len.div_ceil(2).min(BATCH).min(room + 1);
            let first = self.cell(head).load(Ordering::Relaxed);
            for entry in 1..count {
                let stolen = self.cell(head.wrapping_add(entry)).load(Ordering::Relaxed);
                // Beyond the end of `to`: nobody reads it unless we publish it.
                to.cell(to_tail.wrapping_add(entry - 1))
                    .store(stolen, Ordering::Relaxed);
            }
            match self.claim(head, count) {
                Ok(()) => {
                    // ORDERING: Release pairs with the Acquire loads of `tail`.
                    to.tail
                        .store(to_tail.wrapping_add(count - 1), Ordering::Release);
                    return Some((first, count));
                }
                Err(now) => head = now,
            }
        }
    }
}

#[cfg(test)]
mod tests;
