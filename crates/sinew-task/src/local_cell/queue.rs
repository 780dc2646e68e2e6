//! `LocalQueue`: the tasks of one thread.

use std::cell::{Cell, RefCell, UnsafeCell};
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::{Arc, PoisonError};
use std::task::Waker;

use crate::atomic::{AtomicBool, AtomicUsize, Mutex, MutexGuard, Ordering};
use crate::join_handle::JoinHandle;
use crate::local_cell::cell::{self, CellPtr};
use crate::local_cell::gate::Gate;
use crate::local_cell::handle::LocalJoin;
use crate::local_cell::inbox::{Closed, Inbox};
use crate::local_cell::life;
use crate::local_cell::owned::OwnedState;
use crate::local_cell::state::RemoteState;
use crate::{Builder, Metadata, PollSlot, Runnable, Schedule, TaskInfo, hooks, thread_id};

/// Readers of the list are let in every so many tasks, while the thread is busy.
const ASIDE_INTERVAL: u32 = 61;

/// The tasks of one thread, which need not be `Send`, and where they wait for
/// their turn. For those who write executors; see the module's essay.
///
/// It is made on the thread that is to run the tasks, the *owner*. It belongs
/// inside of the executor's [`Schedule`], whose reference count keeps it, and
/// may be reached from any thread through that. Methods that say so must be
/// called by the owner.
pub struct LocalQueue {
    owner: u64,
    /// Set after anything was left for the owner below; cleared by it before it
    /// looks.
    mail: AtomicBool,
    /// Tasks that have not finished. Written by the owner.
    alive: AtomicUsize,
    owned: UnsafeCell<Owned>,
    inbox: Inbox,
    gate: Gate,
    /// How to wake the owner, while it sleeps.
    sleeper: Mutex<Option<Waker>>,
    foreign: Mutex<Foreign>,
}

/// What other threads leave under a lock.
#[derive(Default)]
struct Foreign {
    /// Tasks in async-task's cells, which any thread may spawn and wake.
    runnables: VecDeque<Runnable>,
    /// Wakers of `JoinHandle`s that are awaited on other threads, with a
    /// counted reference each.
    joiners: HashMap<CellPtr, Waker>,
    closed: bool,
}

/// What the owner uses without a lock.
struct Owned {
    /// The run queue, through `queue_next`.
    head: Cell<Option<CellPtr>>,
    tail: Cell<Option<CellPtr>>,
    /// The list of all cells, through `list_next`.
    list: Cell<Option<CellPtr>>,
    runnables: RefCell<VecDeque<Runnable>>,
    /// Turns given.
    tick: Cell<u32>,
    /// There is a waker in `sleeper`.
    asleep: Cell<bool>,
    closed: Cell<bool>,
    /// How often the owner has entered the gate.
    sessions: Cell<u32>,
}

// SAFETY: `owned` is used by the owner's thread only (`as_owner`), and by
// readers of the list inside of the gate, when the owner does not change it.
// The rest is `Sync` by itself, and cells keep the rules of the module.
unsafe impl Sync for LocalQueue {}
// SAFETY: it may be dropped on another thread: then there are no cells left,
// which hold references to what the queue is a part of.
unsafe impl Send for LocalQueue {}

/// The queue on its owner's thread.
#[derive(Clone, Copy)]
pub(super) struct Owner<'a> {
    queue: &'a LocalQueue,
    not_send: PhantomData<Rc<()>>,
}

impl Default for LocalQueue {
    fn default() -> Self {
        LocalQueue::new()
    }
}

impl LocalQueue {
    /// A queue without tasks that belongs to the current thread.
    #[must_use]
    pub fn new() -> LocalQueue {
        LocalQueue {
            owner: thread_id::current(),
            mail: AtomicBool::new(false),
            alive: AtomicUsize::new(0),
            owned: UnsafeCell::new(Owned {
                head: Cell::new(None),
                tail: Cell::new(None),
                list: Cell::new(None),
                runnables: RefCell::default(),
                tick: Cell::new(0),
                asleep: Cell::new(false),
                closed: Cell::new(false),
                sessions: Cell::new(0),
            }),
            inbox: Inbox::new(),
            gate: Gate::default(),
            sleeper: Mutex::default(),
            foreign: Mutex::default(),
        }
    }

    /// Whether this thread is the owner.
    #[inline]
    #[must_use]
    pub fn is_mine(&self) -> bool {
        self.owner == thread_id::current()
    }

