//! A child: its future, its output, its waker and its place in the lists, in one
//! allocation.
//!
//! # Who touches what
//!
//! | part | used by |
//! |---|---|
//! | `Header::state`, `Header::next_sent` | all threads: see `State` and `Queue` |
//! | the rest of [`Header`] | the owner of the queue |
//! | [`Output`] | the child when it ends, and its handle: never at once, by invariant 4 of `scope` |
//! | the future | the owner of the queue, until the stage is [`Stage::Ended`] |
//!
//! A waker is a pointer to the header. It may live for longer than all that the future
//! and its output refer to, so what frees the memory runs no destructor: the future was
//! dropped when the stage became `Ended`, what is in `Output` is taken or dropped by
//! the handle.

use std::alloc::{Layout, dealloc};
use std::cell::{Cell, UnsafeCell};
use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::ptr::NonNull;
use std::sync::Arc;
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker, ready};

use super::deliver::Deliver;
use super::queue::{Child, Queue, header};
use super::state::State;
use crate::atomic::AtomicPtr;

/// How far a child has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Spawned by a thread that does not own the queue.
    New,
    /// In the list of all children.
    Linked,
    /// Its future is gone, or being dropped.
    Ended,
}

/// What the queue knows of a child.
pub(super) struct Header {
    pub(super) state: State,
    /// Written by who sends the child, then by who takes it.
    pub(super) next_sent: AtomicPtr<Header>,
    pub(super) stage: Cell<Stage>,
    /// It is among those that are ready.
    pub(super) queued: Cell<bool>,
    pub(super) next_ready: Cell<Option<Child>>,
    pub(super) previous: Cell<Option<Child>>,
    pub(super) next: Cell<Option<Child>>,
    queue: NonNull<Queue>,
    vtable: &'static VTable,
    #[cfg(all(test, sinew_loom))]
    life: tests::Life,
}

/// The header, and where the output goes.
#[repr(C)]
pub(super) struct Output<T> {
    header: Header,
    /// `None` until the child has ended, and again when it has been taken.
    pub(super) value: UnsafeCell<Option<T>>,
    /// Of who waits for the value.
    pub(super) waiter: UnsafeCell<Option<Waker>>,
}

#[repr(C)]
struct ChildCell<F: Future, D: Deliver<F::Output>> {
    output: Output<D::Value>,
    deliver: D,
    future: UnsafeCell<ManuallyDrop<F>>,
}

struct VTable {
    poll: unsafe fn(Child, &mut Context<'_>) -> Poll<()>,
    drop_future: unsafe fn(Child),
    layout: Layout,
}

impl<F: Future, D: Deliver<F::Output>> ChildCell<F, D> {
    const VTABLE: VTable = VTable {
        poll: Self::poll,
        drop_future: Self::drop_future,
        layout: Layout::new::<Self>(),
    };

    /// # Safety
    ///
    /// As of [`poll`].
    unsafe fn poll(child: Child, cx: &mut Context<'_>) -> Poll<()> {
        // SAFETY: the header is the first field of the first field, and the cell is of
        // this type, because this function is in its table.
        let cell = unsafe { child.cast::<Self>().as_ref() };
        // SAFETY: the future belongs to the owner, which we are, and is not gone.
        let future = unsafe { &mut *cell.future.get() };
        // SAFETY: it stays where it is until it is dropped.
        let future = unsafe { Pin::new_unchecked(&mut **future) };
        let output = ready!(future.poll(cx));
        // SAFETY: as above; it was not gone while it was polled.
        unsafe { Self::drop_future(child) };
        if let Some(value) = cell.deliver.deliver(output) {
            cell.output.put(value);
        }
        Poll::Ready(())
    }

