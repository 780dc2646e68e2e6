//! `iter`: an iterator as a stream that gives way.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use sinew_core::coop;

/// A stream of what an iterator gives. Each item is ready, but for the
/// [budget](sinew_core::coop): a task that goes through a long iterator lets others run
/// in between.
///
/// ```
/// use sinew_stream::{StreamExt, iter};
///
/// # futures::executor::block_on(async {
/// assert_eq!(iter([1, 2, 3]).collect::<Vec<_>>().await, [1, 2, 3]);
/// # });
/// ```
pub fn iter<I: IntoIterator>(iterator: I) -> Iter<I::IntoIter> {
    Iter {
        iter: iterator.into_iter(),
    }
}

/// The stream of [`iter`].
///
/// # Cancel safety
///
/// Nothing is lost between two polls: an item leaves the iterator in the poll that gives it.
#[derive(Clone, Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct Iter<I> {
    iter: I,
}

/// The iterator is never pinned.
impl<I> Unpin for Iter<I> {}

impl<I> Iter<I> {
    /// The iterator.
    pub fn get_ref(&self) -> &I {
        &self.iter
    }

    /// The iterator.
    pub fn get_mut(&mut self) -> &mut I {
        &mut self.iter
    }

    /// The iterator, with what it has not given.
    pub fn into_inner(self) -> I {
        self.iter
    }
}

impl<I: Iterator> Stream for Iter<I> {
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<I::Item>> {
        let proceed = ready!(coop::poll_proceed(cx));
        let item = self.iter.next();
        proceed.made_progress();
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.iter.size_hint()
    }
}
