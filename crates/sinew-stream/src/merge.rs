//! Two streams as one.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::stream::{Fuse, StreamExt};
use pin_project_lite::pin_project;

/// Gives each stream [`merge`](Self::merge).
pub trait MergeExt: Stream {
    /// Yields what this stream and `other` yield, as it comes, until both have
    /// ended. When both have something, they take turns.
    ///
    /// For streams of different kinds use `select!`; for more than two,
    /// [`StreamMap`](crate::StreamMap) or `select_all`.
    ///
    /// ```
    /// use sinew_stream::{MergeExt, StreamExt, iter};
    ///
    /// let merged = iter([1, 3]).merge(iter([2, 4, 6]));
    /// let all: Vec<i32> = sinew_core::block_on(merged.collect());
    /// assert_eq!(all, [1, 2, 3, 4, 6]);
    /// ```
    fn merge<U>(self, other: U) -> Merge<Self, U>
    where
        U: Stream<Item = Self::Item>,
        Self: Sized,
    {
        Merge {
            first: self.fuse(),
            second: other.fuse(),
            second_next: false,
        }
    }
}

impl<S: Stream + ?Sized> MergeExt for S {}

pin_project! {
    /// The stream of [`MergeExt::merge`].
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
