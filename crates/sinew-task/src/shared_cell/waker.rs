//! The waker of a cell. Its data is the cell's address, with one counted reference.

use std::mem::ManuallyDrop;
use std::task::{RawWaker, RawWakerVTable, Waker};

use crate::shared_cell::cell::CellPtr;
use crate::shared_cell::life;

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop);

fn raw(cell: CellPtr) -> RawWaker {
    RawWaker::new(cell.as_ptr().cast_const().cast(), &VTABLE)
}

/// A waker of `cell` that counts no reference: for a poll, during which the cell is
/// kept.
#[inline]
pub(super) fn lent(cell: CellPtr) -> ManuallyDrop<Waker> {
    // SAFETY: the functions below keep the contract of a waker, and this one is not
    // dropped.
    ManuallyDrop::new(unsafe { Waker::from_raw(raw(cell)) })
}

/// # Safety
///
/// `data` must be the data of a waker that was made from [`raw`].
#[inline]
unsafe fn cell(data: *const ()) -> CellPtr {
    // SAFETY: it came from `CellPtr::as_ptr`, and the waker's reference, or the poll
    // in which it was lent, keeps the cell.
    unsafe { CellPtr::from_ptr(data.cast_mut().cast()) }
}

/// # Safety
///
/// Called by `Waker` with its data, as are the three below.
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the caller's promise.
    let cell = unsafe { cell(data) };
    cell.header().state.add_reference();
    raw(cell)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: the caller's promise.
    let cell = unsafe { cell(data) };
    // SAFETY: the reference is the waker's, which is used up.
    unsafe { life::wake_and_drop(cell) };
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the caller's promise.
    let cell = unsafe { cell(data) };
    life::wake(cell);
}

unsafe fn drop(data: *const ()) {
    // SAFETY: the caller's promise.
    let cell = unsafe { cell(data) };
    // SAFETY: the reference is the waker's, which is dropped.
    unsafe { life::drop_reference(cell) };
}
