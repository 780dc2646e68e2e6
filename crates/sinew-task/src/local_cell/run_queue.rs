//! Where cells wait for their turns: lists through the cells (`queue_next`).
//!
//! # Invariants
//!
//! 1. A cell is in at most one of these lists, once: while its task is active and not
//!    being polled. It is alive then (invariant 3 of the module).
//! 2. `end` of a `RunQueue` that is not empty is the link of its last cell. `end` of a
//!    `Chain` that is in its place is that, or its own `first` if it is empty.
//! 3. Only the queue's owner uses them, and nothing that is called here comes back.

use std::cell::Cell;
use std::ptr;

use crate::local_cell::cell::CellPtr;

/// Where the next cell is noted.
pub(super) type Link = Cell<Option<CellPtr>>;

/// Cells that are taken one by one.
pub(super) struct RunQueue {
    first: Link,
    /// Says nothing if there is no first.
    end: Cell<*const Link>,
}

impl RunQueue {
    pub(super) const fn new() -> RunQueue {
        RunQueue {
            first: Cell::new(None),
            end: Cell::new(ptr::null()),
        }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.first.get().is_none()
    }

    /// Puts a cell at the end.
    #[inline]
    pub(super) fn push(&self, cell: CellPtr) {
        let link = &cell.header().queue_next;
        link.set(None);
        self.end().set(Some(cell));
        self.end.set(link);
    }

    /// Puts all cells of `chain` at the end, and leaves it empty.
    pub(super) fn append(&self, chain: &Chain) {
        if let Some((first, end)) = chain.take() {
            self.end().set(Some(first));
            self.end.set(end);
        }
    }

    /// Where the next cell that comes is to be noted.
    #[inline]
    fn end(&self) -> &Link {
        if self.is_empty() {
            return &self.first;
        }
        // SAFETY: invariants 1 and 2.
        unsafe { &*self.end.get() }
    }

    /// Takes the cell at the front.
    #[inline]
    pub(super) fn pop(&self) -> Option<CellPtr> {
        let cell = self.first.get()?;
        self.first.set(cell.header().queue_next.get());
        Some(cell)
    }
}

/// Cells that are taken all at once, which leaves less to do for each that comes: the
/// last one's link says nothing, and none asks whether it is the first.
pub(super) struct Chain {
    first: Link,
    end: Cell<*const Link>,
}

impl Chain {
    /// A chain that is to be [put in its place](Self::put_in_place) before it is used.
    pub(super) const fn new() -> Chain {
        Chain {
            first: Cell::new(None),
            end: Cell::new(ptr::null()),
        }
    }

    /// From here on it is used, and not moved any more.
    pub(super) fn put_in_place(&self) {
        self.end.set(&self.first);
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.first.get().is_none()
    }

    /// Puts a cell at the end.
    ///
    /// # Safety
    ///
    /// The chain must be in its place.
    #[inline]
    pub(super) unsafe fn push(&self, cell: CellPtr) {
        // SAFETY: invariants 1 and 2, by the caller's promise.
        unsafe { &*self.end.get() }.set(Some(cell));
        self.end.set(&cell.header().queue_next);
    }

    /// Takes all: the first, and the link of the last, which leads to none.
    fn take(&self) -> Option<(CellPtr, *const Link)> {
        let first = self.first.take()?;
        let end = self.end.replace(&self.first);
        // SAFETY: invariants 1 and 2: it was not empty, and so in its place.
        unsafe { &*end }.set(None);
        Some((first, end))
    }
}
