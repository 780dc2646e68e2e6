//! A stream that ends where its closure says so.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;

pin_project! {
    /// The stream of [`RuntimeStreamExt::map_while`](super::RuntimeStreamExt::map_while).
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost between two polls: it holds no items.
    #[must_use = "streams do nothing unless polled"]
    pub struct MapWhile<S, F> {
        #[pin]
        stream: S,
        f: F,
        ended: bool,
    }
}

impl<S, F> MapWhile<S, F> {
    pub(super) fn new(stream: S, f: F) -> Self {
        MapWhile {
            stream,
            f,
            ended: false,
        }
    }
}

impl<S, F, T> Stream for MapWhile<S, F>
where
    S: Stream,
    F: FnMut(S::Item) -> Option<T>,
{
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.project();
        if *this.ended {
            return Poll::Ready(None);
        }
        let mapped = ready!(this.stream.poll_next(cx)).and_then(this.f);
        *this.ended = mapped.is_none();
        Poll::Ready(mapped)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.ended {
            return (0, Some(0));
        }
        (0, self.stream.size_hint().1)
    }
}

impl<S, F, T> FusedStream for MapWhile<S, F>
where
    S: Stream,
    F: FnMut(S::Item) -> Option<T>,
{
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<S: fmt::Debug, F> fmt::Debug for MapWhile<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapWhile")
            .field("stream", &self.stream)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
