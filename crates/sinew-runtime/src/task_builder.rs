//! `Builder` of a task.

use std::future::Future;
use std::io;

use sinew_executor::LocalSpawner;
use sinew_task::JoinHandle;

use crate::{Handle, LocalSet, spawn};

/// Sets what a task is given before it is spawned.
///
/// ```
/// use sinew_runtime::TaskBuilder;
///
/// # sinew_runtime::block_on(async {
/// let task = TaskBuilder::new().name("answer").spawn(async { 42 })?;
/// assert_eq!(task.await.unwrap(), 42);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "a Builder does nothing until it spawns"]
pub struct Builder<'a> {
    name: Option<&'a str>,
}

impl<'a> Builder<'a> {
    /// A builder for a task without a name.
    pub fn new() -> Builder<'a> {
        Builder::default()
    }

    /// Names the task. The name shows in its `JoinError` and wherever tasks are
    /// listed.
    pub fn name(&self, name: &'a str) -> Builder<'a> {
        Builder { name: Some(name) }
    }

    pub(crate) fn of_task(self) -> sinew_task::Builder {
        match self.name {
            Some(name) => sinew_task::Builder::new().name(name),
            None => sinew_task::Builder::new(),
        }
    }

    /// Spawns a task on the current runtime, as [`spawn`](crate::spawn) does.
    ///
    /// # Errors
    ///
    /// When the default runtime has to be started and cannot be.
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Ok(self.of_task().spawn_on(spawn::try_scheduler()?, future))
    }

    /// Spawns a task on the runtime of `handle`.
    ///
    /// # Errors
    ///
    /// None at present: a runtime that has ended cancels the task instead.
    #[track_caller]
    pub fn spawn_on<F>(self, future: F, handle: &Handle) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Ok(self
            .of_task()
            .spawn_on(handle.inner.schedule.clone(), future))
    }

    /// Spawns a task that need not be `Send`, as
    /// [`spawn_local`](crate::spawn_local) does.
    ///
    /// # Errors
    ///
    /// None at present.
    ///
    /// # Panics
    ///
    /// Outside of a local context.
    #[track_caller]
    pub fn spawn_local<F>(self, future: F) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        Ok(LocalSpawner::expect_current().spawn_with(self.of_task(), future))
    }

    /// Spawns a task that need not be `Send` on `local_set`.
    ///
    /// # Errors
    ///
    /// None at present.
    #[track_caller]
    pub fn spawn_local_on<F>(
        self,
        future: F,
        local_set: &LocalSet,
    ) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        Ok(local_set.spawn_with(self.of_task(), future))
    }

    /// Runs a closure on the current blocking pool, as
    /// [`spawn_blocking`](crate::spawn_blocking) does.
    ///
    /// # Errors
    ///
    /// None at present: if no thread can be started, the closure is cancelled.
    #[track_caller]
    pub fn spawn_blocking<F, R>(self, f: F) -> io::Result<JoinHandle<R>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let pool = sinew_blocking::Pool::current()?;
        Ok(pool.spawn_with(self.of_task(), f))
    }

    /// Runs a closure on the blocking pool of the runtime of `handle`.
    ///
    /// # Errors
    ///
    /// None at present: if no thread can be started, the closure is cancelled.
    #[track_caller]
    pub fn spawn_blocking_on<F, R>(self, f: F, handle: &Handle) -> io::Result<JoinHandle<R>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        Ok(handle.inner.pool.spawn_with(self.of_task(), f))
    }
}
