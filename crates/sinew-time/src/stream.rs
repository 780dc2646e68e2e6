//! Streams and time: pacing, limits, batches, and ticks as a stream.
//!
//! [`RuntimeStreamExt`] gives every stream what needs a timer, and what the `futures`
//! crate lacks of tokio-stream's methods, `merge` and `map_while`. Other combinators
//! are in the `futures` crate.

mod chunks_timeout;
mod fuse;
mod interval_stream;
mod map_while;
mod merge;
mod throttle;
mod timeout;
mod timeout_repeating;

use std::time::Duration;

use futures_core::Stream;

use crate::interval::Interval;

pub use chunks_timeout::ChunksTimeout;
pub use interval_stream::IntervalStream;
pub use map_while::MapWhile;
pub use merge::Merge;
pub use throttle::Throttle;
pub use timeout::Timeout;
pub use timeout_repeating::TimeoutRepeating;

/// What a stream can do beyond the `futures` crate, mostly with the help of timers.
///
/// The adapters drop nothing that the inner stream has yielded: what an adapter
/// holds back comes out of a later poll.
pub trait RuntimeStreamExt: Stream {
    /// Leaves at least `duration` between the items. The first one comes at once.
    /// A duration of zero changes nothing.
    ///
    /// ```
    /// use futures::{StreamExt, stream};
    /// use sinew_time::stream::RuntimeStreamExt;
    /// use sinew_time::{Duration, Instant};
    /// use std::pin::pin;
    ///
    /// # sinew_core::block_on(async {
    /// let start = Instant::now();
    /// let mut paced = pin!(stream::iter(0..3).throttle(Duration::from_millis(1)));
    /// while paced.next().await.is_some() {}
    /// assert!(start.elapsed() >= Duration::from_millis(2));
    /// # });
    /// ```
    #[track_caller]
    fn throttle(self, duration: Duration) -> Throttle<Self>
    where
        Self: Sized,
    {
        Throttle::new(self, duration)
    }

    /// Yields `Err` once when no item has come for `duration`, counted from this
    /// call and from each item. The inner stream is not dropped: what comes later
    /// is yielded, and starts the time anew.
    ///
    /// ```
    /// use futures::{StreamExt, stream};
    /// use sinew_time::Duration;
    /// use sinew_time::stream::RuntimeStreamExt;
    /// use std::pin::pin;
    ///
    /// # sinew_core::block_on(async {
    /// let silent = stream::pending::<()>();
    /// let mut limited = pin!(silent.timeout(Duration::from_millis(1)));
    /// assert!(limited.next().await.unwrap().is_err());
    /// # });
    /// ```
    #[track_caller]
    fn timeout(self, duration: Duration) -> Timeout<Self>
    where
        Self: Sized,
    {
        Timeout::new(self, duration)
    }

    /// Yields `Err` at each tick of `interval` at which there is no item. Each
    /// item starts the period anew.
    ///
    /// An interval that has not ticked yet ticks at once, so that a stream which
    /// is not ready then begins with an `Err`; see
    /// [`interval_at`](crate::interval_at) for one that does not.
    ///
    /// ```
    /// use futures::{StreamExt, stream};
    /// use sinew_time::stream::RuntimeStreamExt;
    /// use sinew_time::{Duration, interval};
    /// use std::pin::pin;
    ///
    /// # sinew_core::block_on(async {
    /// let silent = stream::pending::<()>();
    /// let mut limited = pin!(silent.timeout_repeating(interval(Duration::from_millis(1))));
    /// assert!(limited.next().await.unwrap().is_err());
    /// assert!(limited.next().await.unwrap().is_err());
    /// # });
    /// ```
    fn timeout_repeating(self, interval: Interval) -> TimeoutRepeating<Self>
    where
        Self: Sized,
    {
        TimeoutRepeating::new(self, interval)
    }

    /// Gathers items into vectors. One is yielded when it has `max_size` items,
    /// when `duration` has passed since its first item, or at the end of the
    /// stream; never an empty one.
    ///
    /// # Panics
    ///
    /// When `max_size` is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::{StreamExt, stream};
    /// use sinew_time::Duration;
    /// use sinew_time::stream::RuntimeStreamExt;
    /// use std::pin::pin;
    ///
    /// # sinew_core::block_on(async {
    /// let items = stream::iter(0..3).chain(stream::pending());
    /// let mut chunks = pin!(items.chunks_timeout(2, Duration::from_millis(1)));
    /// assert_eq!(chunks.next().await, Some(vec![0, 1]));
    /// assert_eq!(chunks.next().await, Some(vec![2]));
    /// # });
    /// ```
    #[track_caller]
    fn chunks_timeout(self, max_size: usize, duration: Duration) -> ChunksTimeout<Self>
    where
        Self: Sized,
    {
        assert!(max_size > 0, "`max_size` must be non-zero.");
        ChunksTimeout::new(self, max_size, duration)
    }

    /// Yields what this stream and `other` yield, as it comes, until both have ended.
    /// When both have something, they take turns.
    ///
    /// For streams of different kinds use `select!`; for more than two, a `StreamMap`
    /// or `select_all`.
    ///
    /// ```
    /// use futures::{StreamExt, stream};
    /// use sinew_time::stream::RuntimeStreamExt;
    ///
    /// let merged = stream::iter([1, 3]).merge(stream::iter([2, 4, 6]));
    /// let all: Vec<i32> = sinew_core::block_on(merged.collect());
    /// assert_eq!(all, [1, 2, 3, 4, 6]);
    /// ```
    fn merge<U>(self, other: U) -> Merge<Self, U>
    where
        U: Stream<Item = Self::Item>,
        Self: Sized,
    {
        Merge::new(self, other)
    }

    /// Yields what `f` makes of the items, until it makes `None`: then the stream
    /// has ended, and the inner one is not polled again.
    ///
    /// ```
    /// use futures::{StreamExt, stream};
    /// use sinew_time::stream::RuntimeStreamExt;
    ///
    /// let words = stream::iter(["1", "2", "end", "3"]);
    /// let numbers = words.map_while(|word| word.parse::<u32>().ok());
    /// assert_eq!(sinew_core::block_on(numbers.collect::<Vec<_>>()), [1, 2]);
    /// ```
    fn map_while<T, F>(self, f: F) -> MapWhile<Self, F>
    where
        F: FnMut(Self::Item) -> Option<T>,
        Self: Sized,
    {
        MapWhile::new(self, f)
    }
}

impl<S: Stream + ?Sized> RuntimeStreamExt for S {}
