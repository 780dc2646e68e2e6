//! `LocalQueue`: the tasks of one thread.

use std::cell::UnsafeCell;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock, PoisonError};
use std::task::Waker;

use sinew_core::record;

use crate::atomic::{AtomicBool, AtomicUsize, Mutex, MutexGuard, Ordering};
use crate::join_handle::JoinHandle;
use crate::local_cell::cell::{self, CellPtr};
use crate::local_cell::counts::{Counts, LocalCounts};
use crate::local_cell::gate::Gate;
use crate::local_cell::handle::LocalJoin;
use crate::local_cell::inbox::{Closed, Inbox, Taken};
use crate::local_cell::life;
use crate::local_cell::owned::OwnedState;
use crate::local_cell::owner::{Next, Owned, Owner};
use crate::local_cell::state::RemoteState;
use crate::{Builder, Runnable, Schedule, TaskInfo, TurnSlot, thread_id};

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
/// ```
/// use sinew_task::{Builder, LocalQueue, PollSlot, Runnable, Schedule};
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
/// let slot = PollSlot::new();
/// while local.0.run(&slot, 100) > 0 {}
/// assert_eq!(sinew_core::block_on(handle).unwrap(), 5);
/// local.0.cancel_all();
/// while local.0.run(&slot, 100) > 0 {}
/// local.0.close();
/// ```
pub struct LocalQueue {
    /// The owner's id.
    owner: AtomicU64,
    /// Whether the owner may change.
    movable: bool,
    attached: OnceLock<Attached>,
    /// Set after anything was left for the owner below; cleared by it before it
    /// looks.
    mail: AtomicBool,
    /// Tasks that have not finished. Written by the owner.
    pub(super) alive: AtomicUsize,
    pub(super) counts: Counts,
    pub(super) owned: UnsafeCell<Owned>,
    inbox: Inbox,
    pub(super) gate: Gate,
    /// How to wake the owner, while it sleeps.
    sleeper: Mutex<Option<Waker>>,
    foreign: Mutex<Foreign>,
}