    /// # Safety
    ///
    /// As of [`drop_future`].
    unsafe fn drop_future(child: Child) {
        // SAFETY: as in `poll`.
        let cell = unsafe { child.cast::<Self>().as_ref() };
        // Before, not after: should the destructor panic, it has had its chance.
        cell.output.header.stage.set(Stage::Ended);
        // SAFETY: the future belongs to the owner, and nobody is using it.
        let future = unsafe { &mut *cell.future.get() };
        // SAFETY: the stage was not `Ended`, and now is: this happens once.
        unsafe { ManuallyDrop::drop(future) };
    }
}

impl<T> Output<T> {
    fn put(&self, value: T) {
        if !self.header.state.has_handle() {
            drop(value);
            return;
        }
        // SAFETY: the handle is not in use: invariant 4 of `scope`. Nothing is dropped
        // by this, the value was `None`.
        unsafe { *self.value.get() = Some(value) };
        // SAFETY: as above.
        let waiter = unsafe { (*self.waiter.get()).take() };
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }
}

/// Makes the cell of a child. The scope and a handle hold it; with `sent` it is also
/// marked as sent.
pub(super) fn allocate<F, D>(
    queue: &Arc<Queue>,
    future: F,
    deliver: D,
    sent: bool,
) -> NonNull<Output<D::Value>>
where
    F: Future,
    D: Deliver<F::Output>,
{
    let header = Header {
        state: if sent {
            State::new_sent()
        } else {
            State::new()
        },
        next_sent: AtomicPtr::default(),
        stage: Cell::new(Stage::New),
        queued: Cell::new(false),
        next_ready: Cell::new(None),
        previous: Cell::new(None),
        next: Cell::new(None),
        queue: NonNull::from(&**queue),
        vtable: &ChildCell::<F, D>::VTABLE,
        #[cfg(all(test, sinew_loom))]
        life: tests::Life::default(),
    };
    let cell = Box::new(ChildCell {
        output: Output {
            header,
            value: UnsafeCell::new(None),
            waiter: UnsafeCell::new(None),
        },
        deliver,
        future: UnsafeCell::new(ManuallyDrop::new(future)),
    });
    // The output is the first field, and the pointer is good for the whole cell.
    NonNull::from(Box::leak(cell)).cast()
}

/// Polls the future of a child. When it is ready, or has panicked while it was being
/// dropped after that, the stage is [`Stage::Ended`].
///
/// # Safety
///
/// This thread owns the queue, the child is held, and its stage is not `Ended`.
pub(super) unsafe fn poll(child: Child) -> Poll<()> {
    // SAFETY: the caller holds it.
    let cell = unsafe { header(child) };
    let raw = RawWaker::new(child.as_ptr().cast(), &WAKER);
    // SAFETY: the waker is lent, not counted, and not dropped. While it is lent the
    // cell and its queue are held by those who poll.
    let waker = ManuallyDrop::new(unsafe { Waker::from_raw(raw) });
    // SAFETY: promised by the caller.
    unsafe { (cell.vtable.poll)(child, &mut Context::from_waker(&waker)) }
}

/// Drops the future of a child, whose stage is [`Stage::Ended`] then, also if the
/// destructor panics.
///
/// # Safety
///
/// As of [`poll`], and the future is not being polled.
pub(super) unsafe fn drop_future(child: Child) {
    // SAFETY: the caller holds it.
    let cell = unsafe { header(child) };
    // SAFETY: promised by the caller.
    unsafe { (cell.vtable.drop_future)(child) };
}

/// Gives back the memory of a child.
///
/// # Safety
///
/// Nobody holds it, and its future and its output are gone.
pub(super) unsafe fn free(child: Child) {
    // SAFETY: nobody else uses it any more.
    let cell = unsafe { header(child) };
    let layout = cell.vtable.layout;
    #[cfg(all(test, sinew_loom))]
    cell.life.end();
    // SAFETY: it was allocated by `allocate`, with this layout.
    unsafe { dealloc(child.as_ptr().cast(), layout) };
}

const WAKER: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

/// The child of a waker.
///
/// # Safety
///
/// `data` must be that of a waker of this module.
unsafe fn child_of(data: *const ()) -> Child {
    // SAFETY: it was made of a `NonNull`.
    unsafe { NonNull::new_unchecked(data.cast_mut().cast()) }
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the data of a waker.
    let child = unsafe { child_of(data) };
    // SAFETY: the waker that is cloned holds it, or is lent by who does.
    let cell = unsafe { header(child) };
    if cell.state.add_waker() {
        // SAFETY: the address in an `Arc`, which is alive: without another waker this
        // one is lent, and whoever lends it has the queue.
        unsafe { Arc::increment_strong_count(cell.queue.as_ptr()) };
    }
    RawWaker::new(data, &WAKER)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: the data of a waker.
    unsafe { wake_by_ref(data) };
    // SAFETY: the caller gives the waker up.
    unsafe { drop_waker(data) };
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the data of a waker.
    let child = unsafe { child_of(data) };
    // SAFETY: the waker holds it, or is lent by who does.
    let cell = unsafe { header(child) };
    // SAFETY: the first waker of the cell holds the queue until the last one goes.
    let queue = unsafe { cell.queue.as_ref() };
    // SAFETY: the caller has a waker.
    unsafe { queue.wake(child) };
}

unsafe fn drop_waker(data: *const ()) {
    // SAFETY: the data of a waker.
    let child = unsafe { child_of(data) };
    // SAFETY: the waker holds it.
    let cell = unsafe { header(child) };
    #[cfg(all(test, sinew_loom))]
    cell.life.touch();
    let queue = cell.queue;
    let dropped = cell.state.drop_waker();
    if dropped.last {
        // SAFETY: nobody holds it. The scope and the handle have let go of it, so its
        // future and its output are gone.
        unsafe { free(child) };
    }
    if dropped.last_waker {
        // SAFETY: the first waker has counted this.
        unsafe { Arc::decrement_strong_count(queue.as_ptr()) };
    }
}

#[cfg(all(test, sinew_loom))]
mod tests;