    #[inline]
    pub(super) fn as_owner(&self) -> Option<Owner<'_>> {
        self.is_mine().then_some(Owner {
            queue: self,
            not_send: PhantomData,
        })
    }

    #[track_caller]
    fn owner(&self) -> Owner<'_> {
        self.as_owner()
            .expect("a local queue can be run only on the thread that made it")
    }

    /// Spawns a task on the owner's thread.
    ///
    /// After [`close`](Self::close), the future is dropped here and the handle
    /// gives a cancelled error.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    ///
    /// # Safety
    ///
    /// - `scheduler` must keep this queue alive: the queue is a part of what it
    ///   points to. Its [`hooks`](Schedule::hooks) must not panic.
    /// - If the future or its output is not `'static`, `close` must be called
    ///   before anything that the future borrows ends. (The handle cannot
    ///   outlive what the output borrows, by its type.)
    #[track_caller]
    pub unsafe fn spawn_unchecked<S: Schedule, F: Future>(
        &self,
        scheduler: &Arc<S>,
        builder: Builder,
        future: F,
    ) -> JoinHandle<F::Output> {
        let owner = self.owner();
        if owner.owned().closed.get() {
            let metadata = Metadata::new(scheduler.clone(), builder.name, Location::caller());
            return self.refuse(metadata, future);
        }
        // SAFETY: the pointer is that of an `Arc`. What is made of it is not
        // counted and never dropped (`cell::free`), and lives while the cell
        // does: an open queue is kept by its executor, and when it closes, each
        // cell is given a count of its own (invariant 5 of the module).
        let uncounted: Arc<S> = unsafe { Arc::from_raw(Arc::as_ptr(scheduler)) };
        let metadata = Metadata::new(uncounted, builder.name, Location::caller());
        let cell = cell::allocate(
            future,
            metadata,
            NonNull::from(self),
            OwnedState::spawned(),
            RemoteState::new(),
        );
        // SAFETY: the cell is one of `F`, with a reference for the handle.
        let handle = unsafe { LocalJoin::new(cell) };
        if let Some(hooks) = cell.metadata().hooks() {
            hooks::call(|| hooks.spawned(cell.metadata()));
        }
        owner.link(cell);
        owner.push(cell);
        JoinHandle::local(handle)
    }

    #[cold]
    fn refuse<F: Future>(&self, metadata: Metadata, future: F) -> JoinHandle<F::Output> {
        let cell = cell::allocate(
            future,
            metadata,
            NonNull::from(self),
            OwnedState::refused(),
            RemoteState::new_merged(1),
        );
        // SAFETY: as in `spawn_unchecked`.
        let handle = unsafe { LocalJoin::new(cell) };
        if let Some(hooks) = cell.metadata().hooks() {
            hooks::call(|| hooks.spawned(cell.metadata()));
        }
        life::refuse(cell);
        JoinHandle::local(handle)
    }

    /// Takes a task in one of async-task's cells that wants to be polled. From
    /// any thread. What this queue's [`Schedule`] calls.
    pub fn push(&self, task: Runnable) {
        match self.as_owner() {
            Some(owner) => {
                owner.owned().runnables.borrow_mut().push_back(task);
                owner.pushed();
            }
            None => {
                self.foreign().runnables.push_back(task);
                self.ring();
            }
        }
    }

    /// Gives the next task its turn. `false` if there is none.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's. Never on account of a task.
    #[inline]
    pub fn run_one(&self, slot: &PollSlot) -> bool {
        let owner = self.owner();
        let owned = owner.owned();
        let tick = owned.tick.get().wrapping_add(1);
        owned.tick.set(tick);
        // Relaxed: what is missed now is seen at the next turn, or by
        // `fall_asleep`.
        if self.mail.load(Ordering::Relaxed) {
            owner.open_mail();
        }
        if tick % ASIDE_INTERVAL == 0 && owned.sessions.get() > 0 {
            self.gate.step_aside();
        }
        // The two kinds of tasks take turns.
        let runnable_first = tick % 2 == 0 && !owned.runnables.borrow().is_empty();
        let cell = match runnable_first {
            true => None,
            false => owner.pop(),
        };
        if let Some(cell) = cell {
            slot.begin(cell.metadata().id());
            life::run(owner, cell);
            slot.end();
            return true;
        }
        let runnable = owned.runnables.borrow_mut().pop_front();
        let Some(runnable) = runnable else {
            return false;
        };
        slot.begin(runnable.metadata().id());
        runnable.run();
        slot.end();
        true
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
        if mail || owned.head.get().is_some() || !owned.runnables.borrow().is_empty() {
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
        struct Enter<'a>(Owner<'a>, u32);
        impl Drop for Enter<'_> {
            fn drop(&mut self) {
                if self.1 > 0 {
                    self.0.queue.gate.enter();
                    self.0.owned().sessions.set(self.1);
                }
            }
        }
        let owner = self.owner();
        let sessions = owner.owned().sessions.replace(0);
        if sessions > 0 {
            self.gate.leave();
        }
        let _enter = Enter(owner, sessions);
        f()
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
            if !cell.metadata().is_finished() {
                infos.push(TaskInfo::of(cell.metadata()));
            }
            next = cell.header().list_next.get();
        }
        infos
    }

    /// Refuses new tasks from here on and cancels all: each is to be given one
    /// more turn, in which its future is dropped. The caller goes on calling
    /// [`run_one`](Self::run_one) until [`is_empty`](Self::is_empty).
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

    fn sleeper(&self) -> MutexGuard<'_, Option<Waker>> {
        self.sleeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn foreign(&self) -> MutexGuard<'_, Foreign> {
        self.foreign.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> Owner<'a> {
    #[inline]
    fn owned(self) -> &'a Owned {
        // SAFETY: an `Owner` exists on the owner's thread only. Nobody has a
        // `&mut Owned`.
        unsafe { &*self.queue.owned.get() }
    }

    /// Puts a task at the end of the run queue. It must not be there already.
    #[inline]
    pub(super) fn push(self, cell: CellPtr) {
        let owned = self.owned();
        debug_assert!(cell.header().queue_next.get().is_none());
        match owned.tail.replace(Some(cell)) {
            Some(tail) => tail.header().queue_next.set(Some(cell)),
            None => owned.head.set(Some(cell)),
        }
        self.pushed();
    }

    /// Something was queued. `run` may be a part of a larger future on this
    /// thread, which must then be polled again.
    #[inline]
    fn pushed(self) {
        if self.owned().asleep.get() {
            self.wake_sleeper();
        }
    }

    #[cold]
    fn wake_sleeper(self) {
        self.owned().asleep.set(false);
        let sleeper = self.queue.sleeper().take();
        if let Some(waker) = sleeper {
            waker.wake();
        }
    }

    #[inline]
    fn pop(self) -> Option<CellPtr> {
        let owned = self.owned();
        let cell = owned.head.get()?;
        let next = cell.header().queue_next.take();
        owned.head.set(next);
        if next.is_none() {
            owned.tail.set(None);
        }
        Some(cell)
    }

    /// Enters a new cell into the list.
    #[inline]
    fn link(self, cell: CellPtr) {
        let owned = self.owned();
        let alive = &self.queue.alive;
        // Relaxed: written here and in `count_finished` only, by the owner.
        alive.store(alive.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        self.change_list(|| {
            let head = owned.list.replace(Some(cell));
            cell.header().list_next.set(head);
            if let Some(head) = head {
                head.header().list_previous.set(Some(cell));
            }
        });
    }

    /// Takes a cell out of the list.
    #[inline]
    pub(super) fn unlink(self, cell: CellPtr) {
        self.change_list(|| {
            let previous = cell.header().list_previous.take();
            let next = cell.header().list_next.take();
            match previous {
                Some(previous) => previous.header().list_next.set(next),
                None => self.owned().list.set(next),
            }
            if let Some(next) = next {
                next.header().list_previous.set(previous);
            }
        });
    }

    #[inline]
    fn change_list(self, change: impl FnOnce()) {
        if self.owned().sessions.get() > 0 {
            return change();
        }
        self.queue.gate.enter();
        change();
        self.queue.gate.leave();
    }

    fn enter(self) {
        let sessions = &self.owned().sessions;
        if sessions.get() == 0 {
            self.queue.gate.enter();
        }
        sessions.set(sessions.get() + 1);
    }

    fn leave(self) {
        let sessions = &self.owned().sessions;
        sessions.set(sessions.get() - 1);
        if sessions.get() == 0 {
            self.queue.gate.leave();
        }
    }

    #[cfg(test)]
    fn list_is_empty(self) -> bool {
        self.owned().list.get().is_none()
    }

    /// A task has finished.
    #[inline]
    pub(super) fn count_finished(self) {
        let alive = &self.queue.alive;
        alive.store(alive.load(Ordering::Relaxed) - 1, Ordering::Relaxed);
    }

    /// Takes all that other threads have left.
    #[cold]
    fn open_mail(self) {
        // ORDERING: Acquire pairs with `ring`. Cleared before the look, so that
        // what comes later rings again.
        self.queue.mail.swap(false, Ordering::AcqRel);
        for cell in self.queue.inbox.take() {
            life::receive(self, cell);
        }
        let mut foreign = self.queue.foreign();
        let runnables = std::mem::take(&mut foreign.runnables);
        let joiners = std::mem::take(&mut foreign.joiners);
        drop(foreign);
        self.owned().runnables.borrow_mut().extend(runnables);
        for (cell, waker) in joiners {
            life::receive_joiner(self, cell, waker);
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
