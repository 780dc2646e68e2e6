//! What happens to a cell: woken, aborted, joined, forgotten. Its turns are in
//! `turn`.
//!
//! Each function is the one for the owner's thread unless its name says
//! `remote`. Which of the two a caller must use is asked in one place, [`side`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

use crate::local_cell::cell::{self, CellPtr};
use crate::local_cell::owned::Woken;
use crate::local_cell::owner::Owner;
use crate::local_cell::state::{Action, Detached, Settled};
use crate::{Metadata, TaskHooks, hooks};

/// Whose rules this thread must keep with a cell.
#[derive(Clone, Copy)]
pub(super) enum Side<'a> {
    /// This is the owner's thread, and the cell is not merged: plain counts.
    Owner(Owner<'a>),
    /// Only the remote word may be changed.
    Remote,
}

#[inline]
pub(super) fn side<'a>(cell: CellPtr) -> Side<'a> {
    match cell.queue().as_owner() {
        Some(owner) if !cell.header().owned.is_merged() => Side::Owner(owner),
        _ => Side::Remote,
    }
}

/// Adds a reference, from any thread.
#[inline]
pub(super) fn add_reference(cell: CellPtr) {
    match cell.queue().as_current() {
        Some(_) => cell.header().owned.add_reference(),
        None => add_reference_aside(cell),
    }
}

#[cold]
fn add_reference_aside(cell: CellPtr) {
    match side(cell) {
        Side::Owner(_) => cell.header().owned.add_reference(),
        Side::Remote => cell.cold().remote.add_reference(),
    }
}

/// Takes a reference away, from any thread.
///
/// # Safety
///
/// The reference must be the caller's, and the cell not used through it again.
#[inline]
pub(super) unsafe fn drop_reference(cell: CellPtr) {
    match cell.queue().as_current() {
        Some(owner) => release(owner, cell),
        // SAFETY: the caller's promise.
        None => unsafe { drop_reference_aside(cell) },
    }
}

/// # Safety
///
/// As of [`drop_reference`].
#[cold]
unsafe fn drop_reference_aside(cell: CellPtr) {
    match side(cell) {
        Side::Owner(owner) => release(owner, cell),
        Side::Remote => act(cell, cell.cold().remote.drop_reference()),
    }
}

/// Wakes the task, from any thread.
#[inline]
pub(super) fn wake(cell: CellPtr) {
    match cell.queue().as_current() {
        Some(owner) => wake_awake(owner, cell),
        None => wake_aside(cell),
    }
}

#[cold]
fn wake_aside(cell: CellPtr) {
    match cell.queue().as_owner() {
        // A merged task is complete, and so not woken.
        Some(owner) => wake_here(owner, cell),
        None => act(cell, cell.cold().remote.wake()),
    }
}

/// Wakes the task and takes a reference away, from any thread.
///
/// # Safety
///
/// As of [`drop_reference`].
#[inline]
pub(super) unsafe fn wake_and_drop(cell: CellPtr) {
    match cell.queue().as_current() {
        Some(owner) => {
            wake_awake(owner, cell);
            release(owner, cell);
        }
        // SAFETY: the caller's promise.
        None => unsafe { wake_and_drop_aside(cell) },
    }
}

/// # Safety
///
/// As of [`drop_reference`].
#[cold]
unsafe fn wake_and_drop_aside(cell: CellPtr) {
    match side(cell) {
        Side::Owner(owner) => {
            wake_here(owner, cell);
            release(owner, cell);
        }
        Side::Remote => act(cell, cell.cold().remote.wake_and_drop()),
    }
}

/// Cancels the task at its next turn, from any thread.
pub(super) fn abort(cell: CellPtr) {
    match side(cell) {
        Side::Owner(owner) => abort_here(owner, cell),
        Side::Remote => act(cell, cell.cold().remote.abort()),
    }
}

fn wake_here(owner: Owner<'_>, cell: CellPtr) {
    if cell.header().owned.wake() == Woken::Push {
        owner.push(cell);
    }
}

/// As [`wake_here`], where the queue is not asleep.
#[inline]
fn wake_awake(owner: Owner<'_>, cell: CellPtr) {
    if cell.header().owned.wake() == Woken::Push {
        owner.push_awake(cell);
    }
}

pub(super) fn abort_here(owner: Owner<'_>, cell: CellPtr) {
    if !cell.header().owned.is_complete() && cell.header().owned.abort() == Woken::Push {
        owner.push(cell);
    }
}

/// Takes one of the owner's references away.
#[inline]
pub(super) fn release(owner: Owner<'_>, cell: CellPtr) {
    if cell.header().owned.drop_reference() {
        settle(owner, cell);
    }
}

