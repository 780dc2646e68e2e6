//! `LocalQueue`: the tasks of one thread.

use std::cell::UnsafeCell;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::task::Waker;

use sinew_core::thread_id;

use crate::atomic::{AtomicU64, Mutex, Ordering};
use crate::local_cell::bell::Bell;
use crate::local_cell::cell::CellPtr;
use crate::local_cell::counts::{Counts, LocalCounts};
use crate::local_cell::gate::Gate;
use crate::local_cell::inbox::Inbox;
use crate::local_cell::life;
use crate::local_cell::owner::{Owned, Owner};
use crate::{PollSlot, Runnable, Schedule, TaskInfo};

/// The tasks of one thread, and where they wait for their turn. For those who
/// write executors.
///
/// The thread is the queue's *owner*. A queue of [`new`](Self::new) belongs to
/// the thread that made it for ever, and its tasks need not be `Send`. One of
/// [`movable`](Self::movable) belongs to whoever [owns](Self::own) it, one
/// thread at a time. Methods that say so panic elsewhere than on the owner's
/// thread.
///
/// The queue is a part of the executor's [`Schedule`], to which it is
/// [attached](Self::attach) and whose reference count keeps it.
///
/// The memory of tasks that are gone is kept for the next ones: at most 2 MiB while
/// the owner has tasks to run, and at most 64 KiB once it [sleeps](Self::fall_asleep).
///
/// ```
/// use sinew_task::{Builder, LocalQueue, Runnable, Schedule};
/// use std::rc::Rc;
/// use std::sync::Arc;
///
/// struct Local(LocalQueue);
///
/// impl Schedule for Local {
///     fn schedule(&self, task: Runnable) {
///         self.0.push(task);
///     }
/// }
///
/// let local = Arc::new(Local(LocalQueue::new()));
/// // SAFETY: the queue is a field of what the `Arc` points to, which is closed
/// // below.
/// unsafe { local.0.attach(&local) };
/// let shared = Rc::new(4);
/// let handle = local.0.spawn_local(Builder::new(), async move { *shared + 1 });
/// while local.0.run(100) > 0 {}
/// assert_eq!(sinew_core::block_on(handle).unwrap(), 5);
/// local.0.cancel_all();
/// while local.0.run(100) > 0 {}
/// local.0.close();
/// ```
pub struct LocalQueue {
    /// The owner's id.
    owner: AtomicU64,
    /// Whether the owner may change.
    pub(super) movable: bool,
    attached: OnceLock<Attached>,
    /// Rung after anything was left for the owner below.
    pub(super) bell: Bell,
    pub(super) counts: Counts,
    pub(super) poll: PollSlot,
    pub(super) owned: UnsafeCell<Owned>,
    pub(super) inbox: Inbox,
    pub(super) gate: Gate,
    pub(super) foreign: Mutex<Foreign>,
}

/// The scheduler that a queue is a part of.
pub(super) struct Attached {
    scheduler: SchedulerPtr,
    pub(super) hooked: bool,
}

/// Points to a scheduler that is in an `Arc`. Does not count.
#[derive(Clone, Copy)]
pub(super) struct SchedulerPtr(*const dyn Schedule);

// SAFETY: a `Schedule` is `Send` and `Sync`.
unsafe impl Send for SchedulerPtr {}
// SAFETY: as above.
unsafe impl Sync for SchedulerPtr {}

impl SchedulerPtr {
    /// # Safety
    ///
    /// A counted reference must be the caller's, and is the result's afterwards.
    pub(super) unsafe fn into_counted(self) -> Arc<dyn Schedule> {
        // SAFETY: it came from an `Arc`; the caller hands its count over.
        unsafe { Arc::from_raw(self.0) }
    }
}

/// What other threads leave under a lock.
#[derive(Default)]
pub(super) struct Foreign {
    /// Tasks in shared cells, which any thread may spawn and wake.
    pub(super) runnables: VecDeque<Runnable>,
    /// How many `runnables` there have been.
    pub(super) pushed: u64,
    /// Wakers of `JoinHandle`s that are awaited on other threads, with a
    /// counted reference each.
    pub(super) joiners: HashMap<CellPtr, Waker>,
    pub(super) closed: bool,
}

