//! The memory of a cell.

use std::any::Any;
use std::cell::UnsafeCell;
use std::future::Future;
use std::mem::{self, ManuallyDrop, needs_drop, offset_of};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll, Waker};
use std::thread;

use crate::magazine;
use crate::output::Output;
use crate::shared_cell::state::State;
use crate::size_class::SizeClass;
use crate::{JoinError, Metadata, hooks};

/// What every cell begins with, whatever its future. The metadata comes first, and its
/// record first in there: its address is the data of the task's wakers, by which
/// [`coop::give_way`](sinew_core::coop::give_way) knows them.
#[repr(C)]
pub(crate) struct Header {
    pub(crate) metadata: Metadata,
    pub(super) state: State,
    pub(super) vtable: &'static VTable,
    /// Whom to wake when the task has completed; see invariant 4 of the module.
    pub(super) join_waker: UnsafeCell<Option<Waker>>,
    /// Loom reports a cell that is not freed.
    #[cfg(all(test, sinew_loom))]
    track: loom::alloc::Track<()>,
}

const _: () = assert!(offset_of!(Header, metadata) + Metadata::RECORD_OFFSET == 0);

/// A cell with its future, or its output.
#[repr(C)]
struct TaskCell<F: Future> {
    header: Header,
    slot: UnsafeCell<Slot<F>>,
}

/// Which of the two is there: see invariant 2 of the module. Both are at its start.
#[repr(C)]
union Slot<F: Future> {
    future: ManuallyDrop<F>,
    output: ManuallyDrop<Result<F::Output, JoinError>>,
}

/// What depends on the type of the future.
pub(super) struct VTable {
    /// Polls the future. `true` once its output is in the slot instead of it.
    pub(super) poll: unsafe fn(CellPtr, &mut Context<'_>) -> bool,
    /// Drops the future and puts a cancelled error in its place.
    pub(super) cancel: unsafe fn(CellPtr),
    /// Drops the output.
    pub(super) drop_output: unsafe fn(CellPtr),
    /// Gives the memory back. Future and output must be gone.
    pub(super) dealloc: unsafe fn(CellPtr),
    /// Where the output is, from the start of the cell.
    output_offset: usize,
}

/// Points to a cell.
///
/// Invariant: the cell is there while the pointer is in use. Each place that keeps
/// one says what keeps the cell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct CellPtr(NonNull<Header>);

impl CellPtr {
    /// `None` for null.
    ///
    /// # Safety
    ///
    /// `raw` must be null, or come from [`as_ptr`](Self::as_ptr), and the cell must be
    /// kept while the result is used.
    #[inline]
    pub(crate) unsafe fn from_raw(raw: *mut Header) -> Option<CellPtr> {
        NonNull::new(raw).map(CellPtr)
    }

    /// # Safety
    ///
    /// As of [`from_raw`](Self::from_raw), and `raw` must not be null.
    #[inline]
    pub(crate) unsafe fn from_ptr(raw: *mut Header) -> CellPtr {
        // SAFETY: the caller says that it is not null.
        CellPtr(unsafe { NonNull::new_unchecked(raw) })
    }

    #[inline]
    pub(crate) fn as_ptr(self) -> *mut Header {
        self.0.as_ptr()
    }

    /// What all cells have.
    #[inline]
    pub(crate) fn header<'a>(self) -> &'a Header {
        // SAFETY: the type's invariant. Nobody has a `&mut Header`.
        unsafe { self.0.as_ref() }
    }

    #[inline]
    pub(crate) fn metadata<'a>(self) -> &'a Metadata {
        &self.header().metadata
    }

