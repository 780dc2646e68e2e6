//! What went wrong in a nursery, and who did not stop.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::sync::{Mutex, PoisonError};

use sinew_core::leaf::Wait;
use sinew_task::Id;

use super::outcome::BoxError;

type Payload = Box<dyn Any + Send>;

/// An error or a panic of one task.
pub struct Failure {
    pub(super) id: Option<Id>,
    pub(super) name: Option<Box<str>>,
    pub(super) nursery: Box<str>,
    pub(super) spawned_at: Option<&'static Location<'static>>,
    pub(super) cause: Cause,
}

pub(super) enum Cause {
    Error(BoxError),
    /// Behind a lock because a payload need not be `Sync`, and the failure is.
    Panic(Mutex<Payload>),
}

impl Cause {
    pub(super) fn panic(payload: Payload) -> Cause {
        Cause::Panic(Mutex::new(payload))
    }
}

impl Failure {
    /// The id of the task; `None` for a clean-up.
    #[must_use]
    pub fn id(&self) -> Option<Id> {
        self.id
    }

    /// The name of the task, if it was given one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The name of the nursery that the task was in.
    #[must_use]
    pub fn nursery(&self) -> &str {
        &self.nursery
    }

    /// Where the task was spawned; `None` for a clean-up.
    #[must_use]
    pub fn spawned_at(&self) -> Option<&'static Location<'static>> {
        self.spawned_at
    }

    /// Whether the task panicked.
    #[must_use]
    pub fn is_panic(&self) -> bool {
        matches!(self.cause, Cause::Panic(_))
    }

    /// The error, if it is one.
    #[must_use]
    pub fn error(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        match &self.cause {
            Cause::Error(error) => Some(&**error),
            Cause::Panic(_) => None,
        }
    }

    /// What the task panicked with, for [`resume_unwind`](std::panic::resume_unwind).
    ///
    /// # Errors
    ///
    /// Gives the failure back if it is an error.
    pub fn try_into_panic(self) -> Result<Payload, Failure> {
        match self.cause {
            Cause::Panic(payload) => {
                Ok(payload.into_inner().unwrap_or_else(PoisonError::into_inner))
            }
            cause => Err(Failure { cause, ..self }),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.id, &self.name) {
            (Some(id), Some(name)) => write!(f, "task {id} \"{name}\"")?,
            (Some(id), None) => write!(f, "task {id}")?,
            (None, _) => f.write_str("a clean-up")?,
        }
        write!(f, " of nursery \"{}\"", self.nursery)?;
        match &self.cause {
            Cause::Error(error) => write!(f, " failed: {error}")?,
            Cause::Panic(payload) => {
                let payload = payload.lock().unwrap_or_else(PoisonError::into_inner);
                let text = payload.downcast_ref::<&str>().copied();
                let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
                match text {
                    Some(message) => write!(f, " panicked with message {message:?}")?,
                    None => f.write_str(" panicked")?,
                }
            }
        }
        match self.spawned_at {
            Some(location) => write!(f, " (spawned at {location})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({self})")
    }
}

/// What failed in a nursery: one task at least.
#[derive(Debug)]
pub struct NurseryError {
    // Never empty.
    pub(super) failures: Vec<Failure>,
    pub(super) lost: usize,
}

impl NurseryError {
    /// What failed first.
    #[must_use]
    pub fn first(&self) -> &Failure {
        &self.failures[0]
    }

    /// All that failed, in that order. A nursery keeps the first 1024.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// As [`failures`](Self::failures), by value.
    #[must_use]
    pub fn into_failures(self) -> Vec<Failure> {
        self.failures
    }

    /// How many failures there were beyond those that were kept.
    #[must_use]
    pub fn not_kept(&self) -> usize {
        self.lost
    }
}

impl fmt::Display for NurseryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first())?;
        match self.failures.len() - 1 + self.lost {
            0 => Ok(()),
            more => write!(f, ", and {more} more failed"),
        }
    }
}

impl Error for NurseryError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.first().error().map(|error| error as _)
    }
}

/// A task that did not end within the grace.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Straggler {
    /// The task's id.
    pub id: Id,
    /// The task's name, if it was given one.
    pub name: Option<String>,
    /// The nursery that it was in, if in any.
    pub nursery: Option<String>,
    /// Where the task was spawned.
    pub spawned_at: &'static Location<'static>,
    /// What it waited for, if that is known.
    pub waits_for: Option<Wait>,
    /// Whether it has ended since: aborting it worked. A task in the middle of a long
    /// poll does not.
    pub stopped: bool,
}

impl fmt::Display for Straggler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task {}", self.id)?;
        if let Some(name) = &self.name {
            write!(f, " \"{name}\"")?;
        }
        if let Some(nursery) = &self.nursery {
            write!(f, " of nursery \"{nursery}\"")?;
        }
        write!(f, " spawned at {}", self.spawned_at)?;
        if let Some(wait) = &self.waits_for {
            write!(f, " waited for {wait}")?;
        }
        f.write_str(if self.stopped {
            ", and was aborted"
        } else {
            ", and still runs"
        })
    }
}

/// How a nursery or a runtime ended.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// The tasks that did not end within the grace.
    pub stragglers: Vec<Straggler>,
    /// What failed and was not given to anybody before.
    pub failures: Vec<Failure>,
}

impl Report {
    /// Whether everything ended in time and nothing failed.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.stragglers.is_empty() && self.failures.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_clean() {
            return f.write_str("everything ended");
        }
        let lines = self.stragglers.iter().map(ToString::to_string);
        let lines = lines.chain(self.failures.iter().map(ToString::to_string));
        f.write_str(&lines.collect::<Vec<_>>().join("\n"))
    }
}
