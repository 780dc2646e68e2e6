//! `JoinQueue`: tasks that are joined in the order in which they were spawned.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::resume_unwind;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};

use sinew_core::coop;
use sinew_executor::spawn_local;
use sinew_task::{AbortHandle, AbortOnDropHandle, Id, JoinError, JoinHandle, Joined};

use crate::{Handle, spawn, spawn_blocking};

/// A queue of tasks with one output type, joined first in, first out.
///
/// A task that finishes early waits for those before it. Dropping the queue
/// aborts all tasks in it.
///
/// ```
/// use sinew_runtime::JoinQueue;
///
/// # sinew_runtime::block_on(async {
/// let mut queue = JoinQueue::new();
/// for n in 0..3 {
///     queue.spawn(async move { n });
/// }
/// assert_eq!(queue.join_all().await, [0, 1, 2]);
/// # });
/// ```
pub struct JoinQueue<T>(VecDeque<AbortOnDropHandle<T>>);

fn with_id<T>((id, result): Joined<T>) -> Result<(Id, T), JoinError> {
    result.map(|output| (id, output))
}

impl<T> JoinQueue<T> {
    /// An empty queue.
    #[must_use]
    pub const fn new() -> JoinQueue<T> {
        JoinQueue(VecDeque::new())
    }

    /// An empty queue with room for `capacity` tasks.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> JoinQueue<T> {
        JoinQueue(VecDeque::with_capacity(capacity))
    }

    /// How many tasks are in the queue: those that have not been joined.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no task is in the queue.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn push(&mut self, handle: JoinHandle<T>) -> AbortHandle {
        let abort = handle.abort_handle();
        self.0.push_back(AbortOnDropHandle::new(handle));
        abort
    }

    /// Spawns a task on the current runtime, as [`spawn`](crate::spawn) does.
    /// The handle that is returned can abort it.
    #[track_caller]
    pub fn spawn<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        self.push(spawn(task))
    }

    /// Spawns a task on the runtime of `handle`.
    #[track_caller]
    pub fn spawn_on<F>(&mut self, task: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        self.push(handle.spawn(task))
    }

    /// Spawns a task that need not be `Send`, as
    /// [`spawn_local`](crate::spawn_local) does.
    ///
    /// # Panics
    ///
    /// Outside of a local context.
    #[track_caller]
    pub fn spawn_local<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
        T: 'static,
    {
        self.push(spawn_local(task))
    }

    /// Runs a closure on the current blocking pool, as
    /// [`spawn_blocking`](crate::spawn_blocking) does.
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, f: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.push(spawn_blocking(f))
    }

    /// Runs a closure on the blocking pool of the runtime of `handle`.
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, f: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.push(handle.spawn_blocking(f))
    }

    /// The output of the task that was spawned first; `None` once the queue is
    /// empty.
    ///
    /// # Errors
    ///
    /// The item is an error if the task panicked or was aborted.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn join_next(&mut self) -> Option<Result<T, JoinError>> {
        poll_fn(|cx| self.poll_join_next(cx)).await
    }

    /// As [`join_next`](Self::join_next), with the task's id.
    ///
    /// # Errors
    ///
    /// The item is an error if the task panicked or was aborted.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        poll_fn(|cx| self.poll_join_next_with_id(cx)).await
    }

    /// The output of the task that was spawned first, if it has finished.
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        self.try_join().map(|(_, result)| result)
    }

    /// As [`try_join_next`](Self::try_join_next), with the task's id.
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        self.try_join().map(with_id)
    }

    fn try_join(&mut self) -> Option<Joined<T>> {
        let first = self.0.front_mut()?;
        // Asked first, so that the poll does not replace the waker of a task
        // that is awaited.
        if !first.is_finished() {
            return None;
        }
        // The caller cannot give way here, so it spends no budget.
        let polled = pin!(coop::unconstrained(first)).poll(&mut Context::from_waker(Waker::noop()));
        match polled {
            Poll::Ready(result) => Some((self.pop()?, result)),
            Poll::Pending => None,
        }
    }

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Option<Joined<T>>> {
        let Some(first) = self.0.front_mut() else {
            return Poll::Ready(None);
        };
        let result = ready!(Pin::new(first).poll(cx));
        Poll::Ready(self.pop().map(|id| (id, result)))
    }

    /// Takes the first handle, which has given its result, out of the queue.
    fn pop(&mut self) -> Option<Id> {
        self.0.pop_front().map(|first| first.detach().id())
    }

    /// Aborts all tasks and waits until they have ended. The queue is empty then.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll, the tasks are aborted and those not joined
    /// yet are still in the queue.
    pub async fn shutdown(&mut self) {
        self.abort_all();
        while self.join_next().await.is_some() {}
    }

    /// Waits for all tasks and gives their outputs in the order of spawning.
    ///
    /// # Panics
    ///
    /// If a task panics, with what it panicked with; if one is aborted. The
    /// tasks that are left are aborted then.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future aborts the tasks and loses the outputs so far.
    pub async fn join_all(mut self) -> Vec<T> {
        let mut outputs = Vec::with_capacity(self.len());
        while let Some(result) = self.join_next().await {
            match result.map_err(JoinError::try_into_panic) {
                Ok(output) => outputs.push(output),
                Err(Ok(payload)) => resume_unwind(payload),
                Err(Err(error)) => panic!("{error}"),
            }
        }
        outputs
    }

    /// Aborts all tasks. They stay in the queue until they are joined.
    pub fn abort_all(&mut self) {
        for handle in &self.0 {
            handle.abort();
        }
    }

    /// Takes all tasks out of the queue without aborting them.
    pub fn detach_all(&mut self) {
        for handle in self.0.drain(..) {
            drop(handle.detach());
        }
    }

    /// Polls for the result of the task that was spawned first. `Ready(None)`
    /// once the queue is empty.
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        let joined = self.poll_join(cx);
        joined.map(|joined| joined.map(|(_, result)| result))
    }

    /// As [`poll_join_next`](Self::poll_join_next), with the task's id.
    pub fn poll_join_next_with_id(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(Id, T), JoinError>>> {
        self.poll_join(cx).map(|joined| joined.map(with_id))
    }
}

impl<T> Default for JoinQueue<T> {
    fn default() -> Self {
        JoinQueue::new()
    }
}

impl<T> fmt::Debug for JoinQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.0.iter().map(|handle| handle.as_ref().id());
        f.debug_list().entries(ids).finish()
    }
}

/// Spawns each future, as [`JoinQueue::spawn`] does.
impl<T, F> FromIterator<F> for JoinQueue<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = F>>(futures: I) -> Self {
        let mut queue = JoinQueue::new();
        for future in futures {
            queue.spawn(future);
        }
        queue
    }
}
