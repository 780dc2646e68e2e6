//! The right to abort a task, without owning it.

use std::fmt;
use std::ptr::NonNull;
use std::task::Waker;

use crate::local_cell::CellRef;
use crate::{Id, Metadata};

/// Can abort a task. Made by
/// [`JoinHandle::abort_handle`](crate::JoinHandle::abort_handle).
///
/// Dropping it does nothing to the task.
#[derive(Clone)]
pub struct AbortHandle {
    task: Aborts,
}

/// The two kinds of cells a task may be in.
enum Aborts {
    Shared {
        /// Invariant: belongs to the task of `waker`, which keeps it alive.
        metadata: NonNull<Metadata>,
        /// A counted reference to the task.
        waker: Waker,
    },
    Local(CellRef),
}

// SAFETY: `metadata` is `Send` and `Sync` itself and is kept alive by `waker`,
// which may be dropped on any thread. A `CellRef` keeps the rules of
// `local_cell` on whatever thread it is.
unsafe impl Send for AbortHandle {}
// SAFETY: as above; all methods go to `Metadata`, which is `Sync`, or keep those
// rules.
unsafe impl Sync for AbortHandle {}

impl std::panic::UnwindSafe for AbortHandle {}
impl std::panic::RefUnwindSafe for AbortHandle {}

impl AbortHandle {
    pub(crate) fn new(metadata: &Metadata) -> AbortHandle {
        let waker = metadata
            .borrow_waker()
            .expect("a task's waker is known before its handle is given out");
        AbortHandle {
            task: Aborts::Shared {
                metadata: NonNull::from(metadata),
                waker: Waker::clone(&waker),
            },
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
            // SAFETY: the field's invariant: `waker` keeps it alive.
            Aborts::Shared { metadata, .. } => unsafe { metadata.as_ref() }.abort(),
            Aborts::Local(task) => task.abort(),
        }
    }

    /// Whether the task has finished.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        match &self.task {
            // SAFETY: the field's invariant: `waker` keeps it alive.
            Aborts::Shared { metadata, .. } => unsafe { metadata.as_ref() }.is_finished(),
            Aborts::Local(task) => task.is_finished(),
        }
    }

    /// The task's id.
    #[must_use]
    pub fn id(&self) -> Id {
        match &self.task {
            // SAFETY: the field's invariant: `waker` keeps it alive.
            Aborts::Shared { metadata, .. } => unsafe { metadata.as_ref() }.id(),
            Aborts::Local(task) => task.id(),
        }
    }
}

impl Clone for Aborts {
    fn clone(&self) -> Self {
        match self {
            Aborts::Shared { metadata, waker } => Aborts::Shared {
                metadata: *metadata,
                waker: waker.clone(),
            },
            Aborts::Local(task) => Aborts::Local(task.clone()),
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
