//! What a scheduler can be told of its tasks' lives.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};

use crate::{Id, Metadata};

/// Called at the points of a task's life, for schedulers that return it from
/// [`Schedule::hooks`](crate::Schedule::hooks).
///
/// Each method does nothing unless it is overridden. They are called on the
/// thread where it happens, also inside of a `wake` or a `drop`, so they should
/// be short and must not wait. A hook that panics does not disturb the task: the
/// panic hook reports it, and the task goes on.
pub trait TaskHooks: Send + Sync + 'static {
    /// A task has been made and will be scheduled next.
    fn spawned(&self, task: &Metadata) {
        let _ = task;
    }

    /// A task is about to be polled.
    fn before_poll(&self, task: &Metadata) {
        let _ = task;
    }

    /// A task has just been polled.
    fn after_poll(&self, task: &Metadata) {
        let _ = task;
    }

    /// The task's future has been dropped: it has completed, panicked or been
    /// cancelled. Whoever awaits the task learns of it after this call.
    fn terminated(&self, task: &Metadata) {
        let _ = task;
    }

    /// A task has panicked, whether somebody awaits it or not.
    fn panicked(&self, panic: &TaskPanic<'_>) {
        let _ = panic;
    }

    /// A task has panicked and nobody will learn it from its handle: that was
    /// dropped before, or is now, without having given the error.
    fn panic_unseen(&self, panic: &TaskPanic<'_>) {
        let _ = panic;
    }
}

/// A panic of a task, as hooks see it.
pub struct TaskPanic<'a> {
    pub(crate) id: Id,
    pub(crate) name: Option<&'a str>,
    pub(crate) spawned_at: &'static Location<'static>,
    pub(crate) payload: &'a (dyn Any + Send),
}

impl<'a> TaskPanic<'a> {
    /// The task's id.
    #[must_use]
    pub fn id(&self) -> Id {
        self.id
    }

    /// The task's name, if it was given one.
    #[must_use]
    pub fn name(&self) -> Option<&'a str> {
        self.name
    }

    /// Where the task was spawned.
    #[must_use]
    pub fn spawned_at(&self) -> &'static Location<'static> {
        self.spawned_at
    }

    /// What the task panicked with.
    #[must_use]
    pub fn payload(&self) -> &'a (dyn Any + Send) {
        self.payload
    }

    /// The panic's message, if it was raised with one.
    #[must_use]
    pub fn message(&self) -> Option<&'a str> {
        message_of(self.payload)
    }
}

impl fmt::Debug for TaskPanic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskPanic")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("spawned_at", &format_args!("{}", self.spawned_at))
            .field("message", &self.message())
            .finish()
    }
}

/// The text of a panic that was raised with a text.
pub(crate) fn message_of(payload: &(dyn Any + Send)) -> Option<&str> {
    if let Some(message) = payload.downcast_ref::<String>() {
        return Some(message);
    }
    payload.downcast_ref::<&'static str>().copied()
}

/// Calls a hook. What it panics with stays here. Not generic, so that it is there once.
#[cold]
pub(crate) fn call(hook: &mut dyn FnMut()) {
    // The panic hook has reported it; the task is not to suffer from it.
    let _ = catch_unwind(AssertUnwindSafe(hook));
}

// These are called in code that is there for each type of task.

#[cold]
pub(crate) fn before_poll(hooks: &dyn TaskHooks, task: &Metadata) {
    call(&mut || hooks.before_poll(task));
}

#[cold]
pub(crate) fn after_poll(hooks: &dyn TaskHooks, task: &Metadata) {
    call(&mut || hooks.after_poll(task));
}
