//! A stream that says once that it has ended.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use pin_project_lite::pin_project;

pin_project! {
    /// Yields each item as `Some`, then `None` once, and then ends.
    ///
    /// In a [`StreamMap`](crate::StreamMap), which drops streams that have ended,
    /// it tells which one has:
    ///
    /// ```
    /// use sinew_stream::{StreamExt, StreamMap, StreamNotifyClose, empty};
    ///
    /// let mut map = StreamMap::new();
    /// map.insert("quiet", StreamNotifyClose::new(empty::<u32>()));
    /// let told = sinew_core::block_on(map.next());
    /// assert_eq!(told, Some(("quiet", None)));
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost between two polls.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct StreamNotifyClose<S> {
        #[pin]
        inner: Option<S>,
    }
}

impl<S> StreamNotifyClose<S> {
    /// Wraps a stream.
    pub fn new(stream: S) -> StreamNotifyClose<S> {
        StreamNotifyClose {
            inner: Some(stream),
        }
    }

    /// The stream, unless it has ended.
    #[must_use]
    pub fn into_inner(self) -> Option<S> {
        self.inner
    }
}

impl<S: Stream> Stream for StreamNotifyClose<S> {
    type Item = Option<S::Item>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Option<S::Item>>> {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        let item = ready!(inner.poll_next(cx));
        if item.is_none() {
            this.inner.set(None);
        }
        Poll::Ready(Some(item))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.inner {
            Some(inner) => {
                let (least, most) = inner.size_hint();
                // One more, to say that it has ended.
                (
                    least.saturating_add(1),
                    most.and_then(|most| most.checked_add(1)),
                )
            }
            None => (0, Some(0)),
        }
    }
}
