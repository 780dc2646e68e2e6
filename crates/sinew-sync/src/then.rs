//! A future with a last step.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

pin_project! {
    /// Ends with `step` of what `future` ends with: makes the guard once the raw
    /// lock is held. Smaller than an async block, which keeps its captures twice.
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct Then<F, S> {
        #[pin]
        future: F,
        step: Option<S>,
    }
}

impl<F, S> Then<F, S> {
    pub(crate) fn new(future: F, step: S) -> Then<F, S> {
        Then {
            future,
            step: Some(step),
        }
    }
}

impl<F: Future, R, S: FnOnce(F::Output) -> R> Future for Then<F, S> {
    type Output = R;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        let this = self.project();
        let output = ready!(this.future.poll(cx));
        let step = this.step.take().expect("polled after it was ready");
        Poll::Ready(step(output))
    }
}
