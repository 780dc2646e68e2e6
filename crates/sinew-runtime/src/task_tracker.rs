//! `TaskTracker`: waits until all of many tasks have ended, and keeps nothing of
//! them.
//!
//! # State
//!
//! `state` holds the number of tokens, shifted by one bit, and the bit `CLOSED`.
//! The tracker is *done* when it is closed and has no token. Each time that it
//! becomes done, `generation` is raised and whoever waits is woken; so a wait
//! is over if the tracker is done now, or was at any time since the wait began,
//! also if it has been opened again meanwhile.
//!
//! # Orderings
//!
//! Giving up a token is Release and finding the tracker done is Acquire: who has
//! waited sees everything that the tasks did. Closing and opening are AcqRel, so
//! that what was done before `close` is seen by whose `reopen` undoes it.
//! `generation` is raised under the lock, and a wait looks at it under the lock
//! before it leaves a waker there.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;
use sinew_core::leaf::{self, Kind, Wait};
use sinew_task::JoinHandle;
use slab::Slab;

use crate::{Handle, LocalSet, spawn, spawn_blocking, spawn_local};

const CLOSED: usize = 1;
/// What one token adds to the state.
const TOKEN: usize = 2;

#[derive(Default)]
struct Inner {
    state: AtomicUsize,
    generation: AtomicU64,
    waiting: Mutex<Slab<Waker>>,
}

impl Inner {
    fn is_done(&self) -> bool {
        // ORDERING: Acquire, see the module.
        self.state.load(Ordering::Acquire) == CLOSED
    }

    fn waiting(&self) -> MutexGuard<'_, Slab<Waker>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cold]
    fn done(&self) {
        let waiting = {
            let mut waiting = self.waiting();
            // ORDERING: Release pairs with the Acquire in `poll`.
            self.generation.fetch_add(1, Ordering::Release);
            std::mem::take(&mut *waiting)
        };
        for (_, waker) in waiting {
            waker.wake();
        }
    }

    fn leave(&self) {
        // ORDERING: Release, see the module.
        if self.state.fetch_sub(TOKEN, Ordering::Release) == TOKEN | CLOSED {
            // ORDERING: what the other tasks did comes before the wake.
            fence(Ordering::Acquire);
            self.done();
        }
    }
}

/// Waits until all of many tasks have ended, for a graceful shutdown.
///
/// Unlike a [`JoinSet`](crate::JoinSet) it keeps nothing of a task that has
/// ended, so it may be used for years without being waited on, and it does not
/// abort tasks when it is dropped. Clones are the same tracker.
///
/// ```
/// use sinew_runtime::TaskTracker;
///
/// # sinew_runtime::block_on(async {
/// let tracker = TaskTracker::new();
/// for n in 0..10 {
///     tracker.spawn(async move { n });
/// }
/// tracker.close();
/// tracker.wait().await;
/// assert!(tracker.is_empty());
/// # });
/// ```
#[derive(Clone, Default)]
pub struct TaskTracker {
    inner: Arc<Inner>,
}

impl TaskTracker {
    /// A tracker that is open and tracks nothing.
    #[must_use]
    pub fn new() -> TaskTracker {
        TaskTracker::default()
    }

    /// Waits until the tracker is closed and tracks nothing. It is over also if
    /// that was so for a moment only since this call.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    #[track_caller]
    pub fn wait(&self) -> TaskTrackerWaitFuture<'_> {
        let inner = &*self.inner;
        TaskTrackerWaitFuture {
            // ORDERING: Acquire pairs with the Release in `done`.
            generation: inner.generation.load(Ordering::Acquire),
            inner: (!inner.is_done()).then_some(inner),
            key: None,
            location: Location::caller(),
        }
    }

    /// Closes the tracker, so that [`wait`](Self::wait) can end. Tasks can still
    /// be added. `false` if it was closed before.
    pub fn close(&self) -> bool {
        // ORDERING: AcqRel, see the module.
        let before = self.inner.state.fetch_or(CLOSED, Ordering::AcqRel);
        if before == 0 {
            self.inner.done();
        }
        before & CLOSED == 0
    }

    /// Opens the tracker again. `false` if it was open.
    pub fn reopen(&self) -> bool {
        // ORDERING: AcqRel, see the module.
        let before = self.inner.state.fetch_and(!CLOSED, Ordering::AcqRel);
        before & CLOSED != 0
    }

    /// Whether the tracker is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        // ORDERING: Acquire, see the module.
        self.inner.state.load(Ordering::Acquire) & CLOSED != 0
    }

    /// How many tasks and other tokens there are.
    #[must_use]
    pub fn len(&self) -> usize {
        // ORDERING: Acquire, see the module.
        self.inner.state.load(Ordering::Acquire) / TOKEN
    }

    /// Whether nothing is tracked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Spawns a tracked task on the current runtime, as [`spawn`].
    #[track_caller]
    pub fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        spawn(self.track_future(task))
    }

    /// Spawns a tracked task on the runtime of `handle`.
    #[track_caller]
    pub fn spawn_on<F>(&self, task: F, handle: &Handle) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        handle.spawn(self.track_future(task))
    }

    /// Spawns a tracked task that need not be `Send`, as
    /// [`spawn_local`].
    ///
    /// # Panics
    ///
    /// Outside of a local context.
    #[track_caller]
    pub fn spawn_local<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        spawn_local(self.track_future(task))
    }

    /// Spawns a tracked task that need not be `Send` on `local_set`.
    #[track_caller]
    pub fn spawn_local_on<F>(&self, task: F, local_set: &LocalSet) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        local_set.spawn_local(self.track_future(task))
    }

    /// Runs a tracked closure on the current blocking pool, as
    /// [`spawn_blocking`].
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, task: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        spawn_blocking(tracked(self.token(), task))
    }

    /// Runs a tracked closure on the blocking pool of the runtime of `handle`.
    #[track_caller]
    pub fn spawn_blocking_on<F, R>(&self, task: F, handle: &Handle) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        handle.spawn_blocking(tracked(self.token(), task))
    }

    /// Tracks a future that is polled elsewhere, until it is dropped.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops `future` and then ends the tracking.
    pub fn track_future<F: Future>(&self, future: F) -> TrackedFuture<F> {
        TrackedFuture {
            future,
            token: self.token(),
        }
    }

    /// Something to be tracked until it is dropped.
    pub fn token(&self) -> TaskTrackerToken {
        // Relaxed: a token publishes nothing.
        self.inner.state.fetch_add(TOKEN, Ordering::Relaxed);
        TaskTrackerToken {
            tracker: self.clone(),
        }
    }

    /// Whether both are clones of one tracker.
    #[must_use]
    pub fn ptr_eq(left: &TaskTracker, right: &TaskTracker) -> bool {
        Arc::ptr_eq(&left.inner, &right.inner)
    }
}

