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

/// What only the owner touches, apart from readers of the list in the gate.
#[derive(Default)]
pub(super) struct Owned {
    ready: RunQueue,
    /// Tasks that gave way: to be put at the end of `ready` once the driver has had its
    /// turn.
    yielded: RunQueue,
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

/// Cells that wait for a turn, linked through `queue_next`.
#[derive(Default)]
struct RunQueue {
    head: Cell<Option<CellPtr>>,
    /// The last one. Says nothing if there is no head.
    tail: Cell<Option<CellPtr>>,
}

impl RunQueue {
    #[inline]
    fn is_empty(&self) -> bool {
        self.head.get().is_none()
    }

    /// Puts a cell at the end. It must be in no queue.
    #[inline]
    fn push(&self, cell: CellPtr) {
        cell.header().queue_next.set(None);
        self.append(cell, cell);
    }

    /// Puts a chain of cells at the end.
    #[inline]
    fn append(&self, first: CellPtr, last: CellPtr) {
        match self.head.get().and(self.tail.get()) {
            Some(tail) => tail.header().queue_next.set(Some(first)),
            None => self.head.set(Some(first)),
        }
        self.tail.set(Some(last));
    }

    #[inline]
    fn pop(&self) -> Option<CellPtr> {
        let cell = self.head.get()?;
        self.head.set(cell.header().queue_next.get());
        Some(cell)
    }

    /// Takes all, as a chain: the first and the last.
    fn take(&self) -> Option<(CellPtr, CellPtr)> {
        self.head.take().zip(self.tail.get())
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

/// A task whose turn it is.
pub(super) enum Next {
    Cell(CellPtr),
    Runnable(Runnable),
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
    /// [`push_awake`](Self::push_awake).
    #[inline]
    pub(super) fn push_yielded(self, cell: CellPtr) {
        self.owned().yielded.push(cell);
        self.queue.counts.scheduled();
    }

    /// Puts tasks that gave way at the end of the run queue.
    pub(super) fn resume(self) {
        let owned = self.owned();
        if let Some((first, last)) = owned.yielded.take() {
            owned.ready.append(first, last);
        }
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

    /// The task whose turn it is. The two kinds take turns.
    #[inline]
    pub(super) fn next(self) -> Option<Next> {
        if self.owned().has_runnables.get() {
            return self.next_of_both();
        }
        self.owned().ready.pop().map(Next::Cell)
    }

    #[cold]
    #[inline(never)]
    fn next_of_both(self) -> Option<Next> {
        let owned = self.owned();
        let runnable_first = owned.runnable_is_next.get();
        owned.runnable_is_next.set(!runnable_first);
        if !runnable_first {
            if let Some(cell) = owned.ready.pop() {
                return Some(Next::Cell(cell));
            }
        }
        let mut runnables = owned.runnables.borrow_mut();
        let runnable = runnables.pop_front();
        owned.has_runnables.set(!runnables.is_empty());
        runnable.map(Next::Runnable)
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
