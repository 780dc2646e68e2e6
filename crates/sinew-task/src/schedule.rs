//! The spawn seam: who runs a task, and how a task finds them.

use std::cell::Cell;
use std::fmt;
use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::Arc;

use sinew_core::{Ambient, Entered, Slot};

use crate::shared_cell::{self, CellPtr};
use crate::{LocalQueue, Metadata, TaskHooks, TaskInfo, TaskList};

/// A task that wants to be polled.
///
/// There is at most one `Runnable` of a task at a time. Dropping it instead of
/// running it cancels the task: the future is dropped there and then, and the
/// [`JoinHandle`](crate::JoinHandle) reports a cancelled task.
#[must_use = "a Runnable that is dropped cancels its task"]
pub struct Runnable(CellPtr);

// SAFETY: a future that is not `Send` stays on its thread by the promise that was made
// when it was spawned (`spawn_unchecked`); all else in a cell is for any thread.
unsafe impl Send for Runnable {}
// SAFETY: a shared runnable reaches only the metadata.
unsafe impl Sync for Runnable {}

impl std::panic::UnwindSafe for Runnable {}
impl std::panic::RefUnwindSafe for Runnable {}

impl Runnable {
    /// # Safety
    ///
    /// The task is scheduled, and this is its one `Runnable`.
    #[inline]
    pub(crate) unsafe fn new(cell: CellPtr) -> Self {
        Runnable(cell)
    }

    #[inline]
    pub(crate) fn cell(&self) -> CellPtr {
        self.0
    }

    /// Polls the task once. Returns whether the task was woken meanwhile and
    /// has therefore been scheduled again already.
    ///
    /// Never panics on account of the task: a panic of the future ends up in
    /// the [`JoinHandle`](crate::JoinHandle).
    #[inline]
    pub fn run(self) -> bool {
        let task = ManuallyDrop::new(self);
        // SAFETY: the type's invariant; it is used up.
        match unsafe { shared_cell::run(task.0) } {
            Some(task) => {
                dispatch(task, true);
                true
            }
            None => false,
        }
    }

    /// Polls the task once, as [`run`](Self::run) does. If it was woken meanwhile and
    /// `scheduler` is its own, it is given back: the caller, who is of that scheduler,
    /// queues it as [`Schedule::schedule_yielded`] would.
    #[inline]
    #[must_use = "a Runnable that is dropped cancels its task"]
    pub fn run_for(self, scheduler: &Arc<dyn Schedule>) -> Option<Runnable> {
        let task = ManuallyDrop::new(self);
        // SAFETY: the type's invariant; it is used up.
        let task = unsafe { shared_cell::run(task.0) }?;
        if is_same(scheduler, task.metadata().scheduler()) {
            return Some(task);
        }
        dispatch(task, true);
        None
    }

    /// Hands the task to its scheduler.
    pub fn schedule(self) {
        let task = ManuallyDrop::new(self);
        // SAFETY: the type's invariant; it is used up.
        unsafe { shared_cell::schedule(task.0) };
    }

    /// What the task carries.
    #[inline]
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        self.0.metadata()
    }

    /// The runnable as a pointer, for queues of pointers. It owns the runnable,
    /// which is lost, and its task with it, unless it is turned back with
    /// [`from_raw`](Self::from_raw).
    #[inline]
    #[must_use]
    pub fn into_raw(self) -> *mut () {
        ManuallyDrop::new(self).0.as_ptr().cast()
    }

    /// Turns a pointer back into the runnable that it was made from.
    ///
    /// # Safety
    ///
    /// `raw` must come from [`into_raw`](Self::into_raw), and is turned back once.
    #[inline]
    pub unsafe fn from_raw(raw: *mut ()) -> Runnable {
        // SAFETY: `into_raw` gave a pointer to a cell, which the runnable keeps.
        Runnable(unsafe { CellPtr::from_ptr(raw.cast()) })
    }
}

impl Drop for Runnable {
    fn drop(&mut self) {
        // SAFETY: the type's invariant; it is used up.
        unsafe { shared_cell::cancel(self.0) };
    }
}

impl fmt::Debug for Runnable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Runnable").field(self.metadata()).finish()
    }
}

/// Whoever can run a [`Runnable`] later: an executor, as its tasks see it.
pub trait Schedule: Send + Sync + 'static {
    /// Takes a task that wants to be polled. Called when the task is spawned
    /// and each time that it is woken, on whatever thread that happens.
    ///
    /// Should queue the task and return. Running it right here would poll it
    /// inside of somebody's `wake`, with their locks held.
    fn schedule(&self, task: Runnable);

    /// Takes a task that was woken while it was being polled: it gives way to
    /// others, or has used up its budget. Belongs at the end of the queue.
    /// Does the same as [`schedule`](Self::schedule) unless overridden.
    fn schedule_yielded(&self, task: Runnable) {
        self.schedule(task);
    }

    /// The list in which the tasks of this scheduler are kept while they live.
    /// An executor that shuts down cancels what is in it, and it is what can be
    /// asked which tasks there are. `None`, the default, keeps no list.
    fn tasks(&self) -> Option<&TaskList> {
        None
    }

    /// Each task that is alive, with what it waits for. Of those in
    /// [`tasks`](Self::tasks) unless overridden.
    fn snapshot(&self) -> Vec<TaskInfo> {
        self.tasks().map(TaskList::snapshot).unwrap_or_default()
    }

    /// How many of its tasks have not finished. Those in [`tasks`](Self::tasks)
    /// unless overridden.
    fn task_count(&self) -> usize {
        self.tasks().map_or(0, TaskList::len)
    }

    /// The queue of tasks that belong to one thread, for an executor that has
    /// one. What is spawned on that thread goes there, to cells without atomics,
    /// and not through [`schedule`](Self::schedule). `None` by default.
    fn local_queue(&self) -> Option<&LocalQueue> {
        None
    }

    /// What is called at the points of its tasks' lives. Must always be the
    /// same: whether there are hooks is asked once for each task, when it is
    /// spawned. `None`, the default, costs nothing later.
    fn hooks(&self) -> Option<&dyn TaskHooks> {
        None
    }
}

