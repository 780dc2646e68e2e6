//! What a `JoinHandle` and an `AbortHandle` hold of a cell.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::panic::Location;
use std::task::{Context, Poll};

use crate::local_cell::cell::CellPtr;
use crate::local_cell::life::{self, Side};
use crate::{Id, JoinError};

/// The one handle that may take the output, with a counted reference.
pub(crate) struct LocalJoin<T> {
    cell: CellPtr,
    output: PhantomData<T>,
}

impl<T> LocalJoin<T> {
    /// # Safety
    ///
    /// The cell must be one whose future gives a `T`; the caller hands over the
    /// reference that it was made with, and makes no second handle.
    pub(super) unsafe fn new(cell: CellPtr) -> LocalJoin<T> {
        LocalJoin {
            cell,
            output: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn id(&self) -> Id {
        self.cell.id()
    }

    pub(crate) fn spawned_at(&self) -> &'static Location<'static> {
        self.cell.cold().origin.location()
    }

    pub(crate) fn abort(&self) {
        life::abort(self.cell);
    }

    #[inline]
    pub(crate) fn is_finished(&self) -> bool {
        self.cell.header().owned.is_complete()
    }

    /// Whether the output can be taken. If not, the task is woken when it can.
    #[inline]
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_finished() {
            return Poll::Ready(());
        }
        let side = match self.cell.queue().as_current() {
            Some(owner) => Side::Owner(owner),
            None => life::side(self.cell),
        };
        match side {
            Side::Owner(_) => {
                if !life::is_joiner(self.cell, cx.waker()) {
                    drop(life::replace_joiner(self.cell, Some(cx.waker().clone())));
                }
            }
            Side::Remote => {
                if !self.cell.queue().send_joiner(self.cell, cx.waker()) {
                    // Closed, and complete before that.
                    return Poll::Ready(());
                }
            }
        }
        Poll::Pending
    }

    /// Takes the output. Must be called after `poll` was ready.
    #[inline]
    pub(crate) fn take(self) -> Result<T, JoinError> {
        let handle = ManuallyDrop::new(self);
        debug_assert!(handle.is_finished());
        let output: *mut Result<T, JoinError> = handle.cell.output();
        // SAFETY: the task is complete with a handle, so the output is there
        // and the handle's, which is used up here. The type is that of `new`.
        let output = unsafe { output.read() };
        // SAFETY: the reference is the handle's, which is used up.
        unsafe { life::drop_used_handle(handle.cell) };
        output
    }

    /// A reference without the right to the output.
    pub(crate) fn reference(&self) -> CellRef {
        life::add_reference(self.cell);
        CellRef { cell: self.cell }
    }
}

impl<T> Drop for LocalJoin<T> {
    fn drop(&mut self) {
        // SAFETY: this is the one handle, and it is dropped.
        unsafe { life::drop_handle(self.cell) };
    }
}

/// A counted reference to a cell.
pub(crate) struct CellRef {
    cell: CellPtr,
}

impl CellRef {
    pub(crate) fn id(&self) -> Id {
        self.cell.id()
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.cell.header().owned.is_complete()
    }

    pub(crate) fn abort(&self) {
        life::abort(self.cell);
    }
}

impl Clone for CellRef {
    fn clone(&self) -> Self {
        life::add_reference(self.cell);
        CellRef { cell: self.cell }
    }
}

impl Drop for CellRef {
    fn drop(&mut self) {
        // SAFETY: the reference is ours, and is dropped.
        unsafe { life::drop_reference(self.cell) };
    }
}
