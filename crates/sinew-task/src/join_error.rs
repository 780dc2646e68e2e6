//! Why a task gave no output.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::io;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};

use sinew_core::OutOfLine;

use crate::hooks::{self, message_of};
use crate::{Id, Metadata, Schedule, TaskHooks, TaskPanic};

/// A task ended without an output: it panicked or was cancelled.
///
/// `Display` names the task, by its id and its name if it has one, and the
/// place where it was spawned.
pub struct JoinError(OutOfLine<Box<Inner>>);

struct Inner {
    id: Id,
    name: Option<Box<str>>,
    location: &'static Location<'static>,
    cause: Cause,
    /// Of a panic that nobody has been shown yet: whose hooks to tell if that
    /// stays so. Only where there are hooks.
    unseen: Option<Arc<dyn Schedule>>,
}

enum Cause {
    Cancelled,
    /// Behind a lock because a payload need not be `Sync`, and the error is.
    Panic(Mutex<Box<dyn Any + Send + 'static>>),
}

impl JoinError {
    pub(crate) fn cancelled(metadata: &Metadata) -> JoinError {
        JoinError::cancelled_of(metadata.id(), metadata.name(), metadata.spawned_at())
    }

    /// The error of a cancelled task without a `Metadata`.
    pub(crate) fn cancelled_of(
        id: Id,
        name: Option<&str>,
        location: &'static Location<'static>,
    ) -> JoinError {
        JoinError::new(id, name, location, Cause::Cancelled)
    }

    pub(crate) fn panic(metadata: &Metadata, payload: Box<dyn Any + Send + 'static>) -> JoinError {
        let mut error = JoinError::new(
            metadata.id(),
            metadata.name(),
            metadata.spawned_at(),
            Cause::Panic(Mutex::new(payload)),
        );
        if let Some(hooks) = metadata.hooks() {
            error.tell(hooks, |hooks, panic| hooks.panicked(panic));
            error.0.unseen = Some(metadata.scheduler().clone());
        }
        error
    }

    /// The error is about to be given to somebody.
    pub(crate) fn seen(&mut self) {
        self.0.unseen = None;
    }

    /// The error is about to be dropped without having been given to anybody.
    #[cold]
    pub(crate) fn report_unseen(&self) {
        let scheduler = self.0.unseen.as_ref();
        if let Some(hooks) = scheduler.and_then(|scheduler| scheduler.hooks()) {
            self.tell(hooks, |hooks, panic| hooks.panic_unseen(panic));
        }
    }

    /// Calls a hook with the panic.
    fn tell(&self, hooks: &dyn TaskHooks, hook: fn(&dyn TaskHooks, &TaskPanic<'_>)) {
        let Cause::Panic(payload) = &self.0.cause else {
            return;
        };
        let payload = payload.lock().unwrap_or_else(PoisonError::into_inner);
        let panic = TaskPanic {
            id: self.0.id,
            name: self.name(),
            spawned_at: self.0.location,
            payload: &**payload,
        };
        hooks::call(&mut || hook(hooks, &panic));
    }

    fn new(
        id: Id,
        name: Option<&str>,
        location: &'static Location<'static>,
        cause: Cause,
    ) -> JoinError {
        JoinError(OutOfLine::new(Box::new(Inner {
            id,
            name: name.map(Box::from),
            location,
            cause,
            unseen: None,
        })))
    }

    /// Whether the task was cancelled: aborted, or dropped by its executor.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self.0.cause, Cause::Cancelled)
    }

    /// Whether the task panicked.
    #[must_use]
    pub fn is_panic(&self) -> bool {
        matches!(self.0.cause, Cause::Panic(_))
    }

    /// What the task panicked with, to be passed to
    /// [`resume_unwind`](std::panic::resume_unwind).
    ///
    /// # Panics
    ///
    /// When the task did not panic; see [`try_into_panic`](Self::try_into_panic).
    #[track_caller]
    #[must_use]
    pub fn into_panic(self) -> Box<dyn Any + Send + 'static> {
        match self.try_into_panic() {
            Ok(payload) => payload,
            Err(error) => panic!("`JoinError` reason is not a panic: {error}"),
        }
    }

    /// What the task panicked with.
    ///
    /// # Errors
    ///
    /// Gives the error back when the task did not panic.
    pub fn try_into_panic(self) -> Result<Box<dyn Any + Send + 'static>, JoinError> {
        match *self.0.into_inner() {
            Inner {
                cause: Cause::Panic(payload),
                ..
            } => Ok(payload.into_inner().unwrap_or_else(PoisonError::into_inner)),
            inner => Err(JoinError(OutOfLine::new(Box::new(inner)))),
        }
    }

    /// The id of the task.
    #[must_use]
    pub fn id(&self) -> Id {
        self.0.id
    }

    /// The name of the task, if it was given one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Where the task was spawned.
    #[must_use]
    pub fn spawned_at(&self) -> &'static Location<'static> {
        self.0.location
    }

    /// The panic's message, if it was raised with one.
    fn message(&self) -> Option<String> {
        let Cause::Panic(payload) = &self.0.cause else {
            return None;
        };
        let payload = payload.lock().unwrap_or_else(PoisonError::into_inner);
        message_of(&**payload).map(str::to_owned)
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task {}", self.0.id)?;
        if let Some(name) = self.name() {
            write!(f, " \"{name}\"")?;
        }
        write!(f, " (spawned at {})", self.0.location)?;
        match (&self.0.cause, self.message()) {
            (Cause::Cancelled, _) => f.write_str(" was cancelled"),
            (Cause::Panic(_), Some(message)) => {
                write!(f, " panicked with message {message:?}")
            }
            (Cause::Panic(_), None) => f.write_str(" panicked"),
        }
    }
}

/// `JoinError::Panic(Id(7), "name", spawned_at(src/main.rs:3:5), "message", ...)`,
/// without what there is not.
impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, message) = match (&self.0.cause, self.message()) {
            (Cause::Cancelled, _) => ("Cancelled", None),
            (Cause::Panic(_), message) => ("Panic", Some(message)),
        };
        write!(f, "JoinError::{kind}({:?}", self.0.id)?;
        if let Some(name) = self.name() {
            write!(f, ", {name:?}")?;
        }
        write!(f, ", spawned_at({})", self.0.location)?;
        match message {
            Some(Some(message)) => write!(f, ", {message:?}, ...)"),
            Some(None) => f.write_str(", ...)"),
            None => f.write_str(")"),
        }
    }
}

impl Error for JoinError {}

impl From<JoinError> for io::Error {
    fn from(error: JoinError) -> io::Error {
        io::Error::other(error)
    }
}