/// A closure that is tracked until it has run or is dropped.
fn tracked<R>(token: TaskTrackerToken, f: impl FnOnce() -> R) -> impl FnOnce() -> R {
    move || {
        let output = f();
        drop(token);
        output
    }
}

impl fmt::Debug for TaskTracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskTracker")
            .field("len", &self.len())
            .field("is_closed", &self.is_closed())
            .finish()
    }
}

/// Keeps a [`TaskTracker`] waiting until it is dropped. Made by
/// [`TaskTracker::token`].
#[derive(Debug)]
#[must_use = "dropped at once, it tracks nothing"]
pub struct TaskTrackerToken {
    tracker: TaskTracker,
}

impl TaskTrackerToken {
    /// The tracker that it belongs to.
    #[must_use]
    pub fn task_tracker(&self) -> &TaskTracker {
        &self.tracker
    }
}

impl Clone for TaskTrackerToken {
    fn clone(&self) -> Self {
        self.tracker.token()
    }
}

impl Drop for TaskTrackerToken {
    fn drop(&mut self) {
        self.tracker.inner.leave();
    }
}

pin_project! {
    /// A future that is tracked. Made by [`TaskTracker::track_future`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct TrackedFuture<F> {
        // Dropped before the token: who has waited finds its resources released.
        #[pin]
        future: F,
        token: TaskTrackerToken,
    }
}

impl<F: Future> Future for TrackedFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

/// The future of [`TaskTracker::wait`].
#[must_use = "futures do nothing unless polled"]
pub struct TaskTrackerWaitFuture<'a> {
    /// `None` once it is over.
    inner: Option<&'a Inner>,
    /// As it was when the wait began.
    generation: u64,
    /// Of the waker that is left with the tracker.
    key: Option<usize>,
    location: &'static Location<'static>,
}

impl Future for TaskTrackerWaitFuture<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(inner) = self.inner else {
            return Poll::Ready(());
        };
        let mut waiting = inner.waiting();
        // ORDERING: Acquire pairs with the Release in `Inner::done`.
        let over = inner.generation.load(Ordering::Acquire) != self.generation;
        if over || inner.is_done() {
            // A new generation has taken all wakers out already.
            let mine = self.key.take().filter(|_| !over);
            let old = mine.and_then(|key| waiting.try_remove(key));
            drop(waiting);
            drop(old);
            self.inner = None;
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        let old = match self.key.and_then(|key| waiting.get_mut(key)) {
            Some(mine) => Some(std::mem::replace(mine, waker)),
            None => {
                self.key = Some(waiting.insert(waker));
                None
            }
        };
        drop(waiting);
        drop(old);
        leaf::pending(&Wait {
            kind: Kind::Task,
            resource: std::ptr::from_ref(inner).addr() as u64,
            location: self.location,
        })
    }
}

impl Drop for TaskTrackerWaitFuture<'_> {
    fn drop(&mut self) {
        let (Some(inner), Some(key)) = (self.inner, self.key) else {
            return;
        };
        let mut waiting = inner.waiting();
        // Relaxed: the lock orders it. In another generation the key is not ours.
        let mine = inner.generation.load(Ordering::Relaxed) == self.generation;
        let waker = if mine { waiting.try_remove(key) } else { None };
        drop(waiting);
        drop(waker);
    }
}

impl fmt::Debug for TaskTrackerWaitFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskTrackerWaitFuture")
            .field("over", &self.inner.is_none())
            .finish_non_exhaustive()
    }
}
