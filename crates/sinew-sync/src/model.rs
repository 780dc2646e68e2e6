//! What the loom models of this crate share.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use loom::sync::Notify;

/// Checks all interleavings within the bounds that the environment sets.
pub(crate) fn check(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(builder.preemption_bound.unwrap_or(3));
    builder.check(model);
}

struct Token(loom::sync::Arc<Notify>);

impl Wake for Token {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// Polls `future` until it is done; loom reports a deadlock if nobody wakes it.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let token = loom::sync::Arc::new(Notify::new());
    let waker = Waker::from(Arc::new(Token(token.clone())));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        token.wait();
    }
}

/// Polls `future` once, with a waker that does nothing.
pub(crate) fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}
