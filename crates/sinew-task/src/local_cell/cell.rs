//! The memory of a cell.

use std::any::Any;
use std::cell::{Cell, UnsafeCell};
use std::future::Future;
use std::mem::{ManuallyDrop, needs_drop, offset_of};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll, Waker};

use sinew_core::record::Record;

use crate::local_cell::cache::Cache;
use crate::local_cell::owned::OwnedState;
use crate::local_cell::queue::LocalQueue;
use crate::local_cell::run_queue::Link;
use crate::local_cell::state::RemoteState;
use crate::origin::Origin;
use crate::output::Output;
use crate::size_class::SizeClass;
use crate::{Id, JoinError, Metadata};

/// What a turn needs of every cell, whatever its future, which comes right after it. The
/// record comes first: its address is the data of the task's wakers, by which
/// [`coop::give_way`](sinew_core::coop::give_way) knows them.
#[repr(C)]
pub(crate) struct Header {
    pub(super) record: Record,
    pub(super) vtable: &'static VTable,
    /// The owner's flags and count.
    pub(super) owned: OwnedState,
    /// The next cell in the run queue, while this one is in it. The owner's.
    pub(super) queue_next: Link,
    /// Invariant: alive as long as the cell is; see invariant 5 of the module.
    pub(super) queue: NonNull<LocalQueue>,
}

const _: () = assert!(offset_of!(Header, record) == 0);

/// What most turns do not need. It is before the header, so that this and the future
/// are in as few cache lines as can be.
#[repr(C)]
pub(crate) struct Cold {
    pub(super) origin: Origin,
    /// See invariant 2 of `inbox`.
    pub(super) inbox_next: Cell<Option<CellPtr>>,
    /// The neighbours in the list of all cells. The owner's, apart from
    /// readers inside of the queue's gate.
    pub(super) list_previous: Cell<Option<CellPtr>>,
    pub(super) list_next: Cell<Option<CellPtr>>,
    pub(super) remote: RemoteState,
    /// Whom to wake when the task has finished. The owner's.
    pub(super) join_waker: UnsafeCell<Option<Waker>>,
    /// Loom reports a cell that is not freed.
    #[cfg(all(test, sinew_loom))]
    track: loom::alloc::Track<()>,
}

/// What all cells begin with.
#[repr(C)]
struct Front {
    cold: Cold,
    header: Header,
}

/// A cell with its future, or its output.
#[repr(C)]
pub(super) struct TaskCell<F: Future> {
    front: Front,
    slot: UnsafeCell<Slot<F>>,
}

/// Which of the two is there: see invariant 4 of the module. Both are at its
/// start.
#[repr(C)]
union Slot<F: Future> {
    future: ManuallyDrop<F>,
    output: ManuallyDrop<Result<F::Output, JoinError>>,
}

/// What depends on the type of the future.
pub(super) struct VTable {
    /// Polls the future.
    pub(super) poll: unsafe fn(CellPtr, &mut Context<'_>) -> Polled,
    /// Drops the future and puts nothing in its place.
    pub(super) drop_future: unsafe fn(CellPtr) -> Dropped,
    /// Puts the error of a panic where the future was.
    pub(super) put_panic: unsafe fn(CellPtr, JoinError, Dropped),
    /// Drops the future and puts a cancelled error in its place.
    pub(super) cancel: unsafe fn(CellPtr),
    /// Drops the output.
    pub(super) drop_output: unsafe fn(CellPtr),
    /// How the cell was allocated.
    class: SizeClass,
    /// Where the output is, from the header.
    output_offset: usize,
}

/// What came of a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Polled {
    Pending,
    /// The output is in the slot instead of the future.
    Finished,
    /// The same, and it is one that need not be dropped.
    FinishedPlainly,
}

/// Points to a cell.
///
/// Invariant: the cell is alive while the pointer is in use. Each place that
/// keeps one says what keeps the cell: a counted reference, a future that is
/// still there (invariant 3 of the module), or `QUEUED` in its word.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CellPtr(NonNull<Header>);

impl CellPtr {
    /// `None` for null.
    ///
    /// # Safety
    ///
    /// `raw` must be null, or come from [`as_ptr`](Self::as_ptr), and the cell
    /// must be kept while the pointer is used.
    pub(super) unsafe fn from_raw(raw: *mut Header) -> Option<CellPtr> {
        NonNull::new(raw).map(CellPtr)
    }

