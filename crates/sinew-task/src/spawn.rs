//! Making tasks.

use std::future::Future;
use std::mem::ManuallyDrop;
use std::panic::Location;
use std::ptr;
use std::sync::Arc;

use async_task::WithInfo;

use crate::body::{Body, Output};
use crate::schedule::dispatch;
use crate::{JoinHandle, Metadata, Runnable, Schedule, hooks};

/// Spawns `future` as a task of `scheduler`.
///
/// The task is scheduled at once. Should the scheduler be shut down, the future
/// is dropped here and the handle gives a cancelled error.
///
/// ```
/// # use sinew_task::{Runnable, Schedule};
/// # struct Inline;
/// # impl Schedule for Inline { fn schedule(&self, task: Runnable) { task.run(); } }
/// # let scheduler = std::sync::Arc::new(Inline);
/// let handle = sinew_task::spawn_on(scheduler, async { "done" });
/// assert_eq!(sinew_core::block_on(handle).unwrap(), "done");
/// ```
#[track_caller]
pub fn spawn_on<F>(scheduler: Arc<dyn Schedule>, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    Builder::new().spawn_on(scheduler, future)
}

/// Spawns a future that need not be `Send` nor `'static`.
///
/// # Safety
///
/// - If `future` is not `Send`, the scheduler must run and drop each of the
///   task's [`Runnable`]s on the thread that called this function.
/// - If `future` or its output is not `'static`, the scheduler must see to it
///   that the future is dropped before anything it borrows: it must run or drop
///   every runnable of the task, and cancel the task if it is idle, before then.
///   The [`JoinHandle`] cannot outlive what the output borrows, by its type.
#[track_caller]
pub unsafe fn spawn_unchecked<F: Future>(
    scheduler: Arc<dyn Schedule>,
    future: F,
) -> JoinHandle<F::Output> {
    // SAFETY: the caller's promise is the one that is asked for.
    unsafe { Builder::new().spawn_unchecked(scheduler, future) }
}

/// Sets what a task is given before it is spawned.
///
/// ```
/// # use sinew_task::{Runnable, Schedule};
/// # struct Inline;
/// # impl Schedule for Inline { fn schedule(&self, task: Runnable) { task.run(); } }
/// # let scheduler = std::sync::Arc::new(Inline);
/// let handle = sinew_task::Builder::new()
///     .name("answer")
///     .spawn_on(scheduler, async { 42 });
/// assert_eq!(sinew_core::block_on(handle).unwrap(), 42);
/// ```
#[derive(Debug, Default)]
#[must_use = "a Builder does nothing until it spawns"]
pub struct Builder {
    pub(crate) name: Option<Box<str>>,
    pub(crate) location: Option<&'static Location<'static>>,
}

impl Builder {
    /// A builder for a task without a name.
    pub fn new() -> Builder {
        Builder::default()
    }

    /// Names the task. The name shows in a [`JoinError`](crate::JoinError) and
    /// wherever tasks are listed.
    pub fn name(mut self, name: impl Into<Box<str>>) -> Builder {
        self.name = Some(name.into());
        self
    }

    /// Says where the task is spawned, for who spawns on behalf of somebody else.
    /// The place of the call that spawns if not set.
    pub fn location(mut self, location: &'static Location<'static>) -> Builder {
        self.location = Some(location);
        self
    }

    /// Spawns `future` as a task of `scheduler`. See [`spawn_on`].
    #[track_caller]
    pub fn spawn_on<F>(self, scheduler: Arc<dyn Schedule>, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_on_ref(&scheduler, future)
    }

    /// As [`spawn_on`](Self::spawn_on), for who has the scheduler at hand and need
    /// not give a reference away.
    #[inline]
    #[track_caller]
    pub fn spawn_on_ref<F>(self, scheduler: &Arc<dyn Schedule>, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let location = self.location.unwrap_or(Location::caller());
        if let Some(queue) = scheduler.local_queue().filter(|queue| queue.is_mine()) {
            return queue.spawn(self.location(location), future);
        }
        self.spawn_shared(scheduler, location, future)
    }

