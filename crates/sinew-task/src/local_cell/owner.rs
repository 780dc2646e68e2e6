//! What a queue's owner uses without a lock: the run queue and the list.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::marker::PhantomData;
use std::rc::Rc;

use crate::Runnable;
use crate::local_cell::cache::Cache;
use crate::local_cell::cell::CellPtr;
use crate::local_cell::life;
use crate::local_cell::queue::LocalQueue;
use crate::local_cell::run_queue::{Chain, RunQueue};

/// What only the owner touches, apart from readers of the list in the gate.
pub(super) struct Owned {
    ready: RunQueue,
    /// Tasks that gave way: to be put at the end of `ready` once the driver has had its
    /// turn.
    pub(super) yielded: Chain,
    /// The list of all cells, through `list_next`.
    pub(super) list: Cell<Option<CellPtr>>,
    runnables: RefCell<VecDeque<Runnable>>,
    /// Whether there are any `runnables`.
    has_runnables: Cell<bool>,
    /// Whose turn it is when both kinds of tasks wait.
    runnable_is_next: Cell<bool>,
    /// There is a waker in the bell's `sleeper`.
    pub(super) asleep: Cell<bool>,
    pub(super) closed: Cell<bool>,
    /// The queue is attached, its scheduler has no hooks, and it is not closed.
    pub(super) quiet: Cell<bool>,
    /// How often the owner has entered the gate.
    pub(super) sessions: Cell<u32>,
    /// The memory of cells that were freed.
    pub(super) cache: Cache,
}

impl Default for Owned {
    fn default() -> Self {
        Owned {
            ready: RunQueue::new(),
            yielded: Chain::new(),
            list: Cell::new(None),
            runnables: RefCell::default(),
            has_runnables: Cell::new(false),
            runnable_is_next: Cell::new(false),
            asleep: Cell::new(false),
            closed: Cell::new(false),
            quiet: Cell::new(false),
            sessions: Cell::new(0),
            cache: Cache::default(),
        }
    }
}

impl Owned {
    /// Whether no task waits for its turn.
    pub(super) fn is_idle(&self) -> bool {
        self.has_no_others() && self.yielded.is_empty()
    }

    /// Whether no task waits for its turn but those that gave way, if there are any.
    pub(super) fn has_no_others(&self) -> bool {
        self.ready.is_empty() && !self.has_runnables.get()
    }

    /// Whether tasks that gave way are all that waits for a turn.
    pub(super) fn is_yielding(&self) -> bool {
        self.has_no_others() && !self.yielded.is_empty()
    }
}

/// The queue on its owner's thread.
#[derive(Clone, Copy)]
pub(super) struct Owner<'a> {
    queue: &'a LocalQueue,
    not_send: PhantomData<Rc<()>>,
}

impl<'a> Owner<'a> {
    /// # Safety
    ///
    /// This thread must be the queue's owner.
    #[inline]
    pub(super) unsafe fn new(queue: &'a LocalQueue) -> Owner<'a> {
        Owner {
            queue,
            not_send: PhantomData,
        }
    }

    #[inline]
    pub(super) fn owned(self) -> &'a Owned {
        // SAFETY: an `Owner` exists on the owner's thread only. Nobody has a
        // `&mut Owned`.
        unsafe { &*self.queue.owned.get() }
    }

