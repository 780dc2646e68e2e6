//! Making tasks.

use std::fmt;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::panic::Location;
use std::ptr;
use std::sync::Arc;

use crate::metadata::{Home, HomePtr};
use crate::origin::Origin;
use crate::shared_cell::{CellPtr, allocate};
use crate::{JoinHandle, Metadata, Runnable, Schedule, TaskList, hooks};

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
        let builder = self.location(location);
        if let Some(queue) = scheduler.local_queue().filter(|queue| queue.is_mine()) {
            return queue.spawn(builder, future);
        }
        // SAFETY: the future and its output are `Send` and `'static`.
        unsafe { builder.spawn_shared(scheduler, future) }
    }

    /// As [`spawn_on`](Self::spawn_on), for a scheduler that lives for ever: the
    /// task counts no reference to it, and is in no list.
    #[track_caller]
    pub fn spawn_on_static<F>(
        self,
        scheduler: &'static StaticSchedule,
        future: F,
    ) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let home = HomePtr::kept(&scheduler.0);
        let origin = self.origin();
        let cell = allocate(future, Metadata::new(origin, home), false);
        // SAFETY: the cell was made just now, of a future with this output.
        let handle = unsafe { JoinHandle::new(cell) };
        // SAFETY: the cell was made just now, and is in no list.
        unsafe { start(cell, &**scheduler.0.scheduler(), None) };
        handle
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
        // SAFETY: thread and lifetimes are the caller's promise.
        unsafe { self.spawn_shared(&scheduler, future) }
    }

    #[track_caller]
    fn origin(self) -> Origin {
        Origin::new(self.location.unwrap_or(Location::caller()), self.name)
    }

    /// # Safety
    ///
    /// As of the function [`spawn_unchecked`].
    #[inline]
    #[track_caller]
    unsafe fn spawn_shared<F: Future>(
        self,
        scheduler: &Arc<dyn Schedule>,
        future: F,
    ) -> JoinHandle<F::Output> {
        let list = scheduler.tasks();
        let home = match list {
            Some(list) => list.home(scheduler),
            None => HomePtr::counted(scheduler.clone(), ptr::null(), ptr::null()),
        };
        let metadata = Metadata::new(self.origin(), home);
        let cell = allocate(future, metadata, list.is_some());
        // SAFETY: the cell was made just now, of a future with this output.
        let handle = unsafe { JoinHandle::new(cell) };
        // SAFETY: the cell was made just now, for this list, and the caller keeps the
        // scheduler.
        unsafe { start(cell, &**scheduler, list) };
        handle
    }
}

/// A scheduler that lives for ever, for [`Builder::spawn_on_static`].
pub struct StaticSchedule(Home);

impl StaticSchedule {
    /// Its [`tasks`](Schedule::tasks) are not asked for.
    #[must_use]
    pub fn new(scheduler: Arc<dyn Schedule>) -> StaticSchedule {
        let scheduler = ManuallyDrop::new(scheduler);
        StaticSchedule(Home::new(scheduler, ptr::null(), ptr::null()))
    }
}

impl fmt::Debug for StaticSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticSchedule").finish_non_exhaustive()
    }
}

/// Enters a new task into its scheduler's list and schedules it. Unlike one that is
/// woken, it need not look for its scheduler, nor keep it: the caller does.
///
/// # Safety
///
/// `scheduler` is that of the cell. As of [`TaskList::enter`] if there is a list; else the cell was made as one that is
/// in none.
unsafe fn start(cell: CellPtr, scheduler: &dyn Schedule, list: Option<&TaskList>) {
    let metadata = cell.metadata();
    if let Some(hooks) = metadata.hooks() {
        hooks::call(&mut || hooks.spawned(metadata));
    }
    // SAFETY: a cell is made scheduled, and this is its `Runnable`.
    let task = unsafe { Runnable::new(cell) };
    // SAFETY: the caller's promise.
    if list.is_none_or(|list| unsafe { list.enter(cell) }) {
        scheduler.schedule(task);
    }
}

#[cfg(test)]
mod tests;