/// Frees a cell that the owner has no reference to, if nobody has.
#[inline]
pub(super) fn settle(owner: Owner<'_>, cell: CellPtr) {
    let (header, owned) = (cell.header(), owner.owned());
    let plain = header.owned.references() == 0
        && cell.cold().remote.is_empty()
        && owned.sessions.get() > 0
        && cell::is_plain(cell, &owned.cache);
    if !plain {
        return settle_unusual(owner, cell);
    }
    owner.unlink_inside(cell);
    // SAFETY: by invariants 1 and 4 of `state` nobody refers to it and nobody else
    // frees it; it is plain.
    unsafe { cell::recycle(cell, &owned.cache) };
}

#[cold]
fn settle_unusual(owner: Owner<'_>, cell: CellPtr) {
    let owned = &cell.header().owned;
    match cell.cold().remote.settle(owned.references()) {
        Settled::Free => {
            owner.unlink(cell);
            // SAFETY: by invariants 1 and 4 of `state` nobody refers to it and
            // nobody else frees it; it is not merged.
            unsafe { cell::free_here(cell, &owner.owned().cache) };
        }
        Settled::Keep(references) => owned.add_delta(references - owned.references()),
    }
}

/// Does what a change of the remote word asks for, on any thread.
pub(super) fn act(cell: CellPtr, action: Action) {
    match action {
        Action::Nothing => {}
        Action::Push => push_remote(cell),
        Action::Free => {
            // SAFETY: this thread took the last reference of a merged cell.
            unsafe { cell::free(cell) };
        }
    }
}

/// Pushes a cell to its owner's inbox. `QUEUED` was set by this thread.
#[cold]
fn push_remote(cell: CellPtr) {
    // Once it is pushed, the owner may free the cell and end with its queue.
    let queue = cell.queue();
    let scheduler = queue.scheduler();
    match queue.push_remote(cell) {
        Ok(()) => queue.ring(),
        Err(_) => act(cell, cell.cold().remote.leave_inbox()),
    }
    drop(scheduler);
}

/// Calls a hook of the scheduler's.
#[cold]
pub(super) fn tell(cell: CellPtr, hook: fn(&dyn TaskHooks, &Metadata)) {
    let metadata = cell.metadata();
    if let Some(hooks) = metadata.hooks() {
        hooks::call(&mut || hook(hooks, &metadata));
    }
}

/// Cancels a task that was never in a run queue: its queue is closed.
pub(super) fn refuse(cell: CellPtr) {
    let header = cell.header();
    let cancel = header.vtable.cancel;
    // SAFETY: we have just made the cell, on the owner's thread, with its
    // future in the slot.
    unsafe { cancel(cell) };
    publish(cell);
    header.owned.complete();
}

/// The output is in the slot: tells of the end, and drops what nobody will take.
pub(super) fn publish(cell: CellPtr) {
    let owned = &cell.header().owned;
    if owned.is_hooked() {
        tell_end(cell);
    }
    // Asked after the hook, which may have dropped the handle.
    if !owned.is_joined() {
        // SAFETY: the output is there and nobody else's (invariant 4).
        unsafe { drop_output(cell) };
    }
}

#[cold]
fn tell_end(cell: CellPtr) {
    let metadata = cell.metadata();
    // Whoever awaits the task learns of the end after this.
    metadata.finish();
    if let Some(hooks) = metadata.hooks() {
        hooks::call(&mut || hooks.terminated(&metadata));
    }
}

/// # Safety
///
/// The output must be in the slot and the caller's to drop.
pub(super) unsafe fn drop_output(cell: CellPtr) {
    let drop_output = cell.header().vtable.drop_output;
    // SAFETY: the caller's promise. What the destructor panics with is caught
    // by `Output`.
    unsafe { drop_output(cell) };
}

/// Sets who waits for the output. Returns who did before, to be dropped when
/// the cell need not be looked at any more.
#[inline]
pub(super) fn replace_joiner(cell: CellPtr, waker: Option<Waker>) -> Option<Waker> {
    let slot = cell.cold().join_waker.get();
    // SAFETY: only the owner uses the slot, and nothing that is called here
    // comes back to it.
    unsafe { std::mem::replace(&mut *slot, waker) }
}

/// Whether somebody waits for the output. On the owner's thread.
#[inline]
fn has_joiner(cell: CellPtr) -> bool {
    let slot = cell.cold().join_waker.get();
    // SAFETY: as in `replace_joiner`.
    unsafe { &*slot }.is_some()
}

