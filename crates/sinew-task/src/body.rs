//! The future that async-task polls: the user's future and what sinew adds.
//!
//! It notes which task is being polled, honours an abort, turns a panic into a
//! [`JoinError`], and makes sure that a panic in a destructor never reaches
//! async-task, which would abort the process.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

use crate::{JoinError, Metadata, hooks};

/// What a task leaves for its `JoinHandle`. Dropped without being taken, it
/// keeps a panic of the output's destructor from going further.
pub(crate) struct Output<T>(Option<Result<T, JoinError>>);

impl<T> Output<T> {
    pub(crate) fn new(result: Result<T, JoinError>) -> Self {
        Output(Some(result))
    }

    pub(crate) fn take(mut self) -> Option<Result<T, JoinError>> {
        self.0.take()
    }
}

impl<T> Drop for Output<T> {
    fn drop(&mut self) {
        if let Some(result) = self.0.take() {
            if let Err(error) = &result {
                error.report_unseen();
            }
            // The panic hook has reported it; there is nobody else to tell.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(result)));
        }
    }
}

/// The task's future. `future` is pinned; it is `None` once it has been dropped.
pub(crate) struct Body<F> {
    future: Option<F>,
    metadata: NonNull<Metadata>,
}

// SAFETY: `metadata` points to a value that is `Send` and `Sync` and is in the
// same allocation as this body, so it goes wherever the body goes.
unsafe impl<F: Send> Send for Body<F> {}

impl<F: Future> Body<F> {
    /// `metadata` must be that of the task which this becomes the future of.
    pub(crate) fn new(future: F, metadata: &Metadata) -> Self {
        Body {
            future: Some(future),
            metadata: NonNull::from(metadata),
        }
    }

    /// Drops the future in its place. Returns the payload if that panicked.
    fn drop_future(self: Pin<&mut Self>) -> Result<(), JoinError> {
        // SAFETY: the future is not moved: it is dropped where it is.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: by invariant 1 of `metadata`, it lives as long as this body.
        let metadata = unsafe { this.metadata.as_ref() };
        let future = &mut this.future;
        let dropped = catch_unwind(AssertUnwindSafe(|| {
            metadata.record().scope(|| *future = None);
        }));
        dropped.map_err(|payload| JoinError::panic(metadata, payload))
    }
}

impl<F: Future> Future for Body<F> {
    type Output = Output<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: by invariant 1 of `metadata`, it lives as long as this body;
        // the reference is not tied to the borrow of `self`.
        let metadata = unsafe { self.metadata.as_ref() };
        let result = if metadata.is_aborted() {
            Err(JoinError::cancelled(metadata))
        } else {
            // SAFETY: a projection to a field that is pinned whenever `self` is.
            let future = unsafe { self.as_mut().map_unchecked_mut(|this| &mut this.future) };
            let Some(future) = future.as_pin_mut() else {
                unreachable!("async-task polled a task that had completed");
            };
            if let Some(hooks) = metadata.hooks() {
                hooks::call(|| hooks.before_poll(metadata));
            }
            let polled = catch_unwind(AssertUnwindSafe(|| {
                metadata.record().scope(|| future.poll(cx))
            }));
            if let Some(hooks) = metadata.hooks() {
                hooks::call(|| hooks.after_poll(metadata));
            }
            match polled {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(output)) => Ok(output),
                Err(payload) => Err(JoinError::panic(metadata, payload)),
            }
        };
        // The future goes before the output is published, so that whoever sees
        // the task finished sees its resources released too.
        let dropped = self.as_mut().drop_future();
        let result = match (result, dropped) {
            (Err(error), Err(second)) if error.is_panic() => {
                second.report_unseen();
                Err(error)
            }
            (result, Err(panic)) => {
                drop(Output(Some(result)));
                Err(panic)
            }
            (result, Ok(())) => result,
        };
        metadata.leave();
        Poll::Ready(Output(Some(result)))
    }
}

impl<F> Drop for Body<F> {
    fn drop(&mut self) {
        // SAFETY: by invariant 1 of `metadata`, it lives as long as this body.
        let metadata = unsafe { self.metadata.as_ref() };
        if self.future.is_some() {
            let future = &mut self.future;
            // The task is cancelled by whoever dropped its `Runnable`, and its
            // handle will say so; a panic of the future's destructor is told
            // to the hooks.
            let dropped = catch_unwind(AssertUnwindSafe(|| {
                metadata.record().scope(|| *future = None);
            }));
            if let Err(payload) = dropped {
                JoinError::panic(metadata, payload).report_unseen();
            }
            metadata.leave();
        }
    }
}

impl Metadata {
    /// The future is gone: leave the list and say so.
    fn leave(&self) {
        // Before anything else is done: the scheduler may be gone as soon as the
        // task has left its list.
        self.finish();
        if let Some(hooks) = self.hooks() {
            hooks::call(|| hooks.terminated(self));
        }
        let tasks = self.scheduler().tasks();
        if tasks.is_some_and(|tasks| tasks.remove(self)) {
            // SAFETY: `remove` has just handed over the list's reference. It is
            // not the last: whoever drops the future, a `Runnable` that runs or
            // is dropped, has one of its own.
            unsafe { self.drop_counted_waker() };
        }
    }
}