// SAFETY: `owned` is used by the owner's thread only (`as_owner`), and by
// readers of the list inside of the gate, when the owner does not change it.
// The rest is `Sync` by itself, and cells keep the rules of the module.
unsafe impl Sync for LocalQueue {}
// SAFETY: it may be dropped on another thread: then there are no cells left,
// which hold references to what the queue is a part of.
unsafe impl Send for LocalQueue {}

impl Default for LocalQueue {
    fn default() -> Self {
        LocalQueue::new()
    }
}

impl LocalQueue {
    /// A queue without tasks that belongs to the current thread.
    #[must_use]
    pub fn new() -> LocalQueue {
        LocalQueue::of(thread_id::current(), false)
    }

    /// A queue without tasks that belongs to nobody yet. Its tasks are `Send`.
    #[must_use]
    pub fn movable() -> LocalQueue {
        LocalQueue::of(thread_id::NOBODY, true)
    }

    fn of(owner: u64, movable: bool) -> LocalQueue {
        LocalQueue {
            owner: AtomicU64::new(owner),
            movable,
            attached: OnceLock::new(),
            bell: Bell::new(),
            counts: Counts::default(),
            poll: PollSlot::new(),
            owned: UnsafeCell::new(Owned::default()),
            inbox: Inbox::new(),
            gate: Gate::default(),
            foreign: Mutex::default(),
        }
    }

    /// Tells the queue what it is a part of. To be called once, before anything
    /// else is done with it.
    ///
    /// # Panics
    ///
    /// The second time.
    ///
    /// # Safety
    ///
    /// - The queue must be a part of what `scheduler` points to, so that it is
    ///   there, and open to other threads, as long as anybody has a reference to
    ///   the scheduler.
    /// - It must be [closed](Self::close) before the last reference goes, unless
    ///   that never happens.
    /// - Nobody else may use the queue meanwhile.
    pub unsafe fn attach<S: Schedule>(&self, scheduler: &Arc<S>) {
        let scheduler: *const S = Arc::as_ptr(scheduler);
        // SAFETY: it was made of an `Arc` just now.
        let hooked = unsafe { &*scheduler }.hooks().is_some();
        let attached = Attached {
            scheduler: SchedulerPtr(scheduler),
            hooked,
        };
        let first = self.attached.set(attached).is_ok();
        assert!(first, "a local queue is a part of one scheduler");
        // SAFETY: the caller says that nobody else uses the queue yet.
        let owned = unsafe { &*self.owned.get() };
        owned.quiet.set(!hooked);
        // The `Arc` does not move it.
        owned.yielded.put_in_place();
    }

    pub(super) fn attached(&self) -> &Attached {
        self.attached
            .get()
            .expect("a local queue is attached to its scheduler before it is used")
    }

    pub(super) fn scheduler_ptr(&self) -> SchedulerPtr {
        self.attached().scheduler
    }

    /// The scheduler, with a reference of its own.
    pub(super) fn scheduler(&self) -> Arc<dyn Schedule> {
        let scheduler = self.scheduler_ptr();
        // SAFETY: `attach` was promised that the scheduler is there as long as
        // the queue, which we borrow.
        unsafe { Arc::increment_strong_count(scheduler.0) };
        // SAFETY: the reference was counted just now.
        unsafe { scheduler.into_counted() }
    }

    /// Whether this thread is the owner.
    #[inline]
    #[must_use]
    pub fn is_mine(&self) -> bool {
        // Relaxed: only this thread ever stores its own id here, and takes it
        // back itself. So what it reads tells it whether it is the owner,
        // however old another thread's id may be.
        self.owner.load(Ordering::Relaxed) == thread_id::known()
    }