    /// # Safety
    ///
    /// As of [`from_raw`](Self::from_raw), and `raw` must not be null.
    #[inline]
    pub(super) unsafe fn from_ptr(raw: *mut Header) -> CellPtr {
        // SAFETY: the caller says that it is not null.
        CellPtr(unsafe { NonNull::new_unchecked(raw) })
    }

    pub(super) fn as_ptr(self) -> *mut Header {
        self.0.as_ptr()
    }

    /// What all cells have.
    #[inline]
    pub(super) fn header<'a>(self) -> &'a Header {
        // SAFETY: the type's invariant. Nobody has a `&mut Header`.
        unsafe { self.0.as_ref() }
    }

    /// The start of the cell's block.
    #[inline]
    fn front(self) -> NonNull<Front> {
        // SAFETY: by the type's invariant the header is a part of the front.
        unsafe { self.0.byte_sub(offset_of!(Front, header)) }.cast()
    }

    /// What all cells have and most turns do not need.
    #[inline]
    pub(super) fn cold<'a>(self) -> &'a Cold {
        let cold = self.front().cast();
        // SAFETY: the type's invariant; it is the first field of the front. Nobody has a
        // `&mut Cold`.
        unsafe { cold.as_ref() }
    }

    /// The task's id.
    #[inline]
    pub(super) fn id(self) -> Id {
        // SAFETY: `allocate` gave the record the bits of an id.
        unsafe { Id::from_bits_unchecked(self.header().record.id()) }
    }

    pub(super) fn name<'a>(self) -> Option<&'a str> {
        self.cold().origin.name()
    }

    /// The task as hooks are shown it.
    #[cold]
    pub(super) fn metadata(self) -> Metadata {
        Metadata::view(
            self.id(),
            self.name(),
            self.cold().origin.location(),
            self.queue().scheduler(),
            self.header().owned.is_complete(),
        )
    }

    /// The queue that the task belongs to.
    #[inline]
    pub(super) fn queue<'a>(self) -> &'a LocalQueue {
        // SAFETY: the field's invariant.
        unsafe { self.header().queue.as_ref() }
    }

    /// Where the output of type `T` is. `T` must be what the cell's future gives.
    pub(super) fn output<T>(self) -> *mut Result<T, JoinError> {
        let offset = self.header().vtable.output_offset;
        // SAFETY: the offset is that of a field of this very cell.
        unsafe { self.0.as_ptr().byte_add(offset) }.cast()
    }
}

/// Makes a cell with `future` in it, in a block of `cache` if that is given. It is
/// freed by [`free`] or [`free_here`].
#[inline(always)]
pub(super) fn allocate<F: Future>(
    future: F,
    name: Option<Box<str>>,
    location: &'static Location<'static>,
    queue: &LocalQueue,
    owned: OwnedState,
    remote: RemoteState,
    cache: Option<&Cache>,
) -> CellPtr {
    let class = TaskCell::<F>::VTABLE.class;
    let block: NonNull<TaskCell<F>> = match cache {
        Some(cache) => cache.take(class).cast(),
        None => class.allocate().cast(),
    };
    let header = Header {
        record: Record::new(Id::next().as_u64()),
        vtable: TaskCell::<F>::VTABLE,
        owned,
        queue_next: Cell::new(None),
        queue: NonNull::from(queue),
    };
    let cold = Cold {
        origin: Origin::new(location, name),
        inbox_next: Cell::new(None),
        list_previous: Cell::new(None),
        list_next: Cell::new(None),
        remote,
        join_waker: UnsafeCell::new(None),
        #[cfg(all(test, sinew_loom))]
        track: loom::alloc::Track::new(()),
    };
    let cell = TaskCell {
        front: Front { cold, header },
        slot: UnsafeCell::new(Slot {
            future: ManuallyDrop::new(future),
        }),
    };
    // SAFETY: the block is new, and of the layout of such a cell.
    unsafe { block.write(cell) };
    let front: NonNull<Front> = block.cast();
    // SAFETY: the front is the first field of a `repr(C)` struct, and the header is a
    // part of it.
    CellPtr(unsafe { front.byte_add(offset_of!(Front, header)) }.cast())
}

/// Empties a cell that is about to be freed. Returns what is to be dropped after
/// that: a waker may be anyone's.
///
/// # Safety
///
/// As of [`free`].
#[inline]
unsafe fn empty(cell: CellPtr) -> Option<Waker> {
    let front = cell.front();
    // SAFETY: the caller says that the cell is its own.
    let waker = unsafe { &mut *cell.cold().join_waker.get() }.take();
    // SAFETY: as above. The slot, a union, has nothing in it to be dropped.
    unsafe { front.drop_in_place() };
    waker
}

