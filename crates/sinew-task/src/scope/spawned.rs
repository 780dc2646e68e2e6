//! A child's future, which leaves its output in a slot.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::slot::Slot;
use super::{Failure, Shared};

/// What becomes of an output.
pub(super) trait Deliver<O> {
    type Value;

    /// What the handle is given; `None` if the child has failed.
    fn deliver(&self, output: O) -> Option<Self::Value>;
}

/// Any output is a value.
pub(super) struct Plain;

impl<O> Deliver<O> for Plain {
    type Value = O;

    fn deliver(&self, output: O) -> Option<O> {
        Some(output)
    }
}

/// An error ends the scope.
pub(super) struct Fallible<E>(pub(super) Arc<Shared<E>>);

impl<T, E> Deliver<Result<T, E>> for Fallible<E> {
    type Value = T;

    fn deliver(&self, output: Result<T, E>) -> Option<T> {
        match output {
            Ok(value) => Some(value),
            Err(error) => {
                self.0.fail(Failure::Error(error));
                None
            }
        }
    }
}

pin_project! {
    pub(super) struct Spawned<F, D, T> {
        #[pin]
        future: F,
        deliver: D,
        slot: Arc<Slot<T>>,
    }
}

impl<F, D, T> Spawned<F, D, T> {
    pub(super) fn new(future: F, deliver: D, slot: Arc<Slot<T>>) -> Self {
        Spawned {
            future,
            deliver,
            slot,
        }
    }
}

impl<F, D, T> Future for Spawned<F, D, T>
where
    F: Future,
    D: Deliver<F::Output, Value = T>,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let output = ready!(this.future.poll(cx));
        if let Some(value) = this.deliver.deliver(output) {
            this.slot.put(value);
        }
        Poll::Ready(())
    }
}