    /// Where the output of type `T` is. `T` must be what the cell's future gives.
    #[inline]
    pub(super) fn output<T>(self) -> *mut Result<T, JoinError> {
        let offset = self.header().vtable.output_offset;
        // SAFETY: the offset is that of a field of this very cell.
        unsafe { self.0.as_ptr().byte_add(offset) }.cast()
    }
}

/// Makes a cell with `future` in it: scheduled and joined. `listed` says whether it is
/// to be entered into a list.
#[inline]
pub(crate) fn allocate<F: Future>(future: F, metadata: Metadata, listed: bool) -> CellPtr {
    let cell: NonNull<TaskCell<F>> = magazine::allocate(TaskCell::<F>::CLASS).cast();
    let contents = TaskCell {
        header: Header {
            state: State::new(listed),
            vtable: TaskCell::<F>::VTABLE,
            join_waker: UnsafeCell::new(None),
            metadata,
            #[cfg(all(test, sinew_loom))]
            track: loom::alloc::Track::new(()),
        },
        slot: UnsafeCell::new(Slot {
            future: ManuallyDrop::new(future),
        }),
    };
    // SAFETY: the block is new, and of the layout of such a cell.
    unsafe { cell.write(contents) };
    // The header is the first field of a `repr(C)` struct.
    CellPtr(cell.cast())
}

impl<F: Future> TaskCell<F> {
    const CLASS: SizeClass = SizeClass::of::<TaskCell<F>>();

    const VTABLE: &'static VTable = &VTable {
        poll: Self::poll,
        cancel: Self::cancel,
        drop_output: Self::drop_output,
        dealloc: Self::dealloc,
        output_offset: offset_of!(TaskCell<F>, slot),
    };

    /// # Safety
    ///
    /// `cell` must be one of `F`.
    #[inline]
    unsafe fn slot(cell: CellPtr) -> *mut Slot<F> {
        let typed: NonNull<TaskCell<F>> = cell.0.cast();
        // SAFETY: the caller says that it is such a cell; the type's invariant says
        // that it is there.
        let typed = unsafe { typed.as_ref() };
        typed.slot.get()
    }

    /// # Safety
    ///
    /// By the runner, with the future in the slot of a cell of `F`.
    unsafe fn poll(cell: CellPtr, cx: &mut Context<'_>) -> bool {
        // SAFETY: the caller says that the cell is one of `F`.
        let slot = unsafe { Self::slot(cell) };
        let metadata = cell.metadata();
        let hooks = metadata.hooks();
        if let Some(hooks) = hooks {
            hooks::before_poll(hooks, metadata);
        }
        let mut dropped = Ok(());
        let polled = catch_unwind(AssertUnwindSafe(|| {
            metadata.record().scope(|| {
                // SAFETY: the caller says that the future is there and its own.
                let future = unsafe { &mut *slot.cast::<F>() };
                // SAFETY: a cell is not moved, and the future is dropped in place.
                let future = unsafe { Pin::new_unchecked(future) };
                let on_panic = OnPanic::<F>(slot, &mut dropped);
                let polled = future.poll(cx);
                mem::forget(on_panic);
                polled
            })
        }));
        if let Some(hooks) = hooks {
            hooks::after_poll(hooks, metadata);
        }
        let result = match polled {
            Ok(Poll::Pending) => return false,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(payload) => {
                let error = Err(panicked(cell, payload));
                // SAFETY: the future was dropped while its poll unwound.
                unsafe { Self::put_output(cell, error, dropped) };
                return true;
            }
        };
        // SAFETY: the caller's promise goes on.
        unsafe { Self::finish(cell, result) };
        true
    }

    /// # Safety
    ///
    /// By the runner, with the future in the slot of a cell of `F`.
    unsafe fn cancel(cell: CellPtr) {
        let error = JoinError::cancelled(cell.metadata());
        // SAFETY: the caller's promise goes on.
        unsafe { Self::finish(cell, Err(error)) };
    }

