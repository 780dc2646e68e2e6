//! What a `JoinHandle` and an `AbortHandle` hold of a cell.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::panic::Location;
use std::task::{Context, Poll, Waker};

use crate::output::Output;
use crate::shared_cell::cell::CellPtr;
use crate::shared_cell::life;
use crate::{Id, JoinError};

/// The one handle that may take the output.
pub(crate) struct SharedJoin<T> {
    /// Kept by `JOINED`.
    cell: CellPtr,
    output: PhantomData<T>,
}

impl<T> SharedJoin<T> {
    /// # Safety
    ///
    /// The cell must be one whose future gives a `T`, made just now, and gets no
    /// second handle.
    #[inline]
    pub(crate) unsafe fn new(cell: CellPtr) -> SharedJoin<T> {
        SharedJoin {
            cell,
            output: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn id(&self) -> Id {
        self.cell.metadata().id()
    }

    pub(crate) fn spawned_at(&self) -> &'static Location<'static> {
        self.cell.metadata().spawned_at()
    }

    pub(crate) fn abort(&self) {
        abort(self.cell);
    }

    #[inline]
    pub(crate) fn is_finished(&self) -> bool {
        self.cell.header().state.load().is_complete()
    }

    /// Whether the output can be taken. If not, the task is woken when it can.
    #[inline]
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let state = self.cell.header().state.load();
        if state.is_complete() || !self.leave_waker(cx.waker(), state.has_join_waker()) {
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// Leaves a waker with the task. `false` if it is complete.
    fn leave_waker(&mut self, waker: &Waker, lent: bool) -> bool {
        let header = self.cell.header();
        // The completer may be taking it, so it is not even read before this.
        if lent && !header.state.take_back_join_waker() {
            return false;
        }
        // SAFETY: it is not lent, so it is the handle's.
        let left = unsafe { &mut *header.join_waker.get() };
        let same = left.as_ref().is_some_and(|left| left.will_wake(waker));
        let old = match same {
            true => None,
            false => left.replace(waker.clone()),
        };
        let pending = header.state.lend_join_waker();
        if !pending {
            // SAFETY: as above: it was not lent when the task completed.
            drop(unsafe { (*header.join_waker.get()).take() });
        }
        // A foreign waker's destructor may do anything, so it goes last.
        drop(old);
        pending
    }

    /// Takes the output. Must be called after `poll` was ready.
    #[inline]
    pub(crate) fn take(self) -> Result<T, JoinError> {
        let handle = ManuallyDrop::new(self);
        debug_assert!(handle.is_finished());
        // SAFETY: the task is complete with a handle, so the output is there and the
        // handle's, which is used up here. The type is that of `new`.
        let output = unsafe { handle.cell.output::<T>().read() };
        let action = handle.cell.header().state.drop_used_handle();
        // SAFETY: the answer to our change.
        unsafe { life::act(handle.cell, action) };
        output
    }

    /// A reference without the right to the output.
    pub(crate) fn reference(&self) -> SharedRef {
        self.cell.header().state.add_reference();
        SharedRef { cell: self.cell }
    }
}

impl<T> Drop for SharedJoin<T> {
    fn drop(&mut self) {
        let header = self.cell.header();
        if header.state.load().has_join_waker() && header.state.take_back_join_waker() {
            // SAFETY: it is not lent any more, so it is the handle's.
            drop(unsafe { (*header.join_waker.get()).take() });
        }
        let action = match header.state.detach() {
            Some(action) => action,
            None => {
                // SAFETY: the task is complete with a handle, so the output is there
                // and ours. The type is that of `new`.
                drop(Output::new(unsafe { self.cell.output::<T>().read() }));
                header.state.drop_used_handle()
            }
        };
        // SAFETY: the answer to our change.
        unsafe { life::act(self.cell, action) };
    }
}

/// A counted reference to a cell.
pub(crate) struct SharedRef {
    cell: CellPtr,
}

impl SharedRef {
    pub(crate) fn id(&self) -> Id {
        self.cell.metadata().id()
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.cell.header().state.load().is_complete()
    }

    pub(crate) fn abort(&self) {
        abort(self.cell);
    }
}

impl Clone for SharedRef {
    fn clone(&self) -> Self {
        self.cell.header().state.add_reference();
        SharedRef { cell: self.cell }
    }
}

impl Drop for SharedRef {
    fn drop(&mut self) {
        // SAFETY: the reference is ours, and is dropped.
        unsafe { life::drop_reference(self.cell) };
    }
}

fn abort(cell: CellPtr) {
    if let Some(task) = life::abort(cell) {
        task.schedule();
    }
}
