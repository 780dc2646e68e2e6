//! The owner's end of a task.

use std::fmt;
use std::future::Future;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};

use crate::local_cell::LocalJoin;
use crate::shared_cell::{CellPtr, SharedJoin};
use crate::{AbortHandle, Id, JoinError};

/// Awaits a task's output.
///
/// Dropping the handle detaches the task: it goes on, and its output is
/// dropped when it ends. A panic of the task is not lost with it: the panic
/// hook has reported it.
///
/// # Cancel safety
///
/// Awaiting `&mut handle` is cancel safe: the output stays with the task until
/// a poll of the handle takes it.
///
/// # Panics
///
/// Polling the handle again after it gave the output.
pub struct JoinHandle<T> {
    task: Joined<T>,
}

/// The two kinds of cells a task may be in.
enum Joined<T> {
    /// In one that any thread may run.
    Shared(SharedJoin<T>),
    /// In one that belongs to a thread.
    Local(LocalJoin<T>),
    /// The output has been taken: that of this task.
    Taken(Id),
}

// SAFETY: the handle takes or drops the output, which is `Send`, wherever it is; all
// else of a shared cell is for any thread. A `LocalJoin` keeps the rules of
// `local_cell` on whatever thread it is.
unsafe impl<T: Send> Send for JoinHandle<T> {}
// SAFETY: a shared handle reaches only `metadata`, the task's state word and the
// count of references.
unsafe impl<T: Send> Sync for JoinHandle<T> {}

// A panic of the task does not leave anything half-done that the handle shows.
impl<T> UnwindSafe for JoinHandle<T> {}
impl<T> RefUnwindSafe for JoinHandle<T> {}
impl<T> Unpin for JoinHandle<T> {}

impl<T> JoinHandle<T> {
    /// # Safety
    ///
    /// The cell must be one whose future gives a `T`, made just now, and gets no second
    /// handle.
    #[inline]
    pub(crate) unsafe fn new(cell: CellPtr) -> Self {
        JoinHandle {
            // SAFETY: the caller's promise.
            task: Joined::Shared(unsafe { SharedJoin::new(cell) }),
        }
    }

    #[inline]
    pub(crate) fn local(task: LocalJoin<T>) -> Self {
        JoinHandle {
            task: Joined::Local(task),
        }
    }

    /// Asks the task to end. Its future is dropped the next time that the task
    /// would be polled, and the handle then gives a
    /// [cancelled](JoinError::is_cancelled) error. A task that has completed by
    /// then is not affected; its output can still be awaited.
    ///
    /// A closure on a blocking pool can be aborted only until it starts.
    pub fn abort(&self) {
        match &self.task {
            Joined::Shared(task) => task.abort(),
            Joined::Local(task) => task.abort(),
            Joined::Taken(_) => {}
        }
    }

    /// Aborts the task and waits until its future has been dropped.
    ///
    /// `Ok` if the task had completed before the abort reached it.
    ///
    /// # Errors
    ///
    /// A [cancelled](JoinError::is_cancelled) error in the usual case; the
    /// panic, if the task panicked, also while its future was being dropped.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future returned here after its first poll leaves the task
    /// aborted and detached. Dropped before its first poll, it only detaches.
    pub async fn cancel(self) -> Result<T, JoinError> {
        self.abort();
        self.await
    }

    /// Whether the task has finished: awaiting the handle gives its output at once.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        match &self.task {
            Joined::Shared(task) => task.is_finished(),
            Joined::Local(task) => task.is_finished(),
            Joined::Taken(_) => true,
        }
    }

    /// A handle that can abort the task and does not own it.
    #[must_use]
    #[expect(
        clippy::missing_panics_doc,
        reason = "only after the output was taken, as documented on the type"
    )]
    pub fn abort_handle(&self) -> AbortHandle {
        match &self.task {
            Joined::Shared(task) => AbortHandle::shared(task.reference()),
            Joined::Local(task) => AbortHandle::local(task.reference()),
            Joined::Taken(_) => panic!("abort_handle called after the JoinHandle gave its output"),
        }
    }

    /// The task's id.
    #[must_use]
    #[inline]
    pub fn id(&self) -> Id {
        match &self.task {
            Joined::Shared(task) => task.id(),
            Joined::Local(task) => task.id(),
            Joined::Taken(id) => *id,
        }
    }
}

impl<T> JoinHandle<T> {
    /// As `poll`, but an error still counts as one that nobody has seen.
    pub(crate) fn poll_unseen(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        if let Joined::Local(task) = &self.task {
            if task.is_finished() {
                ready!(coop::poll_proceed(cx)).made_progress();
                return Poll::Ready(self.take());
            }
        }
        self.poll_unfinished(cx)
    }

    /// As `poll_unseen`. Apart from it, because with all of this a handle of a
    /// finished local task would take twice as long.
    #[inline(never)]
    fn poll_unfinished(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        let proceed = ready!(coop::poll_proceed(cx));
        let this = self;
        let spawned_at = match &mut this.task {
            Joined::Local(task) => match task.poll(cx) {
                Poll::Pending => task.spawned_at(),
                Poll::Ready(()) => {
                    proceed.made_progress();
                    return Poll::Ready(this.take());
                }
            },
            Joined::Shared(task) => match task.poll(cx) {
                Poll::Pending => task.spawned_at(),
                Poll::Ready(()) => {
                    proceed.made_progress();
                    return Poll::Ready(this.take());
                }
            },
            Joined::Taken(_) => panic!("JoinHandle polled after completion"),
        };
        leaf::pending(&Wait {
            kind: Kind::Task,
            resource: this.id().as_u64(),
            location: spawned_at,
        })
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut result = ready!(self.poll_unseen(cx));
        if let Err(error) = &mut result {
            error.seen();
        }
        Poll::Ready(result)
    }
}

impl<T> JoinHandle<T> {
    /// Takes the output of a task that is complete.
    #[inline]
    fn take(&mut self) -> Result<T, JoinError> {
        let taken = Joined::Taken(self.id());
        match std::mem::replace(&mut self.task, taken) {
            Joined::Shared(task) => task.take(),
            Joined::Local(task) => task.take(),
            Joined::Taken(_) => unreachable!("a task was polled"),
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle")
            .field("id", &self.id())
            .finish()
    }
}
