//! The waker of a cell. Its data is the cell's address, with one counted
//! reference.

use std::task::{RawWaker, RawWakerVTable};

use crate::local_cell::cell::CellPtr;
use crate::local_cell::life;

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop);

/// The parts of a waker of `cell`. Does not count a reference.
#[inline]
pub(super) fn raw(cell: CellPtr) -> RawWaker {
    RawWaker::new(cell.as_ptr().cast_const().cast(), &VTABLE)
}

/// # Safety
///
/// `data` must be the data of a waker that was made from [`raw`].
#[inline]
unsafe fn cell(data: *const ()) -> CellPtr {
    // SAFETY: it came from `CellPtr::as_ptr`, and the waker's reference, or
    // the poll in which it was lent, keeps the cell.
    unsafe { CellPtr::from_ptr(data.cast_mut().cast()) }
}

/// # Safety
///
/// Called by `Waker` with its data, as are the three below.
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the caller's promise.
    let cell = unsafe { cell(data) };
    life::add_reference(cell);
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
