//! `JoinSet`: tasks that are spawned into a collection and joined as they finish.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::resume_unwind;
use std::task::{Context, Poll};

use sinew_executor::spawn_local;
use sinew_task::{AbortHandle, Id, JoinError, JoinHandle, Joined, TaskSet};

use crate::{Handle, LocalSet, spawn, spawn_blocking};

pub use builder::Builder;
pub use stream::JoinSetStream;

mod builder;
mod stream;

/// A collection of tasks with one output type, joined in the order in which they
/// finish.
///
/// Joining takes the same time however many tasks the set holds. Dropping the
/// set aborts all of them.
///
/// ```
/// use sinew_runtime::JoinSet;
///
/// # sinew_runtime::block_on(async {
/// let mut set = JoinSet::new();
/// for n in 0..10 {
///     set.spawn(async move { n });
/// }
/// let mut sum = 0;
/// while let Some(result) = set.join_next().await {
///     sum += result.unwrap();
/// }
/// assert_eq!(sum, 45);
/// # });
/// ```
pub struct JoinSet<T> {
    tasks: TaskSet<T>,
}

/// A result in the form in which a success carries the task's id and an error
/// has it anyway.
fn with_id<T>((id, result): Joined<T>) -> Result<(Id, T), JoinError> {
    result.map(|output| (id, output))
}

impl<T> JoinSet<T> {
    /// An empty set.
    #[track_caller]
    #[must_use]
    pub fn new() -> JoinSet<T> {
        JoinSet {
            tasks: TaskSet::new(),
        }
    }

    /// How many tasks are in the set: those that have not been joined.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether no task is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }
}

impl<T: 'static> JoinSet<T> {
    /// Sets what the next task is given, a name for example, before it is
    /// spawned into the set.
    pub fn build_task(&mut self) -> Builder<'_, T> {
        Builder::new(self)
    }

    pub(crate) fn insert(&mut self, handle: JoinHandle<T>) -> AbortHandle {
        self.tasks.insert(handle)
    }

    /// Spawns a task on the current runtime, as [`spawn`] does.
    /// The handle that is returned can abort it.
    #[track_caller]
    pub fn spawn<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.insert(spawn(task))
    }

    /// Spawns a task on the runtime of `handle`.
    #[track_caller]
    pub fn spawn_on<F>(&mut self, task: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn(task))
    }

    /// Spawns a task that need not be `Send`, as
    /// [`spawn_local`] does.
    ///
    /// # Panics
    ///
    /// Outside of a local context.
    #[track_caller]
    pub fn spawn_local<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.insert(spawn_local(task))
    }

    /// Spawns a task that need not be `Send` on `local_set`.
    #[track_caller]
    pub fn spawn_local_on<F>(&mut self, task: F, local_set: &LocalSet) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.insert(local_set.spawn_local(task))
    }

    /// Runs a closure on the current blocking pool, as
    /// [`spawn_blocking`] does. Aborting keeps it from
    /// starting; one that runs goes on.
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, f: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(spawn_blocking(f))
    }

    /// Runs a closure on the blocking pool of the runtime of `handle`.
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, f: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn_blocking(f))
    }

    /// The output of the next task to finish; `None` once the set is empty.
    ///
    /// # Errors
    ///
    /// The item is an error if the task panicked or was aborted.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: a task stays in the set until
    /// its result has been given.
    pub async fn join_next(&mut self) -> Option<Result<T, JoinError>> {
        poll_fn(|cx| self.poll_join_next(cx)).await
    }

    /// As [`join_next`](Self::join_next), with the task's id. That of a task
    /// which failed is in the error.
    ///
    /// # Errors
    ///
    /// The item is an error if the task panicked or was aborted.
    ///
    /// # Cancel safety
    ///
    /// As of [`join_next`](Self::join_next).
    pub async fn join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        poll_fn(|cx| self.poll_join_next_with_id(cx)).await
    }

    /// The output of a task that has finished. `None` if there is none now.
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        self.tasks.try_join_next().map(|(_, result)| result)
    }

    /// As [`try_join_next`](Self::try_join_next), with the task's id.
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        self.tasks.try_join_next().map(with_id)
    }

    /// Aborts all tasks and waits until they have ended. The set is empty then.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll, the tasks are aborted and those not joined
    /// yet are still in the set.
    pub async fn shutdown(&mut self) {
        self.abort_all();
        while self.join_next().await.is_some() {}
    }

    /// Waits for all tasks and gives their outputs in the order in which they
    /// finished.
    ///
    /// # Panics
    ///
    /// If a task panics, with what it panicked with; if one is aborted. The
    /// tasks that are left are aborted then.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future aborts the tasks and loses the outputs so far. To
    /// keep them, call [`join_next`](Self::join_next) in a loop.
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

    /// Aborts all tasks. They stay in the set until they are joined.
    pub fn abort_all(&mut self) {
        self.tasks.abort_all();
    }

    /// Takes all tasks out of the set without aborting them.
    pub fn detach_all(&mut self) {
        self.tasks.detach_all();
    }

    /// Polls for the next task to finish. `Ready(None)` once the set is empty.
    ///
    /// With `Pending`, the waker is woken when a task finishes. It may also be
    /// woken at once, when the budget of the calling task is used up.
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        let joined = self.tasks.poll_join_next(cx);
        joined.map(|joined| joined.map(|(_, result)| result))
    }

    /// As [`poll_join_next`](Self::poll_join_next), with the task's id.
    pub fn poll_join_next_with_id(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(Id, T), JoinError>>> {
        let joined = self.tasks.poll_join_next(cx);
        joined.map(|joined| joined.map(with_id))
    }
}

impl<T> Default for JoinSet<T> {
    #[track_caller]
    fn default() -> Self {
        JoinSet::new()
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinSet").field("len", &self.len()).finish()
    }
}

/// Spawns each future, as [`JoinSet::spawn`] does.
impl<T, F> FromIterator<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = F>>(futures: I) -> Self {
        let mut set = JoinSet::new();
        set.extend(futures);
        set
    }
}

/// Spawns each future, as [`JoinSet::spawn`] does.
impl<T, F> Extend<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    #[track_caller]
    fn extend<I: IntoIterator<Item = F>>(&mut self, futures: I) {
        for future in futures {
            self.spawn(future);
        }
    }
}