/// The scheduler that a queue is a part of.
struct Attached {
    scheduler: SchedulerPtr,
    hooked: bool,
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
    /// Tasks in async-task's cells, which any thread may spawn and wake.
    pub(super) runnables: VecDeque<Runnable>,
    /// How many `runnables` there have been.
    pushed: u64,
    /// Wakers of `JoinHandle`s that are awaited on other threads, with a
    /// counted reference each.
    pub(super) joiners: HashMap<CellPtr, Waker>,
    closed: bool,
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
            mail: AtomicBool::new(false),
            alive: AtomicUsize::new(0),
            counts: Counts::default(),
            owned: UnsafeCell::new(Owned::default()),
            inbox: Inbox::new(),
            gate: Gate::default(),
            sleeper: Mutex::default(),
            foreign: Mutex::default(),
        }
    }

    /// Tells the queue what it is a part of. To be called once, before anything
    /// is spawned.
    ///
    /// # Panics
    ///
    /// The second time.
    ///
    /// # Safety
    ///
    /// The queue must be a part of what `scheduler` points to, so that it is
    /// there, and open to other threads, as long as anybody has a reference to
    /// the scheduler. It must be [closed](Self::close) before the last reference
    /// goes, unless that never happens.
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
    }

    fn attached(&self) -> &Attached {
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

    #[track_caller]
    fn owner(&self) -> Owner<'_> {
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

    /// Spawns a task that need not be `Send`.
    ///
    /// After [`close`](Self::close), the future is dropped here and the handle
    /// gives a cancelled error.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's, and on a queue that is movable.
    #[track_caller]
    pub fn spawn_local<F>(&self, builder: Builder, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        assert!(!self.movable, "tasks of a movable queue are `Send`");
        // SAFETY: the owner never changes; all is `'static`.
        unsafe { self.spawn_unchecked(builder, future) }
    }

    /// Spawns a task that is `Send`. See [`spawn_local`](Self::spawn_local).
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    #[track_caller]
    pub fn spawn<F>(&self, builder: Builder, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        // SAFETY: the future and its output are `Send` and `'static`.
        unsafe { self.spawn_unchecked(builder, future) }
    }

    /// Whether spawning calls no foreign code: the queue is open, and its
    /// scheduler has no hooks.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    #[must_use]
    pub fn spawns_quietly(&self) -> bool {
        !self.owner().owned().closed.get() && !self.attached().hooked
    }

    /// Spawns a task that need not be `'static`.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    ///
    /// # Safety
    ///
    /// - If the future or its output is not `'static`, `close` must be called
    ///   before anything that the future borrows ends. (The handle cannot
    ///   outlive what the output borrows, by its type.)
    /// - If one of them is not `Send`, the queue must not be movable.
    #[track_caller]
    pub unsafe fn spawn_unchecked<F: Future>(
        &self,
        builder: Builder,
        future: F,
    ) -> JoinHandle<F::Output> {
        let owner = self.owner();
        let hooked = self.attached().hooked;
        let location = builder.location.unwrap_or(Location::caller());
        if owner.owned().closed.get() {
            return self.refuse(builder, hooked, location, future);
        }
        let cell = cell::allocate(
            future,
            builder.name,
            location,
            self,
            OwnedState::spawned(hooked),
            RemoteState::new(),
        );
        // SAFETY: the cell is one of `F`, with a reference for the handle.
        let handle = JoinHandle::local(unsafe { LocalJoin::new(cell) });
        if hooked {
            life::tell(cell, |hooks, task| hooks.spawned(task));
        }
        owner.link(cell);
        owner.push(cell);
        handle
    }

    #[cold]
    fn refuse<F: Future>(
        &self,
        builder: Builder,
        hooked: bool,
        location: &'static Location<'static>,
        future: F,
    ) -> JoinHandle<F::Output> {
        // The cell's: it is merged from the start.
        std::mem::forget(self.scheduler());
        let cell = cell::allocate(
            future,
            builder.name,
            location,
            self,
            OwnedState::refused(hooked),
            RemoteState::new_merged(1),
        );
        // SAFETY: as in `spawn_unchecked`.
        let handle = JoinHandle::local(unsafe { LocalJoin::new(cell) });
        if hooked {
            life::tell(cell, |hooks, task| hooks.spawned(task));
        }
        life::refuse(cell);
        handle
    }

    /// Takes a task in one of async-task's cells that wants to be polled. From
    /// any thread. What this queue's [`Schedule`] calls.
    pub fn push(&self, task: Runnable) {
        match self.as_owner() {
            Some(owner) => owner.push_runnable(task),
            None => {
                let mut foreign = self.foreign();
                foreign.runnables.push_back(task);
                foreign.pushed += 1;
                drop(foreign);
                self.ring();
            }
        }
    }

    /// Gives the next tasks their turns, up to `limit` of them. Returns how many
    /// there were: fewer than `limit` when no task is left that is ready.
    ///
    /// What other threads have left is looked at once, before the first turn.
    /// `slot` is told of each turn.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's. Never on account of a task.
    pub fn run(&self, slot: &impl TurnSlot, limit: usize) -> usize {
        let owner = self.owner();
        // Relaxed: what is missed now is seen the next time, or by `fall_asleep`.
        if self.mail.load(Ordering::Relaxed) {
            owner.open_mail();
        }
        if owner.owned().sessions.get() > 0 {
            self.gate.step_aside();
        }
        record::between_tasks(|| {
            let mut turns = 0;
            while turns < limit {
                let Some(next) = owner.next() else { break };
                self.counts.turn();
                match next {
                    Next::Cell(cell) => {
                        slot.begin(cell.id());
                        life::run(owner, cell);
                    }
                    Next::Runnable(task) => {
                        slot.begin(task.metadata().id());
                        task.run();
                    }
                }
                slot.end();
                turns += 1;
            }
            turns
        })
    }

    /// Leaves `waker` to be woken when a task wants a turn. `false`, and no
    /// longer asleep, if one does already.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    pub fn fall_asleep(&self, waker: &Waker) -> bool {
        let owner = self.owner();
        let owned = owner.owned();
        let old = self.sleeper().replace(waker.clone());
        drop(old);
        owned.asleep.set(true);
        // ORDERING: Acquire pairs with `ring`. The lock of `sleeper` orders
        // this against it: whoever locks second sees what the other did.
        let mail = self.mail.load(Ordering::Acquire);
        if mail || !owned.is_idle() {
            self.wake_up();
            return false;
        }
        true
    }

    /// The owner does not sleep any more, whatever woke it.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    pub fn wake_up(&self) {
        if self.owner().owned().asleep.replace(false) {
            let old = self.sleeper().take();
            drop(old);
        }
    }

    /// Runs `f` with the list of tasks closed to other threads, so that changing
    /// it takes no lock: for the loop of an executor. May be nested.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    pub fn session<R>(&self, f: impl FnOnce() -> R) -> R {
        struct Leave<'a>(Owner<'a>);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                self.0.leave();
            }
        }
        let owner = self.owner();
        owner.enter();
        let _leave = Leave(owner);
        f()
    }

    /// Runs `f`, for example a park, with the list of tasks open to other
    /// threads. Inside of a [`session`](Self::session).
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    pub fn outside<R>(&self, f: impl FnOnce() -> R) -> R {
        struct Enter<'a>(&'a LocalQueue, Owner<'a>, u32);
        impl Drop for Enter<'_> {
            fn drop(&mut self) {
                if self.2 > 0 {
                    self.0.gate.enter();
                    self.1.owned().sessions.set(self.2);
                }
            }
        }
        let owner = self.owner();
        let sessions = owner.owned().sessions.replace(0);
        if sessions > 0 {
            self.gate.leave();
        }
        let _enter = Enter(self, owner, sessions);
        f()
    }

    /// Whether no task waits for a turn, as far as this thread can see: another
    /// than the owner's sees only what other threads have left.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        // ORDERING: Acquire pairs with `ring`.
        !self.mail.load(Ordering::Acquire)
            && self.as_owner().is_none_or(|owner| owner.owned().is_idle())
    }

    /// Has the owner look at what other threads have left, and if it sleeps,
    /// wakes it.
    pub fn knock(&self) {
        self.ring();
    }

    /// What the queue has counted. From any thread.
    #[must_use]
    pub fn counts(&self) -> LocalCounts {
        let (waiting, pushed) = {
            let foreign = self.foreign();
            (foreign.runnables.len(), foreign.pushed)
        };
        self.counts.read(waiting, pushed)
    }

    /// How many tasks have not finished, those in async-task's cells not
    /// counted. From any thread.
    #[must_use]
    pub fn len(&self) -> usize {
        self.alive.load(Ordering::Relaxed)
    }

    /// Whether [`len`](Self::len) is zero.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Each task that has not finished, with what it waits for. Those in
    /// async-task's cells are not among them.
    ///
    /// From any thread. Another thread than the owner's waits until the owner
    /// is between two tasks.
    #[must_use]
    pub fn snapshot(&self) -> Vec<TaskInfo> {
        match self.as_owner() {
            Some(_) => self.list_tasks(),
            None => self.gate.read(|| self.list_tasks()),
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
                let location = cell.header().origin.location();
                infos.push(TaskInfo::new(cell.id(), cell.name(), location, wait));
            }
            next = cell.header().list_next.get();
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
        let owned = owner.owned();
        owned.closed.set(true);
        let mut next = owned.list.get();
        while let Some(cell) = next {
            // Nothing of this runs foreign code, so the list stays as it is.
            life::abort_here(owner, cell);
            next = cell.header().list_next.get();
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
        owner.owned().closed.set(true);
        self.foreign().closed = true;
        owner.open_mail();
        while let Some(cell) = owner.owned().list.get() {
            life::merge(owner, cell);
        }
        for cell in self.inbox.close() {
            life::leave_inbox(cell);
        }
    }

    // From other threads.

    /// Pushes a cell to the inbox. `QUEUED` was set by the caller. The owner is
    /// to be told by [`ring`](Self::ring).
    pub(super) fn push_remote(&self, cell: CellPtr) -> Result<(), Closed> {
        self.inbox.push(cell)
    }

    /// Sends the waker of a `JoinHandle` to the owner. `false` if the queue is
    /// closed: then all tasks are complete.
    pub(super) fn send_joiner(&self, cell: CellPtr, waker: &Waker) -> bool {
        let waker = waker.clone();
        let mut foreign = self.foreign();
        if foreign.closed {
            drop(foreign);
            return false;
        }
        let old = foreign.joiners.insert(cell, waker);
        if old.is_none() {
            cell.header().remote.add_reference();
        }
        drop(foreign);
        drop(old);
        self.ring();
        true
    }

    /// Tells the owner that something was left for it.
    pub(super) fn ring(&self) {
        // ORDERING: Release publishes what was left; Acquire, because who finds
        // the flag set relies on what its setter goes on to do. The setter
        // wakes the owner, and the owner then sees both.
        if !self.mail.swap(true, Ordering::AcqRel) {
            let sleeper = self.sleeper().take();
            if let Some(waker) = sleeper {
                waker.wake();
            }
        }
    }

    /// Takes the cells in the inbox, and the note that there is mail.
    pub(super) fn take_mail(&self) -> Taken {
        // ORDERING: Acquire pairs with `ring`. Cleared before the look, so that
        // what comes later rings again.
        self.mail.swap(false, Ordering::AcqRel);
        self.inbox.take()
    }

    pub(super) fn sleeper(&self) -> MutexGuard<'_, Option<Waker>> {
        self.sleeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn foreign(&self) -> MutexGuard<'_, Foreign> {
        self.foreign.lock().unwrap_or_else(PoisonError::into_inner)
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
