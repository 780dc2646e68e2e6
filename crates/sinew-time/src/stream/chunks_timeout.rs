use std::fmt;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::fuse::Fuse;
use crate::clock;
use crate::timer::{Start, Timer};

pin_project! {
    /// Stream returned by [`chunks_timeout`](super::RuntimeStreamExt::chunks_timeout).
    ///
    /// # Cancel safety
    ///
    /// Dropping a future that waits for the next item loses nothing. Dropping the
    /// stream drops the items of the chunk that is not full yet; see
    /// [`into_remainder`](Self::into_remainder).
    #[must_use = "streams do nothing unless polled"]
    pub struct ChunksTimeout<S: Stream> {
        #[pin]
        stream: Fuse<S>,
        items: Vec<S::Item>,
        max_size: usize,
        duration: Duration,
        // Of the chunk under way.
        timer: Option<Timer>,
        location: &'static Location<'static>,
    }
}

impl<S: Stream> ChunksTimeout<S> {
    #[track_caller]
    pub(super) fn new(stream: S, max_size: usize, duration: Duration) -> ChunksTimeout<S> {
        ChunksTimeout {
            stream: Fuse::new(stream),
            items: Vec::new(),
            max_size,
            duration,
            timer: None,
            location: Location::caller(),
        }
    }

    /// Takes the items of the chunk that is not full yet.
    pub fn into_remainder(self: Pin<&mut Self>) -> Vec<S::Item> {
        let this = self.project();
        *this.timer = None;
        mem::take(this.items)
    }
}

impl<S: Stream> Stream for ChunksTimeout<S> {
    type Item = Vec<S::Item>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        while let Poll::Ready(item) = this.stream.as_mut().poll_next(cx) {
            let Some(item) = item else {
                let last = mem::take(this.items);
                *this.timer = None;
                return Poll::Ready((!last.is_empty()).then_some(last));
            };
            if this.items.is_empty() {
                let until = clock::now().add_or_far(*this.duration);
                *this.timer = Some(Timer::new_at(until, Start::MaybePassed, this.location));
            }
            this.items.push(item);
            if this.items.len() >= *this.max_size {
                *this.timer = None;
                return Poll::Ready(Some(mem::take(this.items)));
            }
        }
        let Some(timer) = this.timer else {
            return Poll::Pending;
        };
        ready!(timer.poll(cx));
        *this.timer = None;
        Poll::Ready(Some(mem::take(this.items)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let begun = usize::from(!self.items.is_empty());
        let (lower, upper) = self.stream.size_hint();
        let lower = (lower / self.max_size).saturating_add(begun);
        (lower, upper.and_then(|upper| upper.checked_add(begun)))
    }
}

impl<S> fmt::Debug for ChunksTimeout<S>
where
    S: Stream + fmt::Debug,
    S::Item: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunksTimeout")
            .field("stream", &self.stream)
            .field("items", &self.items)
            .field("max_size", &self.max_size)
            .field("duration", &self.duration)
            .finish_non_exhaustive()
    }
}
