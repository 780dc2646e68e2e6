//! Cells that other threads have something to say about, on their way to the
//! owner: a stack that many push to and one takes whole.
//!
//! # Invariants
//!
//! 1. A cell is in at most one inbox, once: only who has set `QUEUED` in its
//!    remote word pushes it.
//! 2. `inbox_next` of a cell belongs to who has set `QUEUED` until the cell is
//!    pushed, then to the inbox, then to who took it out, until that clears
//!    `QUEUED`.
//! 3. Once the head is `CLOSED` it stays so.
//!
//! # Orderings
//!
//! A push releases, taking acquires, so the taker sees `inbox_next` of all cells.

use std::ptr;

use crate::atomic::{AtomicPtr, Ordering};
use crate::local_cell::cell::{CellPtr, Header};

/// The head of an inbox that takes no more. The address of no cell.
static CLOSED: u8 = 0;

fn closed() -> *mut Header {
    ptr::from_ref(&CLOSED).cast_mut().cast()
}

pub(crate) struct Inbox {
    head: AtomicPtr<Header>,
}

/// The inbox is closed: the cell was not pushed.
#[derive(Debug)]
pub(crate) struct Closed;

impl Inbox {
    pub(crate) fn new() -> Inbox {
        Inbox {
            head: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// Pushes a cell. The caller must have set `QUEUED` in its word just now.
    pub(crate) fn push(&self, cell: CellPtr) -> Result<(), Closed> {
        let mut head = self.head.load(Ordering::Relaxed);
        loop {
            if head == closed() {
                return Err(Closed);
            }
            // SAFETY: it is null or a cell in the inbox, kept by `QUEUED`.
            let next = unsafe { CellPtr::from_raw(head) };
            cell.cold().inbox_next.set(next);
            // ORDERING: Release publishes `inbox_next`.
            match self.head.compare_exchange_weak(
                head,
                cell.as_ptr(),
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Ok(()),
                Err(actual) => head = actual,
            }
        }
    }

    /// Takes all cells, the one that was pushed first at the front.
    pub(crate) fn take(&self) -> Taken {
        if self.head.load(Ordering::Relaxed).is_null() {
            return Taken(None);
        }
        // ORDERING: Acquire pairs with the Release in `push`.
        Taken::reversed(self.head.swap(ptr::null_mut(), Ordering::Acquire))
    }

    /// Takes all cells and refuses more.
    pub(crate) fn close(&self) -> Taken {
        // ORDERING: Acquire as in `take`. Release: who finds it closed sees
        // what the owner did before.
        Taken::reversed(self.head.swap(closed(), Ordering::AcqRel))
    }
}

/// Cells that were taken out of an inbox and have not been looked at yet.
pub(crate) struct Taken(Option<CellPtr>);

impl Taken {
    fn reversed(head: *mut Header) -> Taken {
        let mut rest = match head == closed() {
            true => None,
            // SAFETY: it is null or a cell that was in the inbox, kept by
            // `QUEUED` until the taker clears it.
            false => unsafe { CellPtr::from_raw(head) },
        };
        let mut reversed = None;
        while let Some(cell) = rest {
            rest = cell.cold().inbox_next.replace(reversed);
            reversed = Some(cell);
        }
        Taken(reversed)
    }
}

impl Iterator for Taken {
    type Item = CellPtr;

    /// The next cell. From here on `inbox_next` is no longer looked at, so the
    /// caller may clear `QUEUED`.
    fn next(&mut self) -> Option<CellPtr> {
        let cell = self.0?;
        self.0 = cell.cold().inbox_next.take();
        Some(cell)
    }
}
