//! What each task carries besides its future.
//!
//! # Invariants
//!
//! 1. A `Metadata` lives in its task's allocation, at one address, for as long
//!    as anything refers to the task: a `Runnable`, a waker, a `JoinHandle`.
//! 2. `waker` is written once, by `spawn`, before anything but the spawning
//!    call knows the task, and never again. Its parts are those of a waker of
//!    this very task, so they may be used as a waker's while invariant 1 holds.
//! 3. `links` belongs to the task list's shard: it is touched only with that
//!    shard's lock held.
//! 4. A task that is in a list is alive: the list holds a counted reference,
//!    which is dropped by `leave`, after the task was taken out. So a reference
//!    to it from the list, under the shard's lock, is valid.
//! 5. `scheduler` is valid until the task leaves its list, and for as long as the
//!    metadata lives if it is counted or there is no list. Not counted is that of
//!    a task whose list keeps its scheduler alive while it holds a task
//!    (invariant 4 of `list`); before it is in the list, the spawning call does.
//!    And that of a task whose scheduler lives for ever.
//!
//! # Orderings
//!
//! `ABORTED` is set with Release and read with Acquire by the next poll. The
//! wake that follows it is what makes that poll happen: async-task's own state
//! orders the wake before the poll.

use std::cell::UnsafeCell;
use std::fmt;
use std::mem::ManuallyDrop;
use std::panic::Location;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{RawWaker, RawWakerVTable, Waker};

use sinew_core::record::Record;

use crate::{Id, Schedule, TaskHooks};

/// The task is to be cancelled at its next poll.
const ABORTED: u8 = 1;
/// The future has been dropped: the task will not run again.
const FINISHED: u8 = 2;
/// The scheduler has hooks. Set when the task is made and never changed.
const HOOKED: u8 = 4;
/// The metadata's `scheduler` has a reference count of its own. Set when the task
/// is made and never changed.
const COUNTED: u8 = 8;

/// A task's neighbours in its list.
#[derive(Clone, Copy, Default)]
pub(crate) struct Links {
    pub(crate) previous: Option<NonNull<Metadata>>,
    pub(crate) next: Option<NonNull<Metadata>>,
}

/// The parts of a waker of the task, without a reference count of their own.
#[derive(Clone, Copy)]
struct WakerParts {
    data: *const (),
    vtable: &'static RawWakerVTable,
}

/// What a task carries besides its future: id, name, where it was spawned, who
/// schedules it, what it waits for.
///
/// An executor reads it through [`Runnable::metadata`](crate::Runnable::metadata).
pub struct Metadata {
    record: Record,
    location: &'static Location<'static>,
    // Two boxes, because a thin pointer is all that an unnamed task should pay.
    name: Option<Box<Box<str>>>,
    /// Counted only with `COUNTED`; see invariant 5.
    scheduler: ManuallyDrop<Arc<dyn Schedule>>,
    flags: AtomicU8,
    links: UnsafeCell<Links>,
    waker: UnsafeCell<Option<WakerParts>>,
}

// SAFETY: the cells are the only parts that are not `Send` and `Sync` by
// themselves. `links` is guarded by a lock (invariant 3); `waker` is written
// before the value is shared and only read afterwards (invariant 2), and a
// waker may be used from any thread.
unsafe impl Send for Metadata {}
// SAFETY: as above.
unsafe impl Sync for Metadata {}

impl Metadata {
    /// `scheduler` is the scheduler, counted if `counted`; see invariant 5.
    pub(crate) fn new(
        scheduler: ManuallyDrop<Arc<dyn Schedule>>,
        counted: bool,
        name: Option<Box<str>>,
        location: &'static Location<'static>,
    ) -> Metadata {
        let hooked = if scheduler.hooks().is_some() {
            HOOKED
        } else {
            0
        };
        let counted = if counted { COUNTED } else { 0 };
        Metadata {
            record: Record::new(Id::next().as_u64()),
            location,
            name: name.map(Box::new),
            scheduler,
            flags: AtomicU8::new(hooked | counted),
            links: UnsafeCell::new(Links::default()),
            waker: UnsafeCell::new(None),
        }
    }

    /// A task in another kind of cell, as it is shown to hooks: the caller has
    /// found that there are some.
    #[cold]
    pub(crate) fn view(
        id: Id,
        name: Option<&str>,
        location: &'static Location<'static>,
        scheduler: Arc<dyn Schedule>,
        finished: bool,
    ) -> Metadata {
        let finished = if finished { FINISHED } else { 0 };
        Metadata {
            record: Record::new(id.as_u64()),
            location,
            name: name.map(|name| Box::new(Box::from(name))),
            scheduler: ManuallyDrop::new(scheduler),
            flags: AtomicU8::new(HOOKED | COUNTED | finished),
            links: UnsafeCell::new(Links::default()),
            waker: UnsafeCell::new(None),
        }
    }

