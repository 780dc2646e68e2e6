//! Two streams as one.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;

use super::fuse::Fuse;

pin_project! {
    /// The stream of [`RuntimeStreamExt::merge`](super::RuntimeStreamExt::merge).
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost between two polls: it holds no items.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct Merge<T, U> {
        #[pin]
        first: Fuse<T>,
        #[pin]
        second: Fuse<U>,
        // Whose turn it is.
        second_next: bool,
    }
}

impl<T, U> Merge<T, U> {
    pub(super) fn new(first: T, second: U) -> Self {
        Merge {
            first: Fuse::new(first),
            second: Fuse::new(second),
            second_next: false,
        }
    }
}

impl<T, U> Stream for Merge<T, U>
where
    T: Stream,
    U: Stream<Item = T::Item>,
{
    type Item = T::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T::Item>> {
        let this = self.project();
        let second_first = *this.second_next;
        *this.second_next = !second_first;
        if second_first {
            poll_both(this.second, this.first, cx)
        } else {
            poll_both(this.first, this.second, cx)
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (first, second) = (self.first.size_hint(), self.second.size_hint());
        let most = first.1.zip(second.1);
        (
            first.0.saturating_add(second.0),
            most.and_then(|(first, second)| first.checked_add(second)),
        )
    }
}

impl<T, U> FusedStream for Merge<T, U>
where
    T: Stream,
    U: Stream<Item = T::Item>,
{
    fn is_terminated(&self) -> bool {
        self.first.is_terminated() && self.second.is_terminated()
    }
}

fn poll_both<T>(
    first: Pin<&mut impl Stream<Item = T>>,
    second: Pin<&mut impl Stream<Item = T>>,
    cx: &mut Context<'_>,
) -> Poll<Option<T>> {
    let first = first.poll_next(cx);
    if let Poll::Ready(Some(_)) = first {
        return first;
    }
    match second.poll_next(cx) {
        Poll::Ready(None) => first,
        second => second,
    }
}
