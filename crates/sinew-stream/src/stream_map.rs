//! Many streams by key, as one.

use std::borrow::Borrow;
use std::fmt;
use std::future::poll_fn;
use std::hash::Hash;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use sinew_core::rng;

/// Any number of streams of one type, each under a key, that yield as one
/// stream of keys and items. Streams may come and go at any time; one that has
/// ended is taken out by itself.
///
/// Each poll begins with a random stream, so that none is starved by one that
/// always has something. It asks one after the other, so a map is for some
/// hundreds of streams; for more, spawn a task for each and let them send into
/// one channel.
///
/// An empty map ends: insert again, and it goes on. Streams must be `Unpin`; box
/// and pin those that are not (`Box::pin`).
///
/// ```
/// use sinew_stream::{StreamExt, StreamMap, iter};
///
/// let mut map = StreamMap::new();
/// map.insert("odd", iter(vec![1, 3]));
/// map.insert("even", iter(vec![2]));
/// let mut all: Vec<_> = sinew_core::block_on(map.collect());
/// all.sort();
/// assert_eq!(all, [("even", 2), ("odd", 1), ("odd", 3)]);
/// ```
pub struct StreamMap<K, V> {
    entries: Vec<(K, V)>,
}

impl<K, V> StreamMap<K, V> {
    /// An empty map. Allocates nothing.
    #[must_use]
    pub fn new() -> StreamMap<K, V> {
        StreamMap {
            entries: Vec::new(),
        }
    }

    /// An empty map with room for `capacity` streams.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> StreamMap<K, V> {
        StreamMap {
            entries: Vec::with_capacity(capacity),
        }
    }

    /// The keys and their streams, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &(K, V)> {
        self.entries.iter()
    }

    /// The keys and their streams, in no order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut (K, V)> {
        self.entries.iter_mut()
    }

    /// The keys, in no order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The streams, in no order.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.iter().map(|(_, stream)| stream)
    }

    /// The streams, in no order.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, stream)| stream)
    }

    /// For how many streams there is room without an allocation.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.entries.capacity()
    }

    /// How many streams there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no stream.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Drops all streams and keeps the room.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Puts a stream under a key, and gives the one that was there.
    pub fn insert(&mut self, key: K, stream: V) -> Option<V>
    where
        K: Hash + Eq,
    {
        let old = self.remove(&key);
        self.entries.push((key, stream));
        old
    }

    /// Takes the stream of a key out.
    pub fn remove<Q>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let index = self.position(key)?;
        Some(self.entries.swap_remove(index).1)
    }

    /// Whether there is a stream under this key.
    pub fn contains_key<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.position(key).is_some()
    }

    fn position<Q>(&self, key: &Q) -> Option<usize>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        self.entries
            .iter()
            .position(|(other, _)| other.borrow() == key)
    }
}

impl<K, V: Stream + Unpin> StreamMap<K, V> {
    /// Asks the streams in a circle that begins with a random one, each for one item,
    /// until `take` has enough or all of them in a row have nothing.
    ///
    /// One that has ended is taken out without changing the order: what comes next in
    /// the circle is then always what has waited the longest.
    fn poll_round(
        &mut self,
        cx: &mut Context<'_>,
        mut take: impl FnMut(&K, V::Item) -> ControlFlow<()>,
    ) {
        let mut index = rng::below(self.entries.len() as u32) as usize;
        let mut unasked = self.entries.len();
        while unasked > 0 {
            let (key, stream) = &mut self.entries[index];
            match Pin::new(stream).poll_next(cx) {
                Poll::Ready(Some(item)) => {
                    if take(key, item).is_break() {
                        return;
                    }
                    unasked = self.entries.len();
                    index += 1;
                }
                Poll::Ready(None) => {
                    self.entries.remove(index);
                    unasked -= 1;
                }
                Poll::Pending => {
                    unasked -= 1;
                    index += 1;
                }
            }
            if index >= self.entries.len() {
                index = 0;
            }
        }
    }
}

impl<K: Clone + Unpin, V: Stream + Unpin> StreamMap<K, V> {
    /// Waits for at least one item and puts what is ready, up to `limit` items,
    /// at the end of `buffer`, in turns from each of the streams. Gives how many; zero
    /// if the map is empty, or if `limit` is.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: `buffer` is touched only in
    /// the poll that ends it.
    pub async fn next_many(&mut self, buffer: &mut Vec<(K, V::Item)>, limit: usize) -> usize {
        poll_fn(|cx| self.poll_next_many(cx, buffer, limit)).await
    }

    /// As [`next_many`](Self::next_many), as a poll.
    pub fn poll_next_many(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut Vec<(K, V::Item)>,
        limit: usize,
    ) -> Poll<usize> {
        let mut added = 0;
        if limit > 0 {
            self.poll_round(cx, |key, item| {
                buffer.push((key.clone(), item));
                added += 1;
                if added == limit {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            });
        }
        if limit > 0 && added == 0 && !self.is_empty() {
            return Poll::Pending;
        }
        Poll::Ready(added)
    }
}

impl<K: Clone + Unpin, V: Stream + Unpin> Stream for StreamMap<K, V> {
    type Item = (K, V::Item);

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut next = None;
        self.poll_round(cx, |key, item| {
            next = Some((key.clone(), item));
            ControlFlow::Break(())
        });
        if next.is_none() && !self.is_empty() {
            return Poll::Pending;
        }
        Poll::Ready(next)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let mut least = 0_usize;
        let mut most = Some(0_usize);
        for (_, stream) in &self.entries {
            let hint = stream.size_hint();
            least = least.saturating_add(hint.0);
            most = most.zip(hint.1).and_then(|(sum, one)| sum.checked_add(one));
        }
        (least, most)
    }
}

impl<K, V> Default for StreamMap<K, V> {
    fn default() -> Self {
        StreamMap::new()
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for StreamMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.entries.iter().map(|(key, stream)| (key, stream)))
            .finish()
    }
}

impl<K: Hash + Eq, V> FromIterator<(K, V)> for StreamMap<K, V> {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(streams: T) -> Self {
        let mut map = StreamMap::new();
        map.extend(streams);
        map
    }
}

impl<K: Hash + Eq, V> Extend<(K, V)> for StreamMap<K, V> {
    fn extend<T: IntoIterator<Item = (K, V)>>(&mut self, streams: T) {
        for (key, stream) in streams {
            self.insert(key, stream);
        }
    }
}

#[cfg(test)]
mod tests;
