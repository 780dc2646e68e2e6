//! Many tasks of one output type, joined as they finish.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::{Pin, pin};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};
use slab::Slab;

use crate::wake_queue::{Keyed, WakeQueue};
use crate::{AbortHandle, Id, JoinError, JoinHandle};

/// The result of a task, and which task it was.
pub type Joined<T> = (Id, Result<T, JoinError>);

/// Holds the handles of many tasks and gives their results as they finish.
///
/// It knows no executor: handles are put in by [`insert`](Self::insert). A set
/// that can also spawn is `JoinSet`, in `sinew-runtime`, which is this one and
/// a shell. Joining takes the same time however many tasks are still in the set.
///
/// Dropping the set aborts all tasks in it.
///
/// ```
/// # use sinew_task::{Runnable, Schedule, TaskSet, spawn_on};
/// # struct Inline;
/// # impl Schedule for Inline { fn schedule(&self, task: Runnable) { task.run(); } }
/// # let scheduler = std::sync::Arc::new(Inline);
/// let mut tasks = TaskSet::new();
/// for n in 0..3 {
///     tasks.insert(spawn_on(scheduler.clone(), async move { n }));
/// }
/// let mut sum = 0;
/// while let Some((_id, result)) = tasks.try_join_next() {
///     sum += result.unwrap();
/// }
/// assert_eq!(sum, 3);
/// ```
pub struct TaskSet<T> {
    handles: Slab<JoinHandle<T>>,
    /// Of tasks that had finished when they were put in. Behind a lock that is
    /// never waited for: it makes the set `Sync` for outputs that are not.
    early: Mutex<VecDeque<Early<T>>>,
    woken: WakeQueue,
    location: &'static Location<'static>,
}

/// Outputs are moved in and out; none is ever pinned.
impl<T> Unpin for TaskSet<T> {}

/// A result that nobody has been given yet.
struct Early<T> {
    id: Id,
    /// `None` once it has been given.
    result: Option<Result<T, JoinError>>,
}

impl<T> Drop for Early<T> {
    fn drop(&mut self) {
        if let Some(Err(error)) = &self.result {
            error.report_unseen();
        }
    }
}

impl<T> Early<T> {
    fn take(mut self) -> Joined<T> {
        let mut result = self.result.take();
        if let Some(Err(error)) = &mut result {
            error.seen();
        }
        match result {
            Some(result) => (self.id, result),
            None => unreachable!("a result is taken once, by value"),
        }
    }
}

impl<T> TaskSet<T> {
    /// An empty set.
    #[track_caller]
    #[must_use]
    pub fn new() -> TaskSet<T> {
        TaskSet {
            handles: Slab::new(),
            early: Mutex::default(),
            woken: WakeQueue::default(),
            location: Location::caller(),
        }
    }

    fn early(&mut self) -> &mut VecDeque<Early<T>> {
        self.early.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many tasks are in the set: those that have not been joined.
    #[must_use]
    pub fn len(&self) -> usize {
        let early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
        self.handles.len() + early.len()
    }

    /// Whether no task is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts a task in. The handle that is returned can abort it.
    pub fn insert(&mut self, mut handle: JoinHandle<T>) -> AbortHandle {
        let abort = handle.abort_handle();
        // The first poll leaves a waker with the task. It is no operation of
        // the caller's, so it costs no budget.
        let waker = self.woken.waker(self.handles.vacant_key());
        match poll_unbudgeted(&mut handle, &mut Context::from_waker(&waker)) {
            Poll::Pending => {
                self.handles.insert(handle);
            }
            Poll::Ready(result) => {
                let result = Some(result);
                let id = handle.id();
                self.early().push_back(Early { id, result });
                self.woken.wake_waiting();
            }
        }
        abort
    }

    /// The next result if a task has finished. `None` if none has, also if there
    /// is none.
    pub fn try_join_next(&mut self) -> Option<Joined<T>> {
        if let Some(early) = self.early().pop_front() {
            return Some(early.take());
        }
        loop {
            let keyed = self.woken.pop(None)?;
            let joined = self.poll_woken(keyed, |handle, cx| {
                // The caller cannot give way here, so it spends no budget.
                pin!(coop::unconstrained(handle)).poll(cx)
            });
            if joined.is_some() {
                return joined;
            }
        }
    }

    /// The result of the next task to finish; `None` once the set is empty.
    ///
    /// With `Pending`, the waker is woken when a task finishes, or at once if
    /// the budget of the task that this runs in is used up.
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Joined<T>>> {
        if let Some(early) = self.early().pop_front() {
            return Poll::Ready(Some(early.take()));
        }
        let Some(keyed) = self.woken.pop(Some(cx)) else {
            if self.handles.is_empty() {
                return Poll::Ready(None);
            }
            return leaf::pending(&Wait {
                kind: Kind::Task,
                resource: 0,
                location: self.location,
            });
        };
        match self.poll_woken(keyed, |handle, cx| Pin::new(handle).poll(cx)) {
            Some(joined) => Poll::Ready(Some(joined)),
            None => {
                // A handle that is woken is ready, unless the budget is used up.
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    /// Polls the handle that a waker stands for, and takes it out if it is done.
    fn poll_woken(
        &mut self,
        keyed: Keyed,
        poll: impl FnOnce(&mut JoinHandle<T>, &mut Context<'_>) -> Poll<Result<T, JoinError>>,
    ) -> Option<Joined<T>> {
        let key = keyed.key();
        // The waker of a handle that has gone may come late, and its key may be
        // another's by now: then this poll is one too many, which is harmless.
        let handle = self.handles.get_mut(key)?;
        let waker = keyed.into_waker();
        match poll(handle, &mut Context::from_waker(&waker)) {
            Poll::Pending => None,
            Poll::Ready(result) => Some((self.handles.remove(key).id(), result)),
        }
    }

    /// The result of the next task to finish; `None` once the set is empty.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: the result of a task stays in
    /// the set until a poll gives it.
    pub async fn join_next(&mut self) -> Option<Joined<T>> {
        poll_fn(|cx| self.poll_join_next(cx)).await
    }

    /// Aborts all tasks. They stay in the set until they are joined.
    pub fn abort_all(&self) {
        for (_, handle) in &self.handles {
            handle.abort();
        }
    }

    /// Takes all tasks out without aborting them.
    pub fn detach_all(&mut self) {
        // Forgets the wakers too, which stand for handles that are gone.
        self.woken = WakeQueue::default();
        self.handles.clear();
        self.early().clear();
    }
}

fn poll_unbudgeted<T>(
    handle: &mut JoinHandle<T>,
    cx: &mut Context<'_>,
) -> Poll<Result<T, JoinError>> {
    let future = coop::unconstrained(poll_fn(|cx| handle.poll_unseen(cx)));
    pin!(future).poll(cx)
}

impl<T> Drop for TaskSet<T> {
    fn drop(&mut self) {
        self.abort_all();
    }
}

impl<T> Default for TaskSet<T> {
    #[track_caller]
    fn default() -> Self {
        TaskSet::new()
    }
}

impl<T> fmt::Debug for TaskSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskSet").field("len", &self.len()).finish()
    }
}

#[cfg(test)]
mod tests;
