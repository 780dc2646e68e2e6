//! What each task carries besides its future.
//!
//! # Invariants
//!
//! 1. A task's `Metadata` is in its cell, at one address.
//! 2. `links` belongs to the list of live tasks: see `list`.
//! 3. The home is valid until the task has left its list, which is when its future
//!    has been dropped: [`Home`] says why.
//! 4. The home is changed by the call that enters the task into a list, before any
//!    poll of it, and when it leaves. The first happens before the task can be woken,
//!    the second after it can: so nobody else looks at it at the time.

use std::fmt;
use std::mem::{ManuallyDrop, offset_of};
use std::panic::Location;
use std::ptr;
use std::sync::Arc;

use sinew_core::record::Record;

use crate::atomic::{AtomicPtr, Ordering};
use crate::list::{Links, Shard, TaskList};
use crate::origin::Origin;
use crate::{Id, Schedule, TaskHooks};

/// Where a task belongs: who schedules it, and who lists it.
///
/// Aligned so that a pointer to it has room for some flags.
///
/// # Invariant
///
/// `scheduler` is one of these, so that it lives as long as the home is asked:
///
/// - counted, in a box of its own, which the metadata's flag `COUNTED` says;
/// - not counted, in a list that keeps its scheduler while it has tasks (invariant 5 of
///   `list`);
/// - not counted, and it lives for ever.
#[repr(align(8))]
pub(crate) struct Home {
    scheduler: ManuallyDrop<Arc<dyn Schedule>>,
    /// Null if the task is in none. Else a part of what `scheduler` keeps.
    list: *const TaskList,
    /// The part of the list; null if it has not been entered into one.
    shard: *const Shard,
}

// SAFETY: what the pointers lead to is `Sync`.
unsafe impl Send for Home {}
// SAFETY: as above.
unsafe impl Sync for Home {}

impl Home {
    /// `scheduler` is as the type's invariant says.
    pub(crate) fn new(
        scheduler: ManuallyDrop<Arc<dyn Schedule>>,
        list: *const TaskList,
        shard: *const Shard,
    ) -> Home {
        Home {
            scheduler,
            list,
            shard,
        }
    }

    #[inline]
    pub(crate) fn scheduler(&self) -> &Arc<dyn Schedule> {
        &self.scheduler
    }

    #[inline]
    pub(crate) fn list(&self) -> Option<&TaskList> {
        // SAFETY: the field's promise.
        unsafe { self.list.as_ref() }
    }

    #[inline]
    pub(crate) fn shard(&self) -> *const Shard {
        self.shard
    }
}

/// A counted home, given up by its task.
pub(crate) struct Counted(Box<Home>);

impl Drop for Counted {
    fn drop(&mut self) {
        // SAFETY: this is the only place that drops it, and it is counted.
        unsafe { ManuallyDrop::drop(&mut self.0.scheduler) };
    }
}

/// The home is in a box of the task's own.
const COUNTED: usize = 1;
/// The scheduler has hooks.
const HOOKED: usize = 1 << 1;
/// The future has been dropped: the task will not run again.
const FINISHED: usize = 1 << 2;
const FLAGS: usize = COUNTED | HOOKED | FINISHED;

/// A home, and flags of a task in its low bits.
#[derive(Clone, Copy)]
pub(crate) struct HomePtr(*mut Home);

impl HomePtr {
    /// The home is not counted, and stays where it is for as long as tasks have it.
    pub(crate) fn kept(home: &Home) -> HomePtr {
        HomePtr(ptr::from_ref(home).cast_mut()).hooked()
    }

    pub(crate) fn counted(
        scheduler: Arc<dyn Schedule>,
        list: *const TaskList,
        shard: *const Shard,
    ) -> HomePtr {
        let home = Box::new(Home::new(ManuallyDrop::new(scheduler), list, shard));
        HomePtr(Box::into_raw(home)).hooked().with(COUNTED)
    }

    fn hooked(self) -> HomePtr {
        match self.home().scheduler.hooks() {
            Some(_) => self.with(HOOKED),
            None => self,
        }
    }

    fn with(self, flag: usize) -> HomePtr {
        HomePtr(self.0.map_addr(|addr| addr | flag))
    }

    #[inline]
    pub(crate) fn home<'a>(self) -> &'a Home {
        let home = self.0.map_addr(|addr| addr & !FLAGS);
        debug_assert!(!home.is_null(), "a task's home is not asked after its end");
        // SAFETY: by invariant 3, it is valid.
        unsafe { &*home }
    }
}