/// Whether [`recycle`] may be used: nothing in the header has to be dropped, and the
/// block is one that `cache` keeps. For the owner, of a complete cell.
#[inline]
pub(super) fn is_plain(cell: CellPtr, cache: &Cache) -> bool {
    let cold = cell.cold();
    // SAFETY: only the owner uses the slot, which calls this.
    let joiner = unsafe { &*cold.join_waker.get() };
    joiner.is_none() && !cold.origin.is_named() && cache.keeps(cell.header().vtable.class)
}

/// Gives the block of a cell to the cache.
///
/// # Safety
///
/// As of [`free_here`], and the cell [is plain](is_plain).
#[inline]
pub(super) unsafe fn recycle(cell: CellPtr, cache: &Cache) {
    #[cfg(all(test, sinew_loom))]
    // SAFETY: the caller's promise. Loom is told that it is gone.
    unsafe {
        cell.front().drop_in_place();
    }
    let class = cell.header().vtable.class;
    // SAFETY: the block was allocated for this class, and nobody refers to it; the
    // cache keeps it.
    unsafe { cache.keep(class, cell.front().cast()) };
}

/// Frees a cell on its owner's thread.
///
/// # Safety
///
/// As of [`free`], on the owner's thread, of whose queue `cache` is; the cell must
/// not be merged.
#[inline]
pub(super) unsafe fn free_here(cell: CellPtr, cache: &Cache) {
    let class = cell.header().vtable.class;
    // SAFETY: the caller's promise.
    let waker = unsafe { empty(cell) };
    // SAFETY: the block was allocated for this class, and nobody refers to it.
    unsafe { cache.give(class, cell.front().cast()) };
    drop(waker);
}

/// Frees a merged cell, on any thread.
///
/// # Safety
///
/// Nobody may refer to the cell any more, and its future and output must be
/// gone. The cell must hold a reference to its scheduler, as merged ones do.
pub(super) unsafe fn free(cell: CellPtr) {
    let scheduler = cell.queue().scheduler_ptr();
    let class = cell.header().vtable.class;
    // SAFETY: the caller's promise.
    let waker = unsafe { empty(cell) };
    // SAFETY: the block was allocated for this class, and nobody refers to it.
    unsafe { class.deallocate(cell.front().cast()) };
    drop(waker);
    // SAFETY: the cell's reference, given to it by `life::merge` or when it was
    // refused; the cell is gone.
    drop(unsafe { scheduler.into_counted() });
}

