//! The right to abort a task, without owning it.

use std::fmt;
use std::ptr::NonNull;
use std::task::Waker;

use crate::{Id, Metadata};

/// Can abort a task. Made by
/// [`JoinHandle::abort_handle`](crate::JoinHandle::abort_handle).
///
/// Dropping it does nothing to the task.
pub struct AbortHandle {
    /// Invariant: belongs to the task of `waker`, which keeps it alive.
    metadata: NonNull<Metadata>,
    /// A counted reference to the task.
    waker: Waker,
}

// SAFETY: `metadata` is `Send` and `Sync` itself and is kept alive by `waker`,
// which may be dropped on any thread.
unsafe impl Send for AbortHandle {}
// SAFETY: as above; all methods go to `Metadata`, which is `Sync`.
unsafe impl Sync for AbortHandle {}

impl std::panic::UnwindSafe for AbortHandle {}
impl std::panic::RefUnwindSafe for AbortHandle {}

impl AbortHandle {
    pub(crate) fn new(metadata: &Metadata) -> AbortHandle {
        let waker = metadata
            .borrow_waker()
            .expect("a task's waker is known before its handle is given out");
        AbortHandle {
            metadata: NonNull::from(metadata),
            waker: Waker::clone(&waker),
        }
    }

    fn metadata(&self) -> &Metadata {
        // SAFETY: the field's invariant: `waker` keeps it alive.
        unsafe { self.metadata.as_ref() }
    }

    /// Asks the task to end, as [`JoinHandle::abort`](crate::JoinHandle::abort) does.
    pub fn abort(&self) {
        self.metadata().abort();
    }

    /// Whether the task has finished.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.metadata().is_finished()
    }

    /// The task's id.
    #[must_use]
    pub fn id(&self) -> Id {
        self.metadata().id()
    }
}

impl Clone for AbortHandle {
    fn clone(&self) -> Self {
        AbortHandle {
            metadata: self.metadata,
            waker: self.waker.clone(),
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