/// What a task carries besides its future: id, name, where it was spawned, who
/// schedules it, what it waits for.
///
/// An executor reads it through [`Runnable::metadata`](crate::Runnable::metadata).
// The record is where the cells need it.
#[repr(C)]
pub struct Metadata {
    record: Record,
    origin: Origin,
    /// A [`HomePtr`].
    home: AtomicPtr<Home>,
    pub(crate) links: Links,
}

// SAFETY: what is not `Send` and `Sync` by itself is `links`, which keep the rules of
// `list`, and what `home` points to, which is both.
unsafe impl Send for Metadata {}
// SAFETY: as above.
unsafe impl Sync for Metadata {}

impl Metadata {
    /// Where the record is in it.
    pub(crate) const RECORD_OFFSET: usize = offset_of!(Metadata, record);

    #[inline]
    pub(crate) fn new(origin: Origin, home: HomePtr) -> Metadata {
        Metadata {
            record: Record::new(Id::next().as_u64()),
            origin,
            home: AtomicPtr::new(home.0),
            links: Links::new(),
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
        let home = HomePtr::counted(scheduler, ptr::null(), ptr::null());
        let home = if finished { home.with(FINISHED) } else { home };
        Metadata {
            record: Record::new(id.as_u64()),
            origin: Origin::new(location, name.map(Box::from)),
            home: AtomicPtr::new(home.0),
            links: Links::new(),
        }
    }

    /// The task's id.
    #[must_use]
    #[expect(
        clippy::missing_panics_doc,
        reason = "every record has an id that is not zero"
    )]
    #[inline]
    pub fn id(&self) -> Id {
        Id::from_bits(self.record.id()).expect("a task's record carries its id")
    }

    /// The task's name, if it was given one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.origin.name()
    }

    /// Where the task was spawned.
    #[must_use]
    pub fn spawned_at(&self) -> &'static Location<'static> {
        self.origin.location()
    }

    /// The record that leaf futures write to while the task is polled.
    #[must_use]
    #[inline]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Where it belongs. Must not be asked once the task has left its list
    /// (invariant 3).
    #[inline]
    pub(crate) fn home(&self) -> HomePtr {
        // Relaxed: it is written before the task is given to anybody (invariant 4).
        HomePtr(self.home.load(Ordering::Relaxed))
    }

    /// Changes it. By who enters the task into a list, as invariant 4 says.
    #[inline]
    pub(crate) fn set_home(&self, home: HomePtr) {
        self.home.store(home.0, Ordering::Relaxed);
    }

    /// Who schedules this task. As of [`home`](Self::home).
    pub(crate) fn scheduler(&self) -> &Arc<dyn Schedule> {
        self.home().home().scheduler()
    }

    /// Whether the future is gone: the task has completed, panicked or been
    /// cancelled.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `finish`, so that what the
        // future did before it was dropped is visible to who sees it gone.
        self.home.load(Ordering::Acquire).addr() & FINISHED != 0
    }

    /// The future is gone. Only the runner writes to the home then.
    #[inline]
    pub(crate) fn finish(&self) {
        let home = self.home().with(FINISHED);
        // ORDERING: Release pairs with the Acquire in `is_finished`.
        self.home.store(home.0, Ordering::Release);
    }

    /// The task has left its list: it has no home any more. Returns what it counted.
    #[inline]
    pub(crate) fn give_up_home(&self) -> Option<Counted> {
        let home = self.home();
        if home.0.addr() & COUNTED == 0 {
            return None;
        }
        let flags = ptr::without_provenance_mut(home.0.addr() & FLAGS & !COUNTED);
        self.home.store(flags, Ordering::Relaxed);
        let home = home.0.map_addr(|addr| addr & !FLAGS);
        // SAFETY: it came out of a box, which is the task's, and it is given up here.
        Some(Counted(unsafe { Box::from_raw(home) }))
    }

    /// The hooks to call for this task, while it has its home. One plain load if there
    /// are none.
    #[inline]
    pub(crate) fn hooks(&self) -> Option<&dyn TaskHooks> {
        let home = self.home();
        if home.0.addr() & HOOKED == 0 {
            return None;
        }
        home.home().scheduler().hooks()
    }
}

impl Drop for Metadata {
    #[inline]
    fn drop(&mut self) {
        // A view's: a task has given it up.
        drop(self.give_up_home());
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metadata")
            .field("id", &self.id())
            .field("name", &self.name())
            .field("spawned_at", &format_args!("{}", self.spawned_at()))
            .field("wait", &self.record.wait())
            .finish_non_exhaustive()
    }
}