impl<F: Future> TaskCell<F> {
    const VTABLE: &'static VTable = &VTable {
        poll: Self::poll,
        drop_future: Self::drop_future,
        put_panic: Self::put_panic,
        cancel: Self::cancel,
        drop_output: Self::drop_output,
        class: SizeClass::of::<TaskCell<F>>(),
        output_offset: offset_of!(TaskCell<F>, slot) - offset_of!(Front, header),
    };

    /// # Safety
    ///
    /// `cell` must be one of `F`. The place is the future's or the output's by
    /// invariant 4 of the module.
    unsafe fn slot(cell: CellPtr) -> *mut Slot<F> {
        let typed: NonNull<TaskCell<F>> = cell.front().cast();
        // SAFETY: the caller says that it is such a cell; the type's invariant
        // says that it is alive.
        let typed = unsafe { typed.as_ref() };
        typed.slot.get()
    }

    /// # Safety
    ///
    /// On the owner's thread, with the future in the slot of a cell of `F`.
    unsafe fn poll(cell: CellPtr, cx: &mut Context<'_>) -> Polled {
        // SAFETY: the caller says that the cell is one of `F`.
        let slot = unsafe { Self::slot(cell) };
        // SAFETY: the caller says that the future is there; only the owner
        // touches it, and polls it only from here.
        let future = unsafe { &mut *slot.cast::<F>() };
        // SAFETY: a cell is not moved, and the future is dropped in place.
        let future = unsafe { Pin::new_unchecked(future) };
        let Poll::Ready(output) = future.poll(cx) else {
            return Polled::Pending;
        };
        // Still in its turn, and so a part of its task.
        // SAFETY: the future is there, and not used after this.
        let dropped = unsafe { drop_in_turn::<F>(slot) };
        if dropped.is_err() {
            // SAFETY: the future is gone.
            unsafe { Self::put_output(cell, Ok(output), dropped) };
            return Polled::Finished;
        }
        let output = ManuallyDrop::new(Ok(output));
        // SAFETY: the future is gone; the slot is the owner's.
        unsafe { slot.write(Slot { output }) };
        match needs_drop::<F::Output>() {
            true => Polled::Finished,
            false => Polled::FinishedPlainly,
        }
    }

    /// # Safety
    ///
    /// On the owner's thread, with the future in the slot of a cell of `F`.
    unsafe fn drop_future(cell: CellPtr) -> Dropped {
        // SAFETY: the caller says that the cell is one of `F`.
        let slot = unsafe { Self::slot(cell) };
        // SAFETY: the caller's promise.
        cell.header()
            .record
            .scope(|| unsafe { drop_in_turn::<F>(slot) })
    }

    /// # Safety
    ///
    /// On the owner's thread, with nothing in the slot of a cell of `F`.
    unsafe fn put_panic(cell: CellPtr, error: JoinError, dropped: Dropped) {
        // SAFETY: the caller's promise.
        unsafe { Self::put_output(cell, Err(error), dropped) };
    }

    /// # Safety
    ///
    /// On the owner's thread, with the future in the slot of a cell of `F`.
    unsafe fn cancel(cell: CellPtr) {
        let error = JoinError::cancelled_of(cell.id(), cell.name(), cell.cold().origin.location());
        // SAFETY: the caller's promise goes on.
        unsafe { Self::finish(cell, Err(error)) };
    }

    /// Drops the future and puts the output in its place.
    ///
    /// # Safety
    ///
    /// On the owner's thread, with the future in the slot of a cell of `F`.
    unsafe fn finish(cell: CellPtr, result: Result<F::Output, JoinError>) {
        // SAFETY: the future is there, and not used after this.
        let dropped = unsafe { Self::drop_future(cell) };
        // SAFETY: the future is gone.
        unsafe { Self::put_output(cell, result, dropped) };
    }

    /// Puts the output in the place of the future. A panic of the future's
    /// destructor replaces the result, unless that is a panic already.
    ///
    /// # Safety
    ///
    /// On the owner's thread, with nothing in the slot of a cell of `F`.
    unsafe fn put_output(cell: CellPtr, result: Result<F::Output, JoinError>, dropped: Dropped) {
        let result = match (result, dropped) {
            (result, Ok(())) => result,
            (Err(error), Err(payload)) if error.is_panic() => {
                // Told to the hooks; nobody else is shown it.
                drop(Output::<()>::new(Err(panicked(cell, payload))));
                Err(error)
            }
            (result, Err(payload)) => {
                drop(Output::new(result));
                Err(panicked(cell, payload))
            }
        };
        let output = ManuallyDrop::new(result);
        // SAFETY: the caller says that the cell is one of `F`.
        let slot = unsafe { Self::slot(cell) };
        // SAFETY: the slot is empty and the owner's.
        unsafe { slot.write(Slot { output }) };
    }

    /// # Safety
    ///
    /// The output must be in the slot of a cell of `F`, and the caller's to drop.
    unsafe fn drop_output(cell: CellPtr) {
        // SAFETY: the caller says that the cell is one of `F`.
        let slot = unsafe { Self::slot(cell) };
        // SAFETY: the caller says that the output is there and its own.
        let output = unsafe { slot.cast::<Result<F::Output, JoinError>>().read() };
        if output.is_err() || needs_drop::<F::Output>() {
            // `Output` catches what a destructor panics with, and tells of an error
            // that nobody has seen.
            let record = &cell.header().record;
            record.scope(|| drop(Output::new(output)));
        }
    }
}

/// What came of dropping a future: the payload, if that panicked.
pub(super) type Dropped = Result<(), Box<dyn Any + Send>>;

/// Drops the future in `slot`, in a turn of its task.
///
/// # Safety
///
/// On the owner's thread. The future must be in `slot`, and not be used again.
#[inline]
unsafe fn drop_in_turn<F: Future>(slot: *mut Slot<F>) -> Dropped {
    if !needs_drop::<F>() {
        return Ok(());
    }
    // SAFETY: the caller's promise.
    catch_unwind(AssertUnwindSafe(|| unsafe {
        slot.cast::<F>().drop_in_place();
    }))
}

/// The error of a panic of the task.
#[cold]
pub(super) fn panicked(cell: CellPtr, payload: Box<dyn Any + Send>) -> JoinError {
    let metadata = cell.metadata();
    JoinError::panic(&metadata, payload)
}