    /// Drops the future and puts the output in its place. A panic of the future's
    /// destructor replaces the result, unless that is a panic already.
    ///
    /// # Safety
    ///
    /// By the runner, with the future in the slot of a cell of `F`.
    unsafe fn finish(cell: CellPtr, result: Result<F::Output, JoinError>) {
        // SAFETY: the caller says that the cell is one of `F`.
        let slot = unsafe { Self::slot(cell) };
        let mut dropped = Ok(());
        if needs_drop::<F>() {
            let record = cell.metadata().record();
            // SAFETY: the future is there, and not used after this.
            dropped = record.scope(|| unsafe { drop_caught::<F>(slot) });
        }
        // SAFETY: the future is gone.
        unsafe { Self::put_output(cell, result, dropped) };
    }

    /// Puts the output where the future was, and `dropped` is what came of dropping that.
    ///
    /// # Safety
    ///
    /// By the runner, with nothing in the slot of a cell of `F`.
    #[inline]
    unsafe fn put_output(
        cell: CellPtr,
        result: Result<F::Output, JoinError>,
        dropped: thread::Result<()>,
    ) {
        let result = match dropped {
            Ok(()) => result,
            Err(payload) => Self::merge(cell, result, payload),
        };
        // SAFETY: the caller says that the cell is one of `F`.
        let slot = unsafe { Self::slot(cell) };
        let output = ManuallyDrop::new(result);
        // SAFETY: the slot is empty and the runner's.
        unsafe { slot.write(Slot { output }) };
    }

    /// The result of a task whose future has panicked while it was dropped.
    #[cold]
    fn merge(
        cell: CellPtr,
        result: Result<F::Output, JoinError>,
        payload: Box<dyn Any + Send>,
    ) -> Result<F::Output, JoinError> {
        let second = panicked(cell, payload);
        match result {
            Err(error) if error.is_panic() => {
                second.report_unseen();
                Err(error)
            }
            result => {
                drop(Output::new(result));
                Err(second)
            }
        }
    }

    /// # Safety
    ///
    /// The output must be in the slot of a cell of `F`, and the caller's to drop.
    unsafe fn drop_output(cell: CellPtr) {
        // SAFETY: the caller says that the cell is one of `F`.
        let slot = unsafe { Self::slot(cell) };
        // SAFETY: the caller says that the output is there and its own.
        let output = unsafe { slot.cast::<Result<F::Output, JoinError>>().read() };
        // Catches what a destructor panics with, and tells of an error that nobody
        // has seen.
        drop(Output::new(output));
    }

    /// # Safety
    ///
    /// Nobody may refer to the cell, one of `F`, any more.
    unsafe fn dealloc(cell: CellPtr) {
        let typed: NonNull<TaskCell<F>> = cell.0.cast();
        // SAFETY: nobody refers to it. The slot, a union, is not dropped with it.
        unsafe { typed.drop_in_place() };
        // SAFETY: it was allocated for this class, and is empty.
        unsafe { magazine::free(Self::CLASS, typed.cast()) };
    }
}

/// Drops the future whose poll panics while that unwinds, so that its destructors can
/// tell, by `std::thread::panicking`, why they run. To be forgotten otherwise.
///
/// Invariant: while it is not forgotten, the future is in the slot and its runner's.
struct OnPanic<'a, F: Future>(*mut Slot<F>, &'a mut thread::Result<()>);

impl<F: Future> Drop for OnPanic<'_, F> {
    fn drop(&mut self) {
        // SAFETY: the invariant; after a panic the future is not used any more.
        *self.1 = unsafe { drop_caught::<F>(self.0) };
    }
}

/// Drops a future, and catches what its destructor panics with.
///
/// # Safety
///
/// The future must be in `slot`, and not be used again.
#[inline]
unsafe fn drop_caught<F: Future>(slot: *mut Slot<F>) -> thread::Result<()> {
    // SAFETY: the caller's promise.
    catch_unwind(AssertUnwindSafe(|| unsafe {
        slot.cast::<F>().drop_in_place();
    }))
}

/// The error of a panic of the task.
#[cold]
fn panicked(cell: CellPtr, payload: Box<dyn Any + Send>) -> JoinError {
    JoinError::panic(cell.metadata(), payload)
}
