use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::{FusedStream, Stream};

use crate::instant::Instant;
use crate::interval::Interval;

/// The ticks of an [`Interval`] as a stream, which never ends.
///
/// # Cancel safety
///
/// Dropping a future that waits for the next tick loses none.
///
/// # Examples
///
/// ```
/// use futures::StreamExt;
/// use sinew_time::stream::IntervalStream;
/// use sinew_time::{Duration, interval};
///
/// # sinew_core::block_on(async {
/// let ticks = IntervalStream::new(interval(Duration::from_millis(1)));
/// assert_eq!(ticks.take(3).count().await, 3);
/// # });
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct IntervalStream(Interval);

impl IntervalStream {
    /// The ticks of `interval`.
    pub fn new(interval: Interval) -> IntervalStream {
        IntervalStream(interval)
    }

    /// The interval.
    pub fn into_inner(self) -> Interval {
        self.0
    }
}

impl AsRef<Interval> for IntervalStream {
    fn as_ref(&self) -> &Interval {
        &self.0
    }
}

impl AsMut<Interval> for IntervalStream {
    fn as_mut(&mut self) -> &mut Interval {
        &mut self.0
    }
}

impl Stream for IntervalStream {
    type Item = Instant;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Instant>> {
        self.0.poll_tick(cx).map(Some)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

impl FusedStream for IntervalStream {
    fn is_terminated(&self) -> bool {
        false
    }
}
