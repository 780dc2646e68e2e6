//! The owner's end of a task.

use std::fmt;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll, ready};

use async_task::FallibleTask;
use sinew_core::leaf::{self, Kind, Wait};
use sinew_core::{coop, record};

use crate::body::Output;
use crate::calm_waker::calm;
use crate::local_cell::LocalJoin;
use crate::{AbortHandle, Id, JoinError, Metadata};

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
    id: Id,
}

/// The two kinds of cells a task may be in.
enum Joined<T> {
    /// In one of async-task's.
    Shared(SharedJoin<T>),
    /// In one that belongs to a thread.
    Local(LocalJoin<T>),
    /// The output has been taken.
    Taken,
}

/// The handle of a task in one of async-task's cells. Detaches when dropped.
struct SharedJoin<T> {
    /// Invariant: there until it is dropped.
    task: ManuallyDrop<FallibleTask<Output<T>, Metadata>>,
    /// The task's metadata, in the allocation that `task` keeps.
    metadata: NonNull<Metadata>,
}

impl<T> SharedJoin<T> {
    fn metadata(&self) -> &Metadata {
        // SAFETY: the task's allocation is there as long as `task`.
        unsafe { self.metadata.as_ref() }
    }
}

impl<T> SharedJoin<T> {
    /// Polls the task's output. Only wakers that cannot panic are left with it: in
    /// a task of ours, wakers are those of the task or lead to them; who polls by
    /// hand, or from another executor, may come with any.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Output<T>>> {
        let task = Pin::new(&mut *self.task);
        if record::current_id().is_some() || task.is_finished() {
            return task.poll(cx);
        }
        let waker = calm(cx.waker());
        task.poll(&mut Context::from_waker(&waker))
    }
}

impl<T> Drop for SharedJoin<T> {
    // Apart, so that to drop a handle that has given its output is a compare.
    #[inline(never)]
    fn drop(&mut self) {
        // SAFETY: it is there, and not used again.
        let task = unsafe { ManuallyDrop::take(&mut self.task) };
        // Detaching drops an output that is there already. `Output` catches
        // what its destructor panics with.
        task.detach();
    }
}

// SAFETY: the task may be sent where its output may; `metadata` is `Send` and
// `Sync` itself and in the same allocation. A `LocalJoin` keeps the rules of
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
    pub(crate) fn new(task: async_task::Task<Output<T>, Metadata>) -> Self {
        JoinHandle {
            id: task.metadata().id(),
            task: Joined::Shared(SharedJoin {
                metadata: NonNull::from(task.metadata()),
                task: ManuallyDrop::new(task.fallible()),
            }),
        }
    }

    pub(crate) fn local(task: LocalJoin<T>) -> Self {
        JoinHandle {
            id: task.id(),
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
            Joined::Shared(shared) => shared.metadata().abort(),
            Joined::Local(task) => task.abort(),
            Joined::Taken => {}
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
            Joined::Shared(shared) => shared.task.is_finished(),
            Joined::Local(task) => task.is_finished(),
            Joined::Taken => true,
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
            Joined::Shared(shared) => AbortHandle::new(shared.metadata()),
            Joined::Local(task) => AbortHandle::local(task.reference()),
            Joined::Taken => panic!("abort_handle called after the JoinHandle gave its output"),
        }
    }

    /// The task's id.
    #[must_use]
    pub fn id(&self) -> Id {
        self.id
    }
}

impl<T> JoinHandle<T> {
    /// As `poll`, but an error still counts as one that nobody has seen.
    pub(crate) fn poll_unseen(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        if let Joined::Local(task) = &self.task {
            if task.is_finished() {
                ready!(coop::poll_proceed(cx)).made_progress();
                return Poll::Ready(self.take_local());
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
                    return Poll::Ready(this.take_local());
                }
            },
            Joined::Shared(shared) => match shared.poll(cx) {
                Poll::Pending => shared.metadata().spawned_at(),
                Poll::Ready(output) => {
                    proceed.made_progress();
                    let result = match output.and_then(Output::take) {
                        Some(result) => result,
                        // The executor dropped the task instead of running it.
                        None => Err(JoinError::cancelled(shared.metadata())),
                    };
                    this.task = Joined::Taken;
                    return Poll::Ready(result);
                }
            },
            Joined::Taken => panic!("JoinHandle polled after completion"),
        };
        leaf::pending(&Wait {
            kind: Kind::Task,
            resource: this.id.as_u64(),
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
    /// Takes the output of a local task that is complete.
    #[inline]
    fn take_local(&mut self) -> Result<T, JoinError> {
        let Joined::Local(task) = std::mem::replace(&mut self.task, Joined::Taken) else {
            unreachable!("only a local task was polled")
        };
        task.take()
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").field("id", &self.id).finish()
    }
}
