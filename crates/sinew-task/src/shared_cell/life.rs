//! What happens to a cell: turns, wakes, the end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Waker};

use sinew_core::record;

use crate::shared_cell::cell::CellPtr;
use crate::shared_cell::state::{Action, Completed, Rest};
use crate::shared_cell::waker;
use crate::{Runnable, hooks, list, schedule as seam};

/// Runs a task that is scheduled: polls it once. Returns its `Runnable` if it was woken
/// meanwhile, or gave way.
///
/// # Safety
///
/// The caller has the task's `Runnable`, which is used up.
// What is rare is kept out of it: it is a part of the runners' loops.
#[inline(always)]
pub(crate) unsafe fn run(cell: CellPtr) -> Option<Runnable> {
    let header = cell.header();
    if header.state.start().is_aborted() {
        // SAFETY: we are the runner, and the task is not complete.
        unsafe { drop_future(cell) };
        return None;
    }
    let (complete, gave_way) = record::noting_gave_way(|| {
        let waker = waker::lent(cell);
        // SAFETY: as above.
        unsafe { (header.vtable.poll)(cell, &mut Context::from_waker(&waker)) }
    });
    if complete {
        // SAFETY: we are the runner, and the output is in the slot.
        unsafe { end(cell) };
        return None;
    }
    if gave_way {
        // SAFETY: it goes on running, as the state's invariant 5 says, and we hand the
        // `Runnable` on.
        return Some(unsafe { Runnable::new(cell) });
    }
    match header.state.rest() {
        Rest::Idle => None,
        // SAFETY: by the answer, the `Runnable` is ours.
        Rest::Woken => Some(unsafe { Runnable::new(cell) }),
        Rest::Abandoned => {
            // SAFETY: by the answer we still are the runner.
            unsafe { drop_future(cell) };
            None
        }
    }
}

/// Cancels a task that is scheduled, instead of running it.
///
/// # Safety
///
/// As of [`run`].
#[cold]
pub(crate) unsafe fn cancel(cell: CellPtr) {
    let _ = cell.header().state.start();
    // SAFETY: we are the runner from here on, and the task is not complete.
    unsafe { drop_future(cell) };
}

/// # Safety
///
/// The caller is the runner, with the future in the slot.
#[cold]
unsafe fn drop_future(cell: CellPtr) {
    // SAFETY: the caller's promise.
    unsafe { (cell.header().vtable.cancel)(cell) };
    // SAFETY: the output, an error, is in the slot now.
    unsafe { end(cell) };
}

/// Completes a task.
///
/// # Safety
///
/// The caller is the runner, with the output in the slot. It is no longer after this.
#[inline(never)]
unsafe fn end(cell: CellPtr) {
    let header = cell.header();
    let metadata = &header.metadata;
    metadata.finish();
    if let Some(hooks) = metadata.hooks() {
        hooks::call(&mut || hooks.terminated(metadata));
    }
    // Before the task is complete, so that whoever has joined it finds it gone from
    // the list. The scheduler may be gone as soon as it has left.
    // SAFETY: the future is gone, and the cell is kept as `RUNNING`.
    let left = unsafe { list::leave(cell) };
    let mut dropped = false;
    loop {
        match header.state.complete(dropped, left.unlisted) {
            Completed::Unjoined => {
                // SAFETY: there is no handle, nor will there be: it is ours.
                unsafe { (header.vtable.drop_output)(cell) };
                dropped = true;
            }
            Completed::Done => return,
            Completed::Wake => {
                // SAFETY: it was lent to the completer, which we are; the reference
                // that we were given keeps the cell.
                let waker = unsafe { (*header.join_waker.get()).take() };
                if let Some(waker) = waker {
                    wake_joiner(waker);
                }
                // SAFETY: the reference that we were given.
                return unsafe { drop_reference(cell) };
            }
            // SAFETY: by the answer, nothing keeps the cell.
            Completed::Free => return unsafe { free(cell) },
        }
    }
}

/// A waker may be anyone's. What it panics with, the panic hook has reported; the task
/// and its runner are not to suffer from it.
fn wake_joiner(waker: Waker) {
    let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
}

/// # Safety
///
/// Nothing may keep the cell.
#[inline]
pub(super) unsafe fn free(cell: CellPtr) {
    // SAFETY: the caller's promise.
    unsafe { (cell.header().vtable.dealloc)(cell) };
}

/// # Safety
///
/// `action` must be what the state has just answered to a change by this thread.
#[inline]
pub(super) unsafe fn act(cell: CellPtr, action: Action) {
    match action {
        Action::Nothing => {}
        // SAFETY: by the answer, the `Runnable` is ours.
        Action::Schedule => seam::dispatch(unsafe { Runnable::new(cell) }, false),
        // SAFETY: by the answer, nothing keeps the cell.
        Action::Free => unsafe { free(cell) },
    }
}

/// Hands a task that is scheduled to its scheduler.
///
/// # Safety
///
/// As of [`run`].
#[inline]
pub(crate) unsafe fn schedule(cell: CellPtr) {
    // SAFETY: the caller has the `Runnable`.
    seam::dispatch(unsafe { Runnable::new(cell) }, false);
}

#[inline]
pub(super) fn wake(cell: CellPtr) {
    let action = cell.header().state.wake();
    // SAFETY: the answer to our change.
    unsafe { act(cell, action) };
}

/// # Safety
///
/// The caller has a counted reference, which is used up.
#[inline]
pub(super) unsafe fn wake_and_drop(cell: CellPtr) {
    let action = cell.header().state.wake_and_drop();
    // SAFETY: the answer to our change.
    unsafe { act(cell, action) };
}

/// # Safety
///
/// As of [`wake_and_drop`].
#[inline]
pub(super) unsafe fn drop_reference(cell: CellPtr) {
    let action = cell.header().state.drop_reference();
    // SAFETY: the answer to our change.
    unsafe { act(cell, action) };
}

/// Marks a task as to be cancelled. Returns what to schedule for that, if the task
/// is not to be polled anyway.
pub(crate) fn abort(cell: CellPtr) -> Option<Runnable> {
    match cell.header().state.abort() {
        // SAFETY: by the answer, the `Runnable` is ours.
        Action::Schedule => Some(unsafe { Runnable::new(cell) }),
        _ => None,
    }
}

/// The list lets go of the cell.
///
/// # Safety
///
/// The list must have been given the cell, and let go of it once only.
#[inline]
pub(crate) unsafe fn unlist(cell: CellPtr) {
    let action = cell.header().state.unlist();
    // SAFETY: the answer to our change.
    unsafe { act(cell, action) };
}
