//! `LocalExecutor`: one thread, tasks that need not be `Send`.
//!
//! # State
//!
//! Tasks that are woken on the executor's own thread go to a plain deque in
//! `owned`. Tasks that are woken elsewhere go to `inbox`, a lock-free queue, and
//! the thread is woken if it sleeps. `sleeper` holds what to wake it with.
//!
//! # Invariants
//!
//! 1. `owned` is touched only on the thread whose id is `owner`. Thread ids are
//!    never used again (`thread_id`), so a thread that finds its own id there
//!    is that thread.
//! 2. No reference into `owned` is held while a task runs or is dropped.
//! 3. A task's `Runnable` is run or dropped only on the owner's thread: it
//!    leaves the queues only through `LocalExecutor`, which is not `Send`.
//!
//! # Orderings
//!
//! Pushing to the inbox and then taking the sleeper's waker, against storing
//! the waker and then looking at the inbox, is a store-load protocol. The lock
//! around `sleeper` orders it: whichever of the two comes second sees what the
//! other did before.

use std::cell::{Cell, UnsafeCell};
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use sinew_core::{Park, waker};
use sinew_task::{
    Builder, JoinHandle, PollSlot, Runnable, Schedule, TaskHooks, TaskInfo, TaskList, on_thread,
};

use crate::queue::TaskQueue;
use crate::thread_id;

/// Tasks that [`LocalExecutor::run`] runs in one poll, before it lets the
/// executor around it have a turn.
const TASKS_PER_POLL: usize = 200;

/// A thread in `run_until` lets its parker do what it can without waiting every
/// so many tasks, so that sockets and timers are served also while there is
/// always a task.
const EVENT_INTERVAL: u32 = 61;

/// The inbox is looked at first every so many tasks, so that wakes from other
/// threads are not starved by tasks that wake each other.
const INBOX_INTERVAL: u32 = 61;

/// What only the owner's thread touches.
#[derive(Default)]
struct Owned {
    queue: VecDeque<Runnable>,
    /// Counts the tasks that were looked for.
    tick: u32,
}

struct Local {
    owner: u64,
    owned: UnsafeCell<Owned>,
    inbox: TaskQueue,
    sleeper: Mutex<Option<Waker>>,
    tasks: TaskList,
    poll: PollSlot,
    hooks: Option<Arc<dyn TaskHooks>>,
}

// SAFETY: `owned` is the only part that is not `Sync`, and only one thread ever
// touches it (invariant 1). The `Runnable`s in it are `Send` by their type;
// that those of tasks which are not stay on their thread is invariant 3.
unsafe impl Sync for Local {}

impl Local {
    fn is_mine(&self) -> bool {
        self.owner == thread_id::current()
    }

    /// Runs `f` on what is the owner's. Must be called on the owner's thread, and
    /// `f` must not run or drop a task.
    fn with_owned<R>(&self, f: impl FnOnce(&mut Owned) -> R) -> R {
        assert!(
            self.is_mine(),
            "a local executor's queue is its thread's own"
        );
        // SAFETY: by the assertion we are the only thread that may (invariant
        // 1), and `f` does not come back here (invariant 2).
        f(unsafe { &mut *self.owned.get() })
    }

    fn next_task(&self) -> Option<Runnable> {
        let queued = self.with_owned(|owned| {
            owned.tick = owned.tick.wrapping_add(1);
            let inbox_first = owned.tick % INBOX_INTERVAL == 0 && !self.inbox.is_empty();
            if inbox_first {
                None
            } else {
                owned.queue.pop_front()
            }
        });
        queued
            .or_else(|| self.inbox.pop())
            .or_else(|| self.with_owned(|owned| owned.queue.pop_front()))
    }

    fn run_one(&self) -> bool {
        let Some(task) = self.next_task() else {
            return false;
        };
        self.poll.begin(task.metadata().id());
        task.run();
        self.poll.end();
        true
    }

