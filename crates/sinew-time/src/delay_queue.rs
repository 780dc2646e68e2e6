//! A queue whose values come out at their deadlines.
//!
//! [`DelayQueue`] has a timing wheel of its own and one timer: however many
//! values wait, the runtime's timers see only the first deadline.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use futures_core::Stream;
use sinew_core::coop;

use crate::clock;
use crate::instant::Instant;
use crate::timer::{Start, Timer};
use crate::wheel::{self, Wheel};

/// More values than this are refused, as a sign of a queue that nobody empties.
const MAX_VALUES: usize = (1 << 30) - 1;

const NOT_HERE: &str = "the key names no value of this queue";

/// Values that come out at their deadlines, in the order of these.
///
/// A value goes in by [`insert`](Self::insert) with a span or by
/// [`insert_at`](Self::insert_at) with a point in time, and comes out by
/// [`poll_expired`](Self::poll_expired), or by polling the queue as a `Stream`:
/// never before its deadline, to the nanosecond, and among equal deadlines in
/// the order of insertion. The [`Key`] of a value takes it out earlier or sets
/// another deadline. All of that takes constant time, and no allocation while
/// there is capacity.
///
/// While the queue is empty it is `Ready(None)`: the stream seems to end, and
/// goes on after the next insertion, which wakes the task that polled last.
///
/// # Cancel safety
///
/// A value leaves the queue only in the poll that returns it. Dropping a future
/// that waits for the next one loses nothing.
///
/// # Examples
///
/// ```
/// use futures::StreamExt;
/// use sinew_time::{DelayQueue, Duration};
///
/// # sinew_core::block_on(async {
/// let mut queue = DelayQueue::new();
/// queue.insert("second", Duration::from_millis(2));
/// queue.insert("first", Duration::from_millis(1));
/// let third = queue.insert("third", Duration::from_secs(3600));
/// assert_eq!(queue.next().await.unwrap().into_inner(), "first");
/// assert_eq!(queue.next().await.unwrap().into_inner(), "second");
/// assert_eq!(queue.remove(&third).into_inner(), "third");
/// assert!(queue.next().await.is_none());
/// # });
/// ```
pub struct DelayQueue<T> {
    wheel: Wheel<T>,
    /// Zero of the nanoseconds that the wheel counts.
    start: Instant,
    /// What is due by this time comes out without asking the clock.
    now: u64,
    /// Until the first deadline, as of the last poll or change.
    timer: Option<(u64, Timer)>,
    /// The task that polled last.
    waker: Option<Waker>,
}

/// Names one value of a [`DelayQueue`].
///
/// It names that value and no other: once the value is out of the queue, the
/// key names nothing, until its place was used 2^32 times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(wheel::Key);

/// A value that has left a [`DelayQueue`], with its deadline and its key.
#[derive(Debug)]
pub struct Expired<T> {
    value: T,
    deadline: Instant,
    key: Key,
}

impl<T> Expired<T> {
    /// The value.
    pub fn get_ref(&self) -> &T {
        &self.value
    }

    /// The value.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The deadline that the value had.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The key that the value had.
    pub fn key(&self) -> Key {
        self.key
    }
}

impl<T> DelayQueue<T> {
    /// An empty queue, which allocates nothing for values until the first one.
    #[must_use]
    pub fn new() -> DelayQueue<T> {
        DelayQueue::with_capacity(0)
    }