    #[inline]
    pub(super) fn as_owner(&self) -> Option<Owner<'_>> {
        // SAFETY: this thread is the owner.
        self.is_mine().then(|| unsafe { Owner::new(self) })
    }

    #[inline]
    #[track_caller]
    pub(super) fn owner(&self) -> Owner<'_> {
        self.as_owner()
            .expect("a local queue can be run only on the thread that owns it")
    }

    /// Makes this thread the owner while `f` runs. `None` if another thread is,
    /// for the moment or for ever. May be nested.
    pub fn own<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        struct Leave<'a>(&'a LocalQueue);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                // ORDERING: Release pairs with the Acquire of the next owner's
                // exchange: what is the owner's goes over to it.
                self.0.owner.store(thread_id::NOBODY, Ordering::Release);
            }
        }
        if self.is_mine() {
            return Some(f());
        }
        // ORDERING: Acquire pairs with the Release store in `Leave`.
        let taken = self.owner.compare_exchange(
            thread_id::NOBODY,
            thread_id::current(),
            Ordering::Acquire,
            Ordering::Relaxed,
        );
        taken.ok()?;
        let _leave = Leave(self);
        Some(f())
    }

    /// What the queue has counted. From any thread.
    #[must_use]
    pub fn counts(&self) -> LocalCounts {
        let (waiting, pushed) = {
            let foreign = self.foreign();
            (foreign.runnables.len(), foreign.pushed)
        };
        // The turns first: no more have begun than were scheduled.
        let turns = self.poll.polls();
        self.counts.read(turns, waiting, pushed)
    }

    /// Which turn is under way: for who watches the thread.
    ///
    /// Its [`end`](PollSlot::end) and [`resume`](PollSlot::resume) may be called by the
    /// owner, for something that is nested in a task and is not to count as a part of it.
    #[inline]
    #[must_use]
    pub fn poll_slot(&self) -> &PollSlot {
        &self.poll
    }

    /// How many tasks have not finished, those in shared cells not
    /// counted. From any thread.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counts.alive()
    }

    /// Whether [`len`](Self::len) is zero.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Each task that has not finished, with what it waits for. Those in
    /// shared cells are not among them.
    ///
    /// From any thread. Another thread than the owner's waits until the owner
    /// is between two tasks; one that is parked is woken for that.
    #[must_use]
    pub fn snapshot(&self) -> Vec<TaskInfo> {
        match self.as_owner() {
            Some(_) => self.list_tasks(),
            None => self.gate.read(|| self.ring(), || self.list_tasks()),
        }
    }

    fn list_tasks(&self) -> Vec<TaskInfo> {
        let mut infos = Vec::new();
        // SAFETY: we are the owner, or inside of the gate, and only read what
        // the owner then does not change.
        let mut next = unsafe { (*self.owned.get()).list.get() };
        while let Some(cell) = next {
            if !cell.header().owned.is_complete() {
                let wait = cell.header().record.wait();
                let location = cell.cold().origin.location();
                infos.push(TaskInfo::new(cell.id(), cell.name(), location, wait));
            }
            next = cell.cold().list_next.get();
        }
        infos
    }

    /// Refuses new tasks from here on and cancels all: each is to be given one
    /// more turn, in which its future is dropped. The caller goes on calling
    /// [`run`](Self::run) until [`is_empty`](Self::is_empty).
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    pub fn cancel_all(&self) {
        let owner = self.owner();
        owner.refuse_tasks();
        let mut next = owner.owned().list.get();
        while let Some(cell) = next {
            // Nothing of this runs foreign code, so the list stays as it is.
            life::abort_here(owner, cell);
            next = cell.cold().list_next.get();
        }
    }

    /// Closes the queue for good: what is left of tasks that have finished is
    /// handed to those who refer to it. To be called after
    /// [`cancel_all`](Self::cancel_all), when all have had their turn.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's, and when there are tasks left.
    pub fn close(&self) {
        let owner = self.owner();
        assert!(self.is_empty(), "a local queue is closed with tasks in it");
        owner.refuse_tasks();
        self.foreign().closed = true;
        owner.open_mail();
        while let Some(cell) = owner.owned().list.get() {
            life::merge(owner, cell);
        }
        owner.owned().cache.trim(0);
        for cell in self.inbox.close() {
            life::leave_inbox(cell);
        }
    }
}

impl Drop for LocalQueue {
    fn drop(&mut self) {
        if self.owned.get_mut().list.get().is_some() {
            // `attach` was promised that this does not happen. Cells are left
            // that point here.
            std::process::abort();
        }
    }
}

impl fmt::Debug for LocalQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalQueue")
            .field("tasks", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