    fn run_until(self: &Arc<Self>, park: &mut dyn Park, done: &mut dyn FnMut() -> bool) {
        let waker = waker::unpark_waker(park.unparker());
        let scheduler: Arc<dyn Schedule> = self.clone();
        on_thread(&scheduler, || {
            let mut since_poll = 0;
            while !done() {
                since_poll += 1;
                if since_poll == EVENT_INTERVAL {
                    since_poll = 0;
                    park.poll();
                }
                if !self.run_one() && self.fall_asleep(&waker) {
                    park.park(None);
                    drop(self.sleeper().take());
                }
            }
        });
    }

    /// Leaves `waker` to be woken by the next push from elsewhere. `false` if
    /// there is a task already.
    fn fall_asleep(&self, waker: &Waker) -> bool {
        let old = self.sleeper().replace(waker.clone());
        drop(old);
        self.inbox.is_empty() && self.with_owned(|owned| owned.queue.is_empty())
    }

    fn sleeper(&self) -> std::sync::MutexGuard<'_, Option<Waker>> {
        self.sleeper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Schedule for Local {
    fn schedule(&self, task: Runnable) {
        if self.is_mine() {
            self.with_owned(|owned| owned.queue.push_back(task));
        } else if self.inbox.push(task).is_err() {
            unreachable!("the inbox is never closed");
        }
        // Also on the own thread: `run` may be a part of a larger future there,
        // which must be polled again.
        let sleeper = self.sleeper().take();
        if let Some(waker) = sleeper {
            waker.wake();
        }
    }

    fn tasks(&self) -> Option<&TaskList> {
        Some(&self.tasks)
    }

    fn hooks(&self) -> Option<&dyn TaskHooks> {
        self.hooks.as_deref()
    }
}

thread_local! {
    /// The executor that [`spawn_local`] spawns on.
    static CURRENT: Cell<Option<LocalSpawner>> = const { Cell::new(None) };
}

/// An executor for tasks that stay on one thread, and so need not be `Send`.
/// Tasks may borrow what outlives `'a`.
///
/// Wakers of its tasks may be sent and woken anywhere. Dropping the executor
/// drops all of its tasks; their handles then give a
/// [cancelled](sinew_task::JoinError::is_cancelled) error.
///
/// ```
/// use sinew_core::block_on;
/// use sinew_executor::LocalExecutor;
/// use std::rc::Rc;
///
/// let shared = Rc::new(41);
/// let executor = LocalExecutor::new();
/// let answer = block_on(executor.run(async {
///     let shared = shared.clone();
///     executor.spawn(async move { *shared + 1 }).await.unwrap()
/// }));
/// assert_eq!(answer, 42);
/// ```
pub struct LocalExecutor<'a> {
    local: Arc<Local>,
    /// Invariant in `'a`, and neither `Send` nor `Sync`.
    tasks: PhantomData<(UnsafeCell<&'a ()>, Rc<()>)>,
}

impl std::panic::UnwindSafe for LocalExecutor<'_> {}
impl std::panic::RefUnwindSafe for LocalExecutor<'_> {}

impl<'a> LocalExecutor<'a> {
    /// An executor without tasks, for the current thread.
    #[must_use]
    pub fn new() -> Self {
        LocalExecutor::with_hooks(None)
    }

    /// An executor that calls `hooks` at the points of its tasks' lives.
    #[must_use]
    pub fn with_hooks(hooks: Option<Arc<dyn TaskHooks>>) -> Self {
        LocalExecutor {
            local: Arc::new(Local {
                owner: thread_id::current(),
                owned: UnsafeCell::new(Owned::default()),
                inbox: TaskQueue::unbounded(),
                sleeper: Mutex::new(None),
                tasks: TaskList::new(1),
                poll: PollSlot::new(),
                hooks,
            }),
            tasks: PhantomData,
        }
    }

