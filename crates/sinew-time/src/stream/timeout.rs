use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::fuse::Fuse;
use crate::clock;
use crate::error::Elapsed;
use crate::timer::{Start, Timer};

pin_project! {
    /// Stream returned by [`timeout`](super::RuntimeStreamExt::timeout).
    ///
    /// # Cancel safety
    ///
    /// Dropping a future that waits for the next item loses nothing.
    #[must_use = "streams do nothing unless polled"]
    pub struct Timeout<S> {
        #[pin]
        stream: Fuse<S>,
        duration: Duration,
        timer: Timer,
        // No `Err` has been yielded since the last item.
        limited: bool,
    }
}

impl<S> Timeout<S> {
    #[track_caller]
    pub(super) fn new(stream: S, duration: Duration) -> Timeout<S> {
        let until = clock::now().add_or_far(duration);
        Timeout {
            stream: Fuse::new(stream),
            duration,
            timer: Timer::new(until, Start::MaybePassed),
            limited: true,
        }
    }
}

impl<S: Stream> Stream for Timeout<S> {
    type Item = Result<S::Item, Elapsed>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        if let Poll::Ready(item) = this.stream.poll_next(cx) {
            if item.is_some() {
                this.timer.reset(clock::now().add_or_far(*this.duration));
                *this.limited = true;
            }
            return Poll::Ready(item.map(Ok));
        }
        if !*this.limited {
            return Poll::Pending;
        }
        ready!(this.timer.poll(cx));
        *this.limited = false;
        Poll::Ready(Some(Err(Elapsed::new())))
    }

    /// One error before each item and one after the last, at most.
    fn size_hint(&self) -> (usize, Option<usize>) {
        let (lower, upper) = self.stream.size_hint();
        let upper = upper.and_then(|upper| upper.checked_mul(2)?.checked_add(1));
        (lower, upper)
    }
}

impl<S: fmt::Debug> fmt::Debug for Timeout<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout")
            .field("stream", &self.stream)
            .field("duration", &self.duration)
            .field("deadline", &self.timer.deadline())
            .finish_non_exhaustive()
    }
}