    /// Spawns `future` into one of async-task's cells.
    fn spawn_shared<F>(
        self,
        scheduler: &Arc<dyn Schedule>,
        location: &'static Location<'static>,
        future: F,
    ) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let metadata = metadata(scheduler, self.name, location);
        let (runnable, task) = async_task::Builder::new()
            .metadata(metadata)
            .spawn(|metadata| Body::new(future, metadata), WithInfo(dispatch));
        start(runnable, task)
    }

    /// As [`spawn_on`](Self::spawn_on), for a scheduler that lives for ever: the
    /// task counts no reference to it.
    #[track_caller]
    pub fn spawn_on_static<F>(
        self,
        scheduler: &'static Arc<dyn Schedule>,
        future: F,
    ) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let location = self.location.unwrap_or(Location::caller());
        // SAFETY: a copy of an `Arc` that is never dropped, of which there is one
        // that lives for ever.
        let held = ManuallyDrop::new(unsafe { ptr::read(scheduler) });
        let metadata = Metadata::new(held, false, self.name, location);
        let (runnable, task) = async_task::Builder::new()
            .metadata(metadata)
            .spawn(|metadata| Body::new(future, metadata), WithInfo(dispatch));
        start(runnable, task)
    }

    /// Spawns a future that need not be `Send` nor `'static`.
    ///
    /// # Safety
    ///
    /// As of the function [`spawn_unchecked`].
    #[track_caller]
    pub unsafe fn spawn_unchecked<F: Future>(
        self,
        scheduler: Arc<dyn Schedule>,
        future: F,
    ) -> JoinHandle<F::Output> {
        let location = self.location.unwrap_or(Location::caller());
        let metadata = metadata(&scheduler, self.name, location);
        let builder = async_task::Builder::new().metadata(metadata);
        // SAFETY: thread and lifetimes are the caller's promise; the schedule
        // function captures nothing, so it is `Send`, `Sync` and `'static`.
        let (runnable, task) = unsafe {
            builder.spawn_unchecked(|metadata| Body::new(future, metadata), WithInfo(dispatch))
        };
        start(runnable, task)
    }
}

/// The metadata of a new task. The caller keeps `scheduler` until the task has
/// been entered into its list.
fn metadata(
    scheduler: &Arc<dyn Schedule>,
    name: Option<Box<str>>,
    location: &'static Location<'static>,
) -> Metadata {
    let kept = scheduler
        .tasks()
        .is_some_and(|tasks| tasks.keeps(scheduler));
    let held = if kept {
        // SAFETY: a copy of an `Arc` that is never dropped, since the metadata is
        // told that it is not counted; it is used no longer than its invariant 5
        // allows.
        ManuallyDrop::new(unsafe { ptr::read(scheduler) })
    } else {
        ManuallyDrop::new(Arc::clone(scheduler))
    };
    Metadata::new(held, !kept, name, location)
}

/// Enters a new task into its scheduler's list and schedules it.
fn start<T>(
    runnable: async_task::Runnable<Metadata>,
    task: async_task::Task<Output<T>, Metadata>,
) -> JoinHandle<T> {
    let metadata = runnable.metadata();
    let waker = runnable.waker();
    // SAFETY: the task was made a moment ago and has not been given out.
    unsafe { metadata.set_waker(&waker) };
    let handle = JoinHandle::new(task);
    if let Some(hooks) = metadata.hooks() {
        hooks::call(|| hooks.spawned(metadata));
    }
    let refused = match metadata.scheduler().tasks() {
        // SAFETY: a new task is in no list. `Body` takes it out when its future
        // is dropped and then drops the list's reference.
        Some(tasks) => unsafe { tasks.insert(metadata, waker) }.is_err(),
        None => false,
    };
    if refused {
        drop(Runnable::new(runnable));
    } else {
        runnable.schedule();
    }
    handle
}

#[cfg(test)]
mod tests;