/// Whether the owner's slot holds a waker that wakes the same task.
#[inline]
pub(super) fn is_joiner(cell: CellPtr, waker: &Waker) -> bool {
    let slot = cell.cold().join_waker.get();
    // SAFETY: as in `replace_joiner`; `will_wake` only compares.
    let joiner = unsafe { &*slot };
    joiner
        .as_ref()
        .is_some_and(|joiner| joiner.will_wake(waker))
}

/// Does what other threads asked for a cell that came out of the inbox.
pub(super) fn receive(owner: Owner<'_>, cell: CellPtr) {
    let header = cell.header();
    // Ours: what is done below may drop all others.
    header.owned.add_reference();
    let asked = cell.cold().remote.take();
    header.owned.add_delta(asked.delta());
    if asked.is_abort() {
        abort_here(owner, cell);
    }
    if asked.is_wake() {
        wake_here(owner, cell);
    }
    if asked.is_detach() {
        detach(cell);
    }
    release(owner, cell);
}

/// The `JoinHandle` is gone and has left the output to the owner, who calls this.
pub(super) fn detach(cell: CellPtr) {
    let owned = &cell.header().owned;
    owned.set_detached();
    let joiner = replace_joiner(cell, None);
    if owned.is_complete() {
        // SAFETY: the output is there, and its handle is gone without it.
        unsafe { drop_output(cell) };
    }
    drop(joiner);
}

/// Takes a waker that a `JoinHandle` has sent from another thread, with a
/// reference to the cell.
pub(super) fn receive_joiner(owner: Owner<'_>, cell: CellPtr, waker: Waker) {
    if cell.header().owned.is_complete() {
        let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
    } else {
        drop(replace_joiner(cell, Some(waker)));
    }
    release(owner, cell);
}

/// Hands a complete cell to whoever has references: its queue is closing.
pub(super) fn merge(owner: Owner<'_>, cell: CellPtr) {
    let header = cell.header();
    debug_assert!(
        header.owned.is_complete(),
        "closing before all has finished"
    );
    owner.unlink(cell);
    header.owned.set_merged();
    // From here on the cell keeps its scheduler, and with that its queue.
    std::mem::forget(cell.queue().scheduler());
    let (asked, action) = cell.cold().remote.merge(header.owned.references());
    if asked.is_detach() {
        // By invariants 2 and 3 of `state` the cell is kept by `QUEUED`.
        detach(cell);
    }
    act(cell, action);
}

/// Takes a merged cell out of the inbox.
pub(super) fn leave_inbox(cell: CellPtr) {
    act(cell, cell.cold().remote.leave_inbox());
}

/// The `JoinHandle` goes, from any thread, after it has taken the output.
///
/// # Safety
///
/// As of [`drop_handle`].
#[inline]
pub(super) unsafe fn drop_used_handle(cell: CellPtr) {
    // It is complete, and nobody asks any more whether somebody joins.
    // SAFETY: the caller's promise: the reference is its own.
    unsafe { drop_reference(cell) };
}

/// The `JoinHandle` goes, from any thread, without having taken the output.
///
/// # Safety
///
/// The caller must be the one handle, with its reference, and not use the cell
/// again.
#[inline]
pub(super) unsafe fn drop_handle(cell: CellPtr) {
    let owned = &cell.header().owned;
    let here = cell.queue().as_current().is_some();
    if here && !owned.is_complete() && !has_joiner(cell) {
        owned.set_detached();
        // Not complete, so it is not freed for want of this reference.
        owned.forget_reference();
        return;
    }
    // SAFETY: the caller's promise.
    unsafe { drop_handle_unusual(cell) };
}

/// # Safety
///
/// As of [`drop_handle`].
#[cold]
unsafe fn drop_handle_unusual(cell: CellPtr) {
    let header = cell.header();
    match side(cell) {
        Side::Owner(owner) if header.owned.is_complete() => {
            detach(cell);
            release(owner, cell);
            return;
        }
        Side::Owner(_) => {
            header.owned.set_detached();
            let joiner = replace_joiner(cell, None);
            // Not complete, so it is not freed for want of this reference.
            header.owned.forget_reference();
            drop(joiner);
            return;
        }
        // Complete: the output is the handle's.
        Side::Remote if header.owned.is_complete() => {}
        Side::Remote => match cell.cold().remote.detach_and_drop() {
            Detached::Told(action) => return act(cell, action),
            Detached::OutputIsYours => {}
        },
    }
    // SAFETY: the task is complete and the handle, with it the output, ours.
    unsafe { drop_output(cell) };
    act(cell, cell.cold().remote.drop_reference());
}