    /// The task's id.
    #[must_use]
    #[expect(
        clippy::missing_panics_doc,
        reason = "every record has an id that is not zero"
    )]
    pub fn id(&self) -> Id {
        Id::from_bits(self.record.id()).expect("a task's record carries its id")
    }

    /// The task's name, if it was given one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref().map(|name| &**name)
    }

    /// Where the task was spawned.
    #[must_use]
    pub fn spawned_at(&self) -> &'static Location<'static> {
        self.location
    }

    /// The record that leaf futures write to while the task is polled.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Who schedules this task. Must not be asked once the task has left its list
    /// (invariant 5).
    pub(crate) fn scheduler(&self) -> &Arc<dyn Schedule> {
        &self.scheduler
    }

    /// Whether the future is gone: the task has completed, panicked or been
    /// cancelled.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `finish`, so that what the
        // future did before it was dropped is visible to who sees it gone.
        self.flags.load(Ordering::Acquire) & FINISHED != 0
    }

    pub(crate) fn finish(&self) {
        // ORDERING: Release pairs with the Acquire in `is_finished`.
        self.flags.fetch_or(FINISHED, Ordering::Release);
    }

    pub(crate) fn is_aborted(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `abort`.
        self.flags.load(Ordering::Acquire) & ABORTED != 0
    }

    /// The hooks to call for this task. One plain load if there are none.
    #[inline]
    pub(crate) fn hooks(&self) -> Option<&dyn TaskHooks> {
        // Relaxed: the bit is as it was when the task was made.
        if self.flags.load(Ordering::Relaxed) & HOOKED == 0 {
            return None;
        }
        self.scheduler.hooks()
    }

    /// Asks the task to end: its next poll drops the future. Without effect on
    /// a task that has finished.
    pub(crate) fn abort(&self) {
        if let Some(waker) = self.mark_aborted() {
            waker.wake();
        }
    }

    /// Marks the task as to be cancelled. Returns what to wake for it, unless
    /// it was marked before or has finished.
    pub(crate) fn mark_aborted(&self) -> Option<Waker> {
        // ORDERING: Release pairs with the Acquire in `is_aborted`.
        let before = self.flags.fetch_or(ABORTED, Ordering::Release);
        if before & (ABORTED | FINISHED) != 0 {
            return None;
        }
        self.borrow_waker().as_deref().cloned()
    }

    /// # Safety
    ///
    /// Nothing but the caller may know the task yet, and `waker` must be a
    /// waker of this task (invariant 2).
    pub(crate) unsafe fn set_waker(&self, waker: &Waker) {
        let parts = WakerParts {
            data: waker.data(),
            vtable: waker.vtable(),
        };
        // SAFETY: the caller promises that nobody else can be looking.
        unsafe { *self.waker.get() = Some(parts) };
    }

    /// The task's waker, borrowed: no reference is counted.
    pub(crate) fn borrow_waker(&self) -> Option<ManuallyDrop<Waker>> {
        // SAFETY: by invariant 2 the cell is no longer written.
        let parts = unsafe { *self.waker.get() }?;
        let raw = RawWaker::new(parts.data, parts.vtable);
        // SAFETY: by invariants 1 and 2 the parts are those of a waker whose
        // task is alive; without a drop, no reference is taken from its count.
        let waker = unsafe { Waker::from_raw(raw) };
        Some(ManuallyDrop::new(waker))
    }

    /// Drops one counted reference to the task.
    ///
    /// # Safety
    ///
    /// The caller must own a counted reference, as that which the list holds.
    pub(crate) unsafe fn drop_counted_waker(&self) {
        if let Some(waker) = self.borrow_waker() {
            drop(ManuallyDrop::into_inner(waker));
        }
    }

    /// The cell that holds the task's neighbours; see invariant 3.
    pub(crate) fn links(&self) -> *mut Links {
        self.links.get()
    }
}

impl Drop for Metadata {
    fn drop(&mut self) {
        if *self.flags.get_mut() & COUNTED != 0 {
            // SAFETY: this is the only place that drops it, and it is counted.
            unsafe { ManuallyDrop::drop(&mut self.scheduler) };
        }
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metadata")
            .field("id", &self.id())
            .field("name", &self.name())
            .field("spawned_at", &format_args!("{}", self.location))
            .field("wait", &self.record.wait())
            .finish_non_exhaustive()
    }
}
