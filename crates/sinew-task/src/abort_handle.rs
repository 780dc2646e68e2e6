//! The right to abort a task, without owning it.

use std::fmt;

use crate::Id;
use crate::local_cell::CellRef;
use crate::shared_cell::SharedRef;

/// Can abort a task. Made by
/// [`JoinHandle::abort_handle`](crate::JoinHandle::abort_handle).
///
/// Dropping it does nothing to the task.
#[derive(Clone)]
pub struct AbortHandle {
    task: Aborts,
}

/// The two kinds of cells a task may be in.
#[derive(Clone)]
enum Aborts {
    Shared(SharedRef),
    Local(CellRef),
}

// SAFETY: the state and the metadata of a shared cell, which is all that is reached, are
// for any thread. A `CellRef` keeps the rules of `local_cell` on whatever thread it is.
unsafe impl Send for AbortHandle {}
// SAFETY: as above.
unsafe impl Sync for AbortHandle {}

impl std::panic::UnwindSafe for AbortHandle {}
impl std::panic::RefUnwindSafe for AbortHandle {}

impl AbortHandle {
    pub(crate) fn shared(task: SharedRef) -> AbortHandle {
        AbortHandle {
            task: Aborts::Shared(task),
        }
    }

    pub(crate) fn local(task: CellRef) -> AbortHandle {
        AbortHandle {
            task: Aborts::Local(task),
        }
    }

    /// Asks the task to end, as [`JoinHandle::abort`](crate::JoinHandle::abort) does.
    pub fn abort(&self) {
        match &self.task {
            Aborts::Shared(task) => task.abort(),
            Aborts::Local(task) => task.abort(),
        }
    }

    /// Whether the task has finished.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        match &self.task {
            Aborts::Shared(task) => task.is_finished(),
            Aborts::Local(task) => task.is_finished(),
        }
    }

    /// The task's id.
    #[must_use]
    pub fn id(&self) -> Id {
        match &self.task {
            Aborts::Shared(task) => task.id(),
            Aborts::Local(task) => task.id(),
        }
    }
}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortHandle")
            .field("id", &self.id())
            .finish()
    }
}