    #[inline]
    pub(super) fn queue(self) -> &'a LocalQueue {
        self.queue
    }

    /// Puts a task at the end of the run queue. It must not be there already.
    #[inline]
    pub(super) fn push(self, cell: CellPtr) {
        self.push_awake(cell);
        self.rouse();
    }

    /// As [`push`](Self::push), for a queue that is not asleep, or whose loop
    /// [rouses](Self::rouse) it later.
    #[inline]
    pub(super) fn push_awake(self, cell: CellPtr) {
        self.owned().ready.push(cell);
        self.queue.counts.scheduled();
    }

    /// Puts a task that gave way aside until [`resume`](Self::resume). For the loop, as
    /// [`push_awake`](Self::push_awake), which counts it by
    /// [`count_yielded`](Self::count_yielded).
    #[inline]
    pub(super) fn push_yielded(self, cell: CellPtr) {
        // SAFETY: a cell belongs to a queue that is attached.
        unsafe { self.owned().yielded.push(cell) };
    }

    /// So many tasks were put aside.
    #[inline]
    pub(super) fn count_yielded(self, tasks: u64) {
        self.queue.counts.scheduled_many(tasks);
    }

    /// Puts tasks that gave way at the end of the run queue.
    pub(super) fn resume(self) {
        let owned = self.owned();
        owned.ready.append(&owned.yielded);
    }

    /// Something was queued. `run` may be a part of a larger future on this
    /// thread, which must then be polled again.
    #[inline]
    pub(super) fn rouse(self) {
        if self.owned().asleep.get() {
            self.wake_sleeper();
        }
    }

    #[cold]
    fn wake_sleeper(self) {
        self.owned().asleep.set(false);
        let sleeper = self.queue.bell.sleeper().take();
        if let Some(waker) = sleeper {
            waker.wake();
        }
    }

    /// The next task in a cell.
    #[inline]
    pub(super) fn next_cell(self) -> Option<CellPtr> {
        self.owned().ready.pop()
    }

    /// Whether tasks in shared cells wait.
    #[inline]
    pub(super) fn has_runnables(self) -> bool {
        self.owned().has_runnables.get()
    }

    /// The next task in a shared cell, if there is one and it is the turn of one: the two
    /// kinds take turns while both wait.
    #[cold]
    pub(super) fn next_runnable(self) -> Option<Runnable> {
        let owned = self.owned();
        let runnable_first = owned.runnable_is_next.get();
        owned.runnable_is_next.set(!runnable_first);
        if !runnable_first && !owned.ready.is_empty() {
            return None;
        }
        let mut runnables = owned.runnables.borrow_mut();
        let runnable = runnables.pop_front();
        owned.has_runnables.set(!runnables.is_empty());
        runnable
    }

    /// Puts a task in a shared cell at the end of their queue.
    pub(super) fn push_runnable(self, task: Runnable) {
        let owned = self.owned();
        owned.runnables.borrow_mut().push_back(task);
        owned.has_runnables.set(true);
        self.queue.counts.scheduled();
        self.rouse();
    }

    /// Enters a new cell into the list.
    pub(super) fn link(self, cell: CellPtr) {
        self.in_session(|| self.link_inside(cell));
    }

    /// As [`link`](Self::link), in a session.
    #[inline]
    pub(super) fn link_inside(self, cell: CellPtr) {
        debug_assert!(self.owned().sessions.get() > 0);
        self.queue.counts.spawned();
        let head = self.owned().list.replace(Some(cell));
        cell.cold().list_next.set(head);
        if let Some(head) = head {
            head.cold().list_previous.set(Some(cell));
        }
    }

    /// Takes a cell out of the list, for ever.
    pub(super) fn unlink(self, cell: CellPtr) {
        self.in_session(|| self.unlink_inside(cell));
    }

    /// As [`unlink`](Self::unlink), in a session.
    #[inline]
    pub(super) fn unlink_inside(self, cell: CellPtr) {
        debug_assert!(self.owned().sessions.get() > 0);
        let previous = cell.cold().list_previous.get();
        let next = cell.cold().list_next.get();
        match previous {
            Some(previous) => previous.cold().list_next.set(next),
            None => self.owned().list.set(next),
        }
        if let Some(next) = next {
            next.cold().list_previous.set(previous);
        }
    }

    fn in_session(self, change: impl Fn()) {
        if self.owned().sessions.get() > 0 {
            return change();
        }
        self.enter();
        change();
        self.leave();
    }

    /// Refuses new tasks from here on.
    pub(super) fn refuse_tasks(self) {
        self.clear_current();
        self.owned().closed.set(true);
        self.owned().quiet.set(false);
    }

    /// A task has finished.
    #[inline]
    pub(super) fn count_finished(self) {
        self.queue.counts.finished();
    }

    #[cold]
    pub(super) fn enter(self) {
        let sessions = &self.owned().sessions;
        if sessions.get() == 0 {
            self.queue.gate.enter();
        }
        sessions.set(sessions.get() + 1);
    }

    #[cold]
    pub(super) fn leave(self) {
        let sessions = &self.owned().sessions;
        sessions.set(sessions.get() - 1);
        if sessions.get() == 0 {
            self.queue.gate.leave();
        }
    }

    /// Leaves the gate however often it was entered, and says how often that was.
    #[cold]
    pub(super) fn step_out(self) -> u32 {
        let sessions = self.owned().sessions.replace(0);
        if sessions > 0 {
            self.queue.gate.leave();
        }
        sessions
    }

    /// Undoes [`step_out`](Self::step_out).
    #[cold]
    pub(super) fn go_back_in(self, sessions: u32) {
        if sessions > 0 {
            self.queue.gate.enter();
        }
        self.owned().sessions.set(sessions);
    }

    #[cfg(test)]
    pub(super) fn list_is_empty(self) -> bool {
        self.owned().list.get().is_none()
    }

    /// Takes all that other threads have left.
    #[cold]
    pub(super) fn open_mail(self) {
        let before = self.queue.counts.schedules();
        for cell in self.queue.take_mail() {
            life::receive(self, cell);
        }
        let mut foreign = self.queue.foreign();
        let runnables = std::mem::take(&mut foreign.runnables);
        let joiners = std::mem::take(&mut foreign.joiners);
        drop(foreign);
        let count = runnables.len();
        for task in runnables {
            self.push_runnable(task);
        }
        self.queue.counts.mailed_since(before, count);
        for (cell, waker) in joiners {
            life::receive_joiner(self, cell, waker);
        }
    }
}
