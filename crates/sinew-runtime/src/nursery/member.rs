//! The future of a task of a nursery.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::core::Core;
use super::current;
use super::failure::Cause;
use super::outcome::Outcome;

/// Stands for an active task, until it is dropped: invariant 1 of `nursery`.
pub(super) struct Guard {
    /// `None` only during a poll.
    core: Option<Arc<Core>>,
    /// The task's place in the nursery; `None` for clean-ups.
    key: Option<usize>,
}

impl Guard {
    pub(super) fn new(core: Arc<Core>, key: Option<usize>) -> Guard {
        Guard {
            core: Some(core),
            key,
        }
    }

    pub(super) fn fail(&self, cause: Cause) {
        if let Some(core) = &self.core {
            core.fail(self.key, cause);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(core) = self.core.take() {
            core.left(self.key);
        }
    }
}

pin_project! {
    pub(super) struct Member<F> {
        #[pin]
        future: Option<F>,
        // Dropped after the future.
        guard: Guard,
    }
}

impl<F> Member<F> {
    pub(super) fn new(future: F, guard: Guard) -> Member<F> {
        Member {
            future: Some(future),
            guard,
        }
    }
}

impl<F> Future for Member<F>
where
    F: Future,
    F::Output: Outcome,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let future = this.future.as_mut().as_pin_mut();
        let core = &mut this.guard.core;
        let polled = catch_unwind(AssertUnwindSafe(|| {
            current::within(core, || match future {
                Some(future) => future.poll(cx).map(Outcome::outcome),
                None => Poll::Ready(Ok(())),
            })
        }));
        match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(Ok(()))) => {}
            Ok(Poll::Ready(Err(error))) => this.guard.fail(Cause::Error(error)),
            Err(payload) => this.guard.fail(Cause::panic(payload)),
        }
        let dropped = catch_unwind(AssertUnwindSafe(|| this.future.set(None)));
        if let Err(payload) = dropped {
            this.guard.fail(Cause::panic(payload));
        }
        Poll::Ready(())
    }
}

pin_project! {
    /// A future whose current nursery is the given one, without being its member.
    pub(super) struct Within<F> {
        #[pin]
        future: F,
        core: Option<Arc<Core>>,
    }
}

impl<F> Within<F> {
    pub(super) fn new(future: F, core: Option<Arc<Core>>) -> Within<F> {
        Within { future, core }
    }
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let future = this.future;
        current::within(this.core, || future.poll(cx))
    }
}
