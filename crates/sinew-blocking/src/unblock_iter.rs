//! An iterator that blocks, as a stream.
//!
//! A closure on the pool calls the iterator ahead of the stream's consumer and
//! puts the items into `ahead`. It gives the iterator back when `capacity` items
//! are there, so that a slow consumer holds no thread, and is sent again when
//! half of them have been taken.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{Location, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use futures_core::Stream;
use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};
use sinew_task::JoinHandle;

use crate::spawn_blocking;

/// Items that are fetched ahead, unless told otherwise. Enough for the hand-over
/// between the threads not to show.
const CAPACITY: usize = 64;

/// Makes a stream of an iterator whose `next` blocks, such as the entries of a
/// directory or the lines of a standard-library reader.
///
/// ```
/// use futures::StreamExt;
/// use sinew_core::block_on;
/// use sinew_blocking::unblock_iter;
///
/// let (sender, receiver) = std::sync::mpsc::channel();
/// std::thread::spawn(move || (0..3).for_each(|n| sender.send(n).unwrap()));
/// let items: Vec<i32> = block_on(unblock_iter(receiver.into_iter()).collect());
/// assert_eq!(items, [0, 1, 2]);
/// ```
#[track_caller]
pub fn unblock_iter<I>(iterator: I) -> UnblockIter<I::IntoIter>
where
    I: IntoIterator,
    I::IntoIter: Send + 'static,
    I::Item: Send + 'static,
{
    UnblockIter::with_capacity(CAPACITY, iterator.into_iter())
}

struct Ahead<T> {
    items: VecDeque<T>,
    /// Of the consumer, who found no item.
    waker: Option<Waker>,
    /// The consumer has gone.
    closed: bool,
}

struct Shared<T>(Mutex<Ahead<T>>);

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, Ahead<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an item in. Whether there is to be another.
    fn push(&self, item: T, capacity: usize) -> bool {
        let (waker, more, refused) = {
            let mut ahead = self.lock();
            let refused = if ahead.closed {
                Some(item)
            } else {
                ahead.items.push_back(item);
                None
            };
            let more = refused.is_none() && ahead.items.len() < capacity;
            (ahead.waker.take(), more, refused)
        };
        drop(refused);
        if let Some(waker) = waker {
            waker.wake();
        }
        more
    }
}

enum Runner<I: Iterator> {
    /// Nobody calls the iterator now.
    Idle(I),
    /// A closure on the pool does. Gives the iterator back unless it has ended.
    Running(JoinHandle<Option<I>>),
    Ended,
}

/// A stream of the items of an iterator that is called on the blocking pool.
/// Made by [`unblock_iter`].
///
/// The iterator is called ahead of the consumer by a limited number of items.
/// Dropping the stream drops it: at once, or when the call under way returns.
///
/// # Panics
///
/// Polling it passes on a panic of the iterator. It panics if the pool is shut
/// down before the iterator's end.
///
/// # Cancel safety
///
/// An item that was fetched stays in the stream until a poll gives it.
#[must_use = "streams do nothing unless polled"]
pub struct UnblockIter<I: Iterator> {
    shared: Arc<Shared<I::Item>>,
    runner: Runner<I>,
    capacity: usize,
    location: &'static Location<'static>,
}

// Nothing in it is pinned: the iterator is moved to the pool and back.
impl<I: Iterator> Unpin for UnblockIter<I> {}

impl<I> UnblockIter<I>
where
    I: Iterator + Send + 'static,
    I::Item: Send + 'static,
{
    /// A stream that fetches up to `capacity` items ahead.
    ///
    /// # Panics
    ///
    /// When `capacity` is zero.
    #[track_caller]
    pub fn with_capacity(capacity: usize, iterator: I) -> UnblockIter<I> {
        assert!(capacity > 0, "a stream must fetch at least one item ahead");
        UnblockIter {
            shared: Arc::new(Shared(Mutex::new(Ahead {
                items: VecDeque::new(),
                waker: None,
                closed: false,
            }))),
            runner: Runner::Idle(iterator),
            capacity,
            location: Location::caller(),
        }
    }

    /// Sends a closure to call the iterator, if none does.
    fn start(&mut self) {
        let mut iterator = match std::mem::replace(&mut self.runner, Runner::Ended) {
            Runner::Idle(iterator) => iterator,
            other => {
                self.runner = other;
                return;
            }
        };
        let (shared, capacity) = (self.shared.clone(), self.capacity);
        self.runner = Runner::Running(spawn_blocking(move || {
            loop {
                let item = iterator.next()?;
                if !shared.push(item, capacity) {
                    return Some(iterator);
                }
            }
        }));
    }

    /// Whether the closure has ended, and with it the iterator if that has.
    fn poll_runner(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Runner::Running(handle) = &mut self.runner else {
            return Poll::Ready(());
        };
        // No operation of the consumer's: it spends no budget.
        let mut handle = std::pin::pin!(coop::unconstrained(handle));
        self.runner = match ready!(std::future::Future::poll(handle.as_mut(), cx)) {
            Ok(Some(iterator)) => Runner::Idle(iterator),
            Ok(None) => Runner::Ended,
            Err(error) => {
                self.runner = Runner::Ended;
                match error.try_into_panic() {
                    Ok(payload) => resume_unwind(payload),
                    Err(error) => panic!("the blocking pool was shut down: {error}"),
                }
            }
        };
        Poll::Ready(())
    }
}

impl<I> Stream for UnblockIter<I>
where
    I: Iterator + Send + 'static,
    I::Item: Send + 'static,
{
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<I::Item>> {
        let proceed = ready!(coop::poll_proceed(cx));
        let this = &mut *self;
        loop {
            let (item, left) = {
                let mut ahead = this.shared.lock();
                let item = ahead.items.pop_front();
                if item.is_none() {
                    ahead.waker = Some(cx.waker().clone());
                }
                (item, ahead.items.len())
            };
            if let Some(item) = item {
                if left <= this.capacity / 2 && this.poll_runner(cx).is_ready() {
                    this.start();
                }
                proceed.made_progress();
                return Poll::Ready(Some(item));
            }
            this.start();
            if this.poll_runner(cx).is_pending() {
                return leaf::pending(&Wait {
                    kind: Kind::Blocking,
                    resource: Arc::as_ptr(&this.shared).addr() as u64,
                    location: this.location,
                });
            }
            if matches!(this.runner, Runner::Ended) && this.shared.lock().items.is_empty() {
                proceed.made_progress();
                return Poll::Ready(None);
            }
        }
    }
}

impl<I: Iterator> Drop for UnblockIter<I> {
    fn drop(&mut self) {
        if let Runner::Running(handle) = &self.runner {
            handle.abort();
        }
        let items = {
            let mut ahead = self.shared.lock();
            ahead.closed = true;
            (std::mem::take(&mut ahead.items), ahead.waker.take())
        };
        drop(items);
    }
}

impl<I: Iterator> fmt::Debug for UnblockIter<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnblockIter")
            .field("ahead", &self.shared.lock().items.len())
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