    /// Spawns a task. It makes progress while the executor is run.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'a,
        F::Output: 'a,
    {
        self.spawn_with(Builder::new(), future)
    }

    /// Spawns a task with what `builder` gives it.
    #[track_caller]
    pub fn spawn_with<F>(&self, builder: Builder, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'a,
        F::Output: 'a,
    {
        // SAFETY: runnables are run and dropped on this thread only (invariant
        // 3). The future is dropped before what it borrows: `Drop` cancels
        // every task and waits until each future is dropped, and `'a` outlives
        // the executor. A forgotten executor never runs its tasks again and
        // drops none of them.
        unsafe { builder.spawn_unchecked(self.local.clone(), future) }
    }

    /// What tasks of this executor are scheduled by: to be entered with
    /// [`sinew_task::enter`], so that `spawn` on this thread comes here.
    #[must_use]
    pub fn scheduler(&self) -> Arc<dyn Schedule> {
        self.local.clone()
    }

    /// Whether there are no tasks that have not finished.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.local.tasks.is_empty()
    }

    /// The tasks that are alive, each with what it waits for.
    #[must_use]
    pub fn snapshot(&self) -> Vec<TaskInfo> {
        self.local.tasks.snapshot()
    }

    fn on_this_thread<R>(&self, f: impl FnOnce() -> R) -> R {
        let scheduler: Arc<dyn Schedule> = self.local.clone();
        on_thread(&scheduler, f)
    }

    /// Runs one task that is ready, if there is one.
    pub fn try_tick(&self) -> bool {
        self.on_this_thread(|| self.local.run_one())
    }

    /// Waits for a task to become ready and runs it.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn tick(&self) {
        std::future::poll_fn(|cx| {
            if self.try_tick() {
                return Poll::Ready(());
            }
            if !self.local.fall_asleep(cx.waker()) {
                cx.waker().wake_by_ref();
            }
            Poll::Pending
        })
        .await;
    }

    /// Runs tasks until `future` is done, and gives its output.
    ///
    /// The tasks are polled by whoever polls this future, in between.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops `future`. The tasks stay with the executor.
    pub async fn run<F: Future>(&self, future: F) -> F::Output {
        Run {
            executor: self,
            main: pin!(future),
        }
        .await
    }

    /// Runs tasks on this thread until `done` says so, parking on `park` when
    /// there are none. `done` is asked before each task and after each park.
    ///
    /// For runtimes; [`run`](Self::run) is the same for a thread that has
    /// nothing to drive.
    pub fn run_until(&self, park: &mut dyn Park, done: &mut dyn FnMut() -> bool) {
        self.local.run_until(park, done);
    }
}

/// Keeps a [`LocalExecutor`] entered on this thread. Made by
/// [`LocalExecutor::enter_guard`].
#[must_use = "the executor is left again when the guard is dropped"]
pub struct LocalEntered {
    /// `None` if this thread's locals are being destroyed: nothing was entered.
    previous: Option<Option<LocalSpawner>>,
    not_send: PhantomData<Rc<()>>,
}

impl Drop for LocalEntered {
    fn drop(&mut self) {
        if let Some(previous) = self.previous.take() {
            let left = CURRENT.try_with(|current| current.replace(previous));
            drop(left);
        }
    }
}

impl fmt::Debug for LocalEntered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalEntered").finish_non_exhaustive()
    }
}

impl LocalExecutor<'static> {
    /// A spawner of this executor.
    #[must_use]
    pub fn spawner(&self) -> LocalSpawner {
        LocalSpawner {
            local: self.local.clone(),
            not_send: PhantomData,
        }
    }

    /// Makes this the executor that [`spawn_local`] spawns on until the guard
    /// is dropped. Without effect while this thread's locals are being destroyed.
    pub fn enter_guard(&self) -> LocalEntered {
        LocalEntered {
            previous: CURRENT
                .try_with(|current| current.replace(Some(self.spawner())))
                .ok(),
            not_send: PhantomData,
        }
    }

    /// Makes this the executor that [`spawn_local`] spawns on while `f` runs.
    pub fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        let _entered = self.enter_guard();
        f()
    }
}

