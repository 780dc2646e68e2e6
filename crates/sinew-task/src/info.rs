//! What can be said of a task from outside.

use std::fmt;
use std::panic::Location;

use sinew_core::leaf::Wait;

use crate::{Id, Metadata};

/// A task as it was when it was looked at.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TaskInfo {
    /// The task's id.
    pub id: Id,
    /// The task's name, if it was given one.
    pub name: Option<String>,
    /// Where the task was spawned.
    pub spawned_at: &'static Location<'static>,
    /// What the task waited for when its last poll returned: the last leaf that
    /// was pending. `None` for a task that has not been polled, is being polled
    /// right now, or waits for something that is not a leaf of sinew.
    pub waits_for: Option<Wait>,
}

impl TaskInfo {
    /// Of a task with this metadata.
    #[must_use]
    pub fn of(metadata: &Metadata) -> TaskInfo {
        TaskInfo::new(
            metadata.id(),
            metadata.name(),
            metadata.spawned_at(),
            metadata.record().wait(),
        )
    }

    pub(crate) fn new(
        id: Id,
        name: Option<&str>,
        spawned_at: &'static Location<'static>,
        waits_for: Option<Wait>,
    ) -> TaskInfo {
        TaskInfo {
            id,
            name: name.map(str::to_owned),
            spawned_at,
            waits_for,
        }
    }
}

impl fmt::Display for TaskInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task {}", self.id)?;
        if let Some(name) = &self.name {
            write!(f, " \"{name}\"")?;
        }
        write!(f, " spawned at {}", self.spawned_at)?;
        match &self.waits_for {
            Some(wait) => write!(f, " waits for {wait}"),
            None => f.write_str(" waits for nothing known"),
        }
    }
}