thread_local! {
    static ENTERED: Slot<dyn Schedule> = const { Slot::new() };
    /// The scheduler whose [`on_thread`] scope this thread is in.
    static ON_THREAD: Cell<*const Arc<dyn Schedule>> = const { Cell::new(ptr::null()) };
}

static SCHEDULER: Ambient<dyn Schedule> = Ambient::without_default(&ENTERED);

/// Keeps a scheduler entered on this thread. Made by [`enter`].
pub type EnterGuard = Entered<dyn Schedule>;

/// Makes `scheduler` the one that spawns from this thread go to, until the
/// guard is dropped.
#[must_use = "the scheduler is left again when the guard is dropped"]
pub fn enter(scheduler: Arc<dyn Schedule>) -> EnterGuard {
    SCHEDULER.enter(scheduler)
}

/// Makes `scheduler` the one that spawns go to on threads where none is
/// entered, for the whole process, instead of the default runtime.
///
/// # Errors
///
/// Gives `scheduler` back if there is a default already: it can be set once.
pub fn set_default(scheduler: Arc<dyn Schedule>) -> Result<(), Arc<dyn Schedule>> {
    SCHEDULER.set_default(scheduler)
}

/// Calls `f` with what [`current`] gives, without touching its reference count
/// where this thread runs tasks of that scheduler.
#[inline]
pub fn with_current<R>(f: impl FnOnce(Option<&Arc<dyn Schedule>>) -> R) -> R {
    let lent = ON_THREAD.get();
    if !lent.is_null() {
        // SAFETY: we run inside the scope of `on_thread`, whose caller lends it
        // this `Arc` until the scope ends, and it cannot end before we return.
        let lent = unsafe { &*lent };
        let here = SCHEDULER.peek(|entered| ptr::addr_eq(entered, Arc::as_ptr(lent)));
        if here == Some(true) {
            return f(Some(lent));
        }
    }
    f(current().as_ref())
}

/// The scheduler entered on this thread, else the one given to
/// [`set_default`], else `None`.
#[must_use]
pub fn current() -> Option<Arc<dyn Schedule>> {
    SCHEDULER
        .entered()
        .or_else(|| SCHEDULER.started_default().cloned())
}

/// Runs `f` on a thread that belongs to `scheduler`.
///
/// For executors, around their loop: tasks of `scheduler` that are woken on
/// this thread meanwhile reach it without touching its reference count.
pub fn on_thread<R>(scheduler: &Arc<dyn Schedule>, f: impl FnOnce() -> R) -> R {
    struct Restore(*const Arc<dyn Schedule>);
    impl Drop for Restore {
        fn drop(&mut self) {
            ON_THREAD.set(self.0);
        }
    }
    let _restore = Restore(ON_THREAD.replace(scheduler));
    f()
}

/// Gives a task to its scheduler. `yielded` says whether it was woken while it was
/// polled.
pub(crate) fn dispatch(task: Runnable, yielded: bool) {
    let scheduler = task.metadata().scheduler();
    let lent = ON_THREAD.get();
    // Once the task is queued another thread may run it to its end, and with that may
    // go the last reference to the scheduler, while we are still inside. So one
    // reference must be held by someone else: by the `on_thread` scope further down
    // this stack, or by us.
    let held;
    let scheduler: &dyn Schedule = if is_lent(lent, scheduler) {
        // SAFETY: we run inside the scope of `on_thread`, whose caller lends it
        // an `Arc` of this scheduler until the scope ends, and the scope cannot
        // end before this call returns.
        unsafe { &**lent }
    } else {
        // By invariant 3 of `metadata` it lives: the task has not finished.
        held = Arc::clone(scheduler);
        &*held
    };
    if yielded {
        scheduler.schedule_yielded(task);
    } else {
        scheduler.schedule(task);
    }
}

/// Whether `lent`, if it is one, is an `Arc` of this scheduler.
fn is_lent(lent: *const Arc<dyn Schedule>, scheduler: &Arc<dyn Schedule>) -> bool {
    if lent.is_null() {
        return false;
    }
    // SAFETY: as of `on_thread`: it is lent for as long as it can be found.
    is_same(unsafe { &*lent }, scheduler)
}

#[inline]
fn is_same(a: &Arc<dyn Schedule>, b: &Arc<dyn Schedule>) -> bool {
    ptr::addr_eq(Arc::as_ptr(a), Arc::as_ptr(b))
}