    /// An empty queue with room for `capacity` values.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> DelayQueue<T> {
        let mut wheel = Wheel::new();
        wheel.reserve(capacity);
        DelayQueue {
            wheel,
            start: clock::now(),
            now: 0,
            timer: None,
            waker: None,
        }
    }

    /// Puts `value` in, to come out after `timeout`. A span that the clock cannot
    /// say, like [`Duration::MAX`], means never.
    ///
    /// # Panics
    ///
    /// When the queue holds 2^30 - 1 values.
    #[track_caller]
    pub fn insert(&mut self, value: T, timeout: Duration) -> Key {
        let now = clock::now();
        self.insert_with(value, now.add_or_far(timeout), Some(now))
    }

    /// Puts `value` in, to come out at `when`; at the next poll if that has
    /// passed. A time before the queue was made counts as the time of its making.
    ///
    /// # Panics
    ///
    /// When the queue holds 2^30 - 1 values.
    #[track_caller]
    pub fn insert_at(&mut self, value: T, when: Instant) -> Key {
        self.insert_with(value, when, None)
    }

    #[track_caller]
    fn insert_with(&mut self, value: T, when: Instant, now: Option<Instant>) -> Key {
        assert!(
            self.len() < MAX_VALUES,
            "a DelayQueue holds at most {MAX_VALUES} values"
        );
        let key = self.wheel.insert(self.nanos_at(when), value);
        if self.timer.is_some() {
            self.follow();
            self.wake_if_due(when, now);
        } else {
            // Whoever polled last was told that the queue is empty.
            self.wake();
        }
        Key(key)
    }

    /// The deadline of a value.
    ///
    /// # Panics
    ///
    /// When the key names no value of this queue.
    #[track_caller]
    pub fn deadline(&self, key: &Key) -> Instant {
        match self.wheel.deadline(key.0) {
            Some(deadline) => self.instant(deadline),
            None => panic!("{NOT_HERE}"),
        }
    }

    /// Takes a value out before its deadline.
    ///
    /// # Panics
    ///
    /// When the key names no value of this queue. See
    /// [`try_remove`](Self::try_remove).
    #[track_caller]
    pub fn remove(&mut self, key: &Key) -> Expired<T> {
        match self.try_remove(key) {
            Some(removed) => removed,
            None => panic!("{NOT_HERE}"),
        }
    }

    /// Takes a value out before its deadline; `None` if the key names no value
    /// of this queue, because it is out already.
    pub fn try_remove(&mut self, key: &Key) -> Option<Expired<T>> {
        let deadline = self.wheel.deadline(key.0)?;
        let value = self.wheel.remove(key.0)?;
        self.follow();
        if self.is_empty() {
            // Whoever waits is to see the end.
            self.wake();
        }
        Some(Expired {
            value,
            deadline: self.instant(deadline),
            key: *key,
        })
    }

    /// Sets the deadline of a value to `timeout` from now. Among equal deadlines
    /// it is now the last. If that changes the first deadline of all, the task that
    /// waits for it is woken, and waits for the new one at its next poll.
    ///
    /// # Panics
    ///
    /// When the key names no value of this queue.
    #[track_caller]
    pub fn reset(&mut self, key: &Key, timeout: Duration) {
        let now = clock::now();
        self.reset_with(key, now.add_or_far(timeout), Some(now));
    }

    /// Sets the deadline of a value to `when`. Otherwise as [`reset`](Self::reset).
    ///
    /// # Panics
    ///
    /// When the key names no value of this queue.
    #[track_caller]
    pub fn reset_at(&mut self, key: &Key, when: Instant) {
        self.reset_with(key, when, None);
    }

    #[track_caller]
    fn reset_with(&mut self, key: &Key, when: Instant, now: Option<Instant>) {
        assert!(self.wheel.reset(key.0, self.nanos_at(when)), "{NOT_HERE}");
        if self.follow() {
            // As in tokio-util, whose tasks look again when the first deadline moves.
            self.wake();
        } else {
            self.wake_if_due(when, now);
        }
    }

    /// The key of the value that comes out next. Takes time in proportion to the
    /// number of values that are due at about the same time.
    pub fn peek(&self) -> Option<Key> {
        self.wheel.first_key().map(Key)
    }

    /// Polls for the next value whose deadline has passed. `Ready(None)` if the
    /// queue is empty. When it is pending, the task of `cx`, and no other, is
    /// woken at the first deadline, also if that is changed meanwhile.
    pub fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<Option<Expired<T>>> {
        let coop = ready!(coop::poll_proceed(cx));
        if !self
            .waker
            .as_ref()
            .is_some_and(|waker| waker.will_wake(cx.waker()))
        {
            self.waker = Some(cx.waker().clone());
        }
        loop {
            if let Some((key, deadline, value)) = self.wheel.pop_due_key(self.now) {
                coop.made_progress();
                return Poll::Ready(Some(Expired {
                    value,
                    deadline: self.instant(deadline),
                    key: Key(key),
                }));
            }
            let Some(next) = self.wheel.next_deadline() else {
                self.timer = None;
                return Poll::Ready(None);
            };
            ready!(self.timer_until(next).poll(cx));
            self.timer = None;
            self.now = self.nanos_at(clock::now()).max(next);
        }
    }

    /// Takes all values out and drops them. Room for them stays.
    pub fn clear(&mut self) {
        let had_values = !self.is_empty();
        self.timer = None;
        while self.wheel.pop_any().is_some() {}
        if had_values {
            self.wake();
        }
    }

    /// How many values the queue has room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.wheel.capacity()
    }

    /// How many values are in the queue, due or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.wheel.len()
    }

    /// Whether no value is in the queue.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes room for `additional` more values.
    ///
    /// # Panics
    ///
    /// When that makes more than 2^30 - 1.
    #[track_caller]
    pub fn reserve(&mut self, additional: usize) {
        assert!(
            self.len().saturating_add(additional) <= MAX_VALUES,
            "a DelayQueue holds at most {MAX_VALUES} values"
        );
        self.wheel.reserve(additional);
    }

    /// Gives back room that is not needed. The same as [`compact`](Self::compact).
    pub fn shrink_to_fit(&mut self) {
        self.compact();
    }

    /// Gives back room that is not needed. Values do not move and keys stay good,
    /// so a block of 256 places is kept if one of them is in use. Takes time in
    /// proportion to the capacity.
    pub fn compact(&mut self) {
        self.wheel.compact();
    }

    fn nanos_at(&self, when: Instant) -> u64 {
        clock::nanos(when - self.start)
    }

    fn instant(&self, nanos: u64) -> Instant {
        self.start.add_or_far(Duration::from_nanos(nanos))
    }

    #[track_caller]
    fn timer_until(&mut self, next: u64) -> &mut Timer {
        let at = self.instant(next);
        let (set, timer) = self
            .timer
            .get_or_insert_with(|| (next, Timer::new(at, Start::MaybePassed)));
        if *set != next {
            *set = next;
            timer.reset(at);
        }
        timer
    }

    /// Lets the timer, if there is one, follow the first deadline. The task that
    /// waits for it goes on to do so. Returns whether the timer has moved.
    fn follow(&mut self) -> bool {
        let Some((set, _)) = self.timer else {
            return false;
        };
        match self.wheel.next_deadline() {
            Some(next) => {
                self.timer_until(next);
                set != next
            }
            None => {
                self.timer = None;
                false
            }
        }
    }

    fn wake_if_due(&self, when: Instant, now: Option<Instant>) {
        if self.waker.is_some() && when <= now.unwrap_or_else(clock::now) {
            self.wake();
        }
    }

    fn wake(&self) {
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
    }
}

/// A value is never pinned.
impl<T> Unpin for DelayQueue<T> {}

impl<T> Default for DelayQueue<T> {
    fn default() -> Self {
        DelayQueue::new()
    }
}

impl<T> Stream for DelayQueue<T> {
    type Item = Expired<T>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Expired<T>>> {
        self.get_mut().poll_expired(cx)
    }
}

impl<T> fmt::Debug for DelayQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let next = self.peek().map(|key| self.deadline(&key));
        f.debug_struct("DelayQueue")
            .field("len", &self.len())
            .field("next", &next)
            .finish()
    }
}
