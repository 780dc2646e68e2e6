//! A task's future, whose end is seen whatever its end is.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::slot::Slot;
use super::{BlockError, Gate};
use crate::scope::guarded;

/// Counts one task until it is dropped.
pub(super) struct Token(Arc<Gate>);

impl Token {
    pub(super) fn new(gate: Arc<Gate>) -> Token {
        Token(gate)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// Where the task's result goes.
pub(super) struct Ending<T> {
    /// `None` once the result has been given.
    slot: Option<Arc<Slot<Result<T, BlockError>>>>,
    // The last field: invariant 1 of `block_scope`.
    token: Token,
}

impl<T> Ending<T> {
    pub(super) fn new(slot: Arc<Slot<Result<T, BlockError>>>, token: Token) -> Self {
        Ending {
            slot: Some(slot),
            token,
        }
    }

    fn give(&mut self, result: Result<T, BlockError>) {
        let Some(slot) = self.slot.take() else {
            return;
        };
        slot.put(result);
        // If the handle has gone the result is ours, and goes before the token.
        self.token.0.give_up(slot);
    }
}

impl<T> Drop for Ending<T> {
    fn drop(&mut self) {
        self.give(Err(BlockError::Cancelled));
    }
}

pin_project! {
    /// The user's future, and after it what tells of its end.
    pub(super) struct Guarded<F: Future> {
        #[pin]
        future: Option<F>,
        ending: Ending<F::Output>,
    }
}

impl<F: Future> Guarded<F> {
    pub(super) fn new(future: F, ending: Ending<F::Output>) -> Self {
        Guarded {
            future: Some(future),
            ending,
        }
    }
}

impl<F: Future> Future for Guarded<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let polled = guarded(|| match this.future.as_mut().as_pin_mut() {
            Some(future) => future.poll(cx),
            None => unreachable!("a task is not polled after its end"),
        });
        let result = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(payload) => Err(BlockError::Panic(payload)),
        };
        // The future goes before its result is told of.
        let dropped = guarded(|| this.future.set(None));
        let result = match (result, dropped) {
            (Ok(_), Err(payload)) => Err(BlockError::Panic(payload)),
            (result, _) => result,
        };
        this.ending.give(result);
        Poll::Ready(())
    }
}
