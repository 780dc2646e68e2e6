//! The list of blocks, as senders see it.
//!
//! # Protocol
//!
//! A sender claims a position with one `fetch_add` on `tail`, finds the block of
//! that position from `tail_block` on, and puts its value into the slot. The
//! receiver goes from slot to slot and never writes to `tail`.
//!
//! # Invariants
//!
//! 1. `tail_block` is never past the block of a claimed position whose sender has
//!    not found it yet: it moves on only from a block whose slots have all been
//!    used, and a sender uses its slot after it has found it.
//! 2. A sender reaches a block from `tail_block`, which it reads after its claim.
//!    Who moves `tail_block` on reads `tail` *afterwards*, by a read-modify-write
//!    that releases; a later claim acquires it and so does not see the old block.
//!    So all who can be in the block have claimed positions below the one read,
//!    which is noted in the block as `released_at`.
//! 3. The receiver reclaims a block when it has come to `released_at`: all who can
//!    have been in the block have put in their values, and that is the last they do there.

use std::ptr::{self, NonNull};

use super::block::{Block, Slot};
use crate::primitives::{AtomicPtr, AtomicU64, Ordering};

/// The bit of `tail` that ends the channel; the position is above it.
const CLOSED: u64 = 1;
const ONE: u64 = 2;

/// The channel has been closed.
#[derive(Debug)]
pub(crate) struct Closed;

pub(super) struct List<T> {
    tail: AtomicU64,
    tail_block: AtomicPtr<Block<T>>,
    /// A block to be used again.
    spare: AtomicPtr<Block<T>>,
}

impl<T> List<T> {
    pub(super) fn new(first: NonNull<Block<T>>) -> List<T> {
        List {
            tail: AtomicU64::new(0),
            tail_block: AtomicPtr::new(first.as_ptr()),
            spare: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// The next position to be claimed.
    pub(super) fn tail(&self) -> u64 {
        // ORDERING: Acquire: who sees a claim sees what was before it.
        self.tail.load(Ordering::Acquire) / ONE
    }

    pub(super) fn is_closed(&self) -> bool {
        // ORDERING: Acquire: partner of `close`.
        self.tail.load(Ordering::Acquire) & CLOSED != 0
    }

    /// Claims a position, whether the list is closed or not.
    #[inline]
    pub(super) fn claim(&self) -> u64 {
        // ORDERING: Acquire: invariant 2, partner of `advance`.
        self.tail.fetch_add(ONE, Ordering::Acquire) / ONE
    }

    /// Claims a position, unless the list is closed.
    #[inline]
    pub(super) fn claim_open(&self) -> Result<u64, Closed> {
        // ORDERING: Acquire: as in `claim`.
        let old = self.tail.fetch_add(ONE, Ordering::Acquire);
        match old & CLOSED {
            0 => Ok(old / ONE),
            _ => Err(Closed),
        }
    }

    /// Closes the list: the position up to which values come, if it was open.
    pub(super) fn close(&self) -> Option<u64> {
        // ORDERING: AcqRel: Acquire as in `claim`; Release to `is_closed`.
        let old = self.tail.fetch_or(CLOSED, Ordering::AcqRel);
        (old & CLOSED == 0).then_some(old / ONE)
    }

    /// The slot of `position`. `head` is where the receiver is, or was.
    ///
    /// # Safety
    ///
    /// The caller has claimed `position` and not used it, or nobody can ever
    /// claim it.
    #[inline]
    pub(super) unsafe fn slot(&self, position: u64, head: &AtomicU64) -> &Slot<T> {
        // ORDERING: Acquire: partner of `advance`.
        let block = self.tail_block.load(Ordering::Acquire);
        // SAFETY: `new` and `advance` never store null.
        let block = unsafe { NonNull::new_unchecked(block) };
        // SAFETY: invariants 1 to 3: not reclaimed until the position is used.
        match unsafe { Block::slot(block, position) } {
            Some(slot) => slot,
            None => self.walk(block, position, head),
        }
    }

    #[cold]
    fn walk(&self, from: NonNull<Block<T>>, position: u64, head: &AtomicU64) -> &Slot<T> {
        let mut block = from;
        let mut advancing = true;
        loop {
            // SAFETY: invariant 3, as in `slot`.
            if let Some(slot) = unsafe { Block::slot(block, position) } {
                return slot;
            }
            // SAFETY: likewise.
            let header = unsafe { block.as_ref() };
            let next = match header.next() {
                Some(next) => next,
                None => self.grow(header, position, head),
            };
            advancing = advancing && self.advance(block, next);
            block = next;
        }
    }

    /// Moves `tail_block` on from `block`, if that may be done. `block` must not
    /// be used afterwards.
    fn advance(&self, block: NonNull<Block<T>>, next: NonNull<Block<T>>) -> bool {
        // SAFETY: invariant 3: the caller has not used its position yet.
        if !unsafe { Block::is_used_up(block) } {
            return false;
        }
        // ORDERING: AcqRel: Release to `slot`, which reads through the pointer;
        // Acquire so that what follows is not done before.
        let moved = self.tail_block.compare_exchange(
            block.as_ptr(),
            next.as_ptr(),
            Ordering::AcqRel,
            Ordering::Relaxed,
        );
        if moved.is_ok() {
            // ORDERING: AcqRel: invariant 2; partner of `claim` and `close`.
            let position = self.tail.fetch_or(0, Ordering::AcqRel) / ONE;
            // SAFETY: it is reclaimed only after this call.
            unsafe { block.as_ref() }.release(position);
        }
        moved.is_ok()
    }

    /// Links a block behind `block`, or finds that another thread has.
    pub(super) fn grow(
        &self,
        block: &Block<T>,
        position: u64,
        head: &AtomicU64,
    ) -> NonNull<Block<T>> {
        let waiting = position.saturating_sub(head.load(Ordering::Relaxed));
        let spare = self.take_spare();
        // SAFETY: a spare block is whose it is that took it, and is fresh.
        let fresh = unsafe { Block::obtain(Block::<T>::slots_for(waiting), spare) };
        // SAFETY: it is ours alone.
        match unsafe { block.link(fresh) } {
            Ok(linked) => linked,
            Err(linked) => {
                // SAFETY: it was not linked, so it is still ours alone.
                unsafe { self.put_spare(fresh) };
                linked
            }
        }
    }

    pub(super) fn take_spare(&self) -> Option<NonNull<Block<T>>> {
        if self.spare.load(Ordering::Relaxed).is_null() {
            return None;
        }
        // ORDERING: Acquire: partner of `put_spare`.
        NonNull::new(self.spare.swap(ptr::null_mut(), Ordering::Acquire))
    }

    /// Keeps a block for later, or frees it if there is one already.
    ///
    /// # Safety
    ///
    /// It is the caller's alone, and as fresh.
    pub(super) unsafe fn put_spare(&self, block: NonNull<Block<T>>) {
        // ORDERING: Release: partner of `take_spare`.
        let put = self.spare.compare_exchange(
            ptr::null_mut(),
            block.as_ptr(),
            Ordering::Release,
            Ordering::Relaxed,
        );
        if put.is_err() {
            // SAFETY: it is the caller's alone.
            unsafe { Block::free(block) };
        }
    }
}