impl Drop for LocalExecutor<'_> {
    fn drop(&mut self) {
        self.local.tasks.close_and_cancel();
        self.on_this_thread(|| {
            loop {
                while self.local.run_one() {}
                if self.local.tasks.is_empty() {
                    return;
                }
                // Another thread is between marking a task as scheduled and
                // pushing it.
                thread::yield_now();
            }
        });
    }
}

impl Default for LocalExecutor<'_> {
    fn default() -> Self {
        LocalExecutor::new()
    }
}

impl fmt::Debug for LocalExecutor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalExecutor")
            .field("tasks", &self.local.tasks.len())
            .finish()
    }
}

/// Polls a main future and runs tasks in between.
struct Run<'e, 'a, F> {
    executor: &'e LocalExecutor<'a>,
    main: Pin<&'e mut F>,
}

impl<F: Future> Future for Run<'_, '_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let executor = self.executor;
        executor.on_this_thread(|| {
            if let Poll::Ready(output) = self.main.as_mut().poll(cx) {
                return Poll::Ready(output);
            }
            for _ in 0..TASKS_PER_POLL {
                if !executor.local.run_one() && executor.local.fall_asleep(cx.waker()) {
                    return Poll::Pending;
                }
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    }
}

/// Spawns tasks on the [`LocalExecutor`] that is entered on this thread.
///
/// Stays on its thread. After the executor is gone, what it spawns is
/// cancelled at once.
#[derive(Clone)]
pub struct LocalSpawner {
    local: Arc<Local>,
    not_send: PhantomData<Rc<()>>,
}

impl LocalSpawner {
    /// The spawner of the executor entered on this thread, if any.
    #[must_use]
    pub fn current() -> Option<LocalSpawner> {
        let current = CURRENT.try_with(|current| {
            let held = current.take();
            current.set(held.clone());
            held
        });
        current.ok().flatten()
    }

    /// Whether this spawner's executor is the one that tasks know as `scheduler`.
    #[must_use]
    pub fn is_for(&self, scheduler: &Arc<dyn Schedule>) -> bool {
        std::ptr::addr_eq(Arc::as_ptr(&self.local), Arc::as_ptr(scheduler))
    }

    /// Spawns a task that need not be `Send`.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_with(Builder::new(), future)
    }

    /// Runs tasks of the executor on this thread until `done` says so, parking on
    /// `park` when there are none: for a `block_on` inside of one of its tasks.
    ///
    /// Without effect but for asking `done` and parking if the executor is gone.
    pub fn run_until(&self, park: &mut dyn Park, done: &mut dyn FnMut() -> bool) {
        self.local.run_until(park, done);
    }

    /// Spawns a task that need not be `Send`, with what `builder` gives it.
    #[track_caller]
    pub fn spawn_with<F>(&self, builder: Builder, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        // SAFETY: the future is `'static`, and a spawner does not leave the
        // executor's thread, where its runnables are run and dropped
        // (invariant 3).
        unsafe { builder.spawn_unchecked(self.local.clone(), future) }
    }
}

impl fmt::Debug for LocalSpawner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSpawner").finish_non_exhaustive()
    }
}

/// Spawns a task that need not be `Send` on the local executor that this code
/// runs in.
///
/// # Panics
///
/// Outside of a local context: on a thread where no [`LocalExecutor`] is
/// entered.
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    match LocalSpawner::current() {
        Some(spawner) => spawner.spawn(future),
        None => panic!(
            "`spawn_local` called outside of a local context: call it inside a `LocalSet` \
             or a `LocalRuntime`'s `block_on`, or use `spawn` for a future that is `Send`"
        ),
    }
}
