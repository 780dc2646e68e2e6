//! Every receiver gets every value.
//!
//! [`channel`] gives a [`Sender`], which can be cloned, and a [`Receiver`]; more
//! receivers come from [`Sender::subscribe`] and get what is sent from then on.
//! The channel keeps the latest values, as many as its capacity, rounded up to a
//! power of two. Sending never waits: a receiver that falls behind by more loses
//! the oldest values, and is told how many (`RecvError::Lagged`).
//!
//! Each receiver gets a clone of the value; wrap what is costly to clone in an
//! [`Arc`]. After the last one, the value is dropped.
//!
//! ```
//! use sinew_sync::broadcast;
//!
//! # sinew_core::block_on(async {
//! let (tx, mut first) = broadcast::channel(16);
//! let mut second = tx.subscribe();
//! tx.send("hello").unwrap();
//! assert_eq!(first.recv().await, Ok("hello"));
//! assert_eq!(second.recv().await, Ok("hello"));
//! # });
//! ```
//!
//! # Protocol
//!
//! The tail (the next position, the number of receivers, and who waits) has a
//! lock; each slot has one of its own. Who holds both has locked the tail first.
//!
//! 1. A sender writes a slot's position with both locks held. So a receiver that
//!    holds the tail's lock and finds that its position has not been written can
//!    get into the queue: the sender that writes it comes later, and wakes it.
//! 2. A receiver that finds its position in the slot locks the slot alone, looks
//!    again, and has either the value or fallen behind.
//! 3. Values and wakers are dropped without a lock, except that a value is cloned
//!    with its slot locked: so `T` need not be `Sync`.

use std::fmt;

use sinew_core::wait_list::{Locked, WaitList};

use crate::Notify;
use crate::primitives::{Arc, AtomicUsize, Ordering};

pub mod error;
mod receiver;
mod recv;
mod ring;
mod sender;

pub use receiver::Receiver;
pub use sender::{Sender, WeakSender};

use ring::Ring;

/// The largest capacity.
const MAX_CAPACITY: usize = usize::MAX >> 1;
/// The most receivers at a time.
const MAX_RECEIVERS: usize = usize::MAX >> 2;

/// Makes a channel that keeps at least the `capacity` latest values.
///
/// # Panics
///
/// When `capacity` is 0 or larger than `usize::MAX / 2`.
///
/// # Examples
///
/// ```
/// use sinew_sync::broadcast;
/// use sinew_sync::broadcast::error::TryRecvError;
///
/// let (tx, mut rx) = broadcast::channel(2);
/// for i in 0..5 {
///     tx.send(i).unwrap();
/// }
/// assert_eq!(rx.try_recv(), Err(TryRecvError::Lagged(3)));
/// assert_eq!(rx.try_recv(), Ok(3));
/// assert_eq!(rx.try_recv(), Ok(4));
/// ```
#[track_caller]
pub fn channel<T: Clone>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let tx = Sender::new(capacity);
    let rx = tx.subscribe();
    (tx, rx)
}

struct Shared<T> {
    ring: Ring<T>,
    tail: WaitList<Tail, ()>,
    senders: AtomicUsize,
    weak_senders: AtomicUsize,
    /// Notified when the last receiver has gone.
    abandoned: Notify,
}

/// What the lock of the tail guards, beside who waits for the next value.
struct Tail {
    /// The position of the next value.
    next: u64,
    receivers: usize,
    /// No sender or no receiver is left.
    closed: bool,
}

impl<T> Shared<T> {
    #[track_caller]
    fn new(capacity: usize) -> Shared<T> {
        assert!(capacity > 0, "a broadcast channel keeps at least one value");
        assert!(
            capacity <= MAX_CAPACITY,
            "a broadcast channel keeps at most usize::MAX / 2 values"
        );
        Shared {
            ring: Ring::new(capacity.next_power_of_two()),
            tail: WaitList::new(Tail {
                next: 0,
                receivers: 0,
                closed: true,
            }),
            senders: AtomicUsize::new(1),
            weak_senders: AtomicUsize::new(0),
            abandoned: Notify::new(),
        }
    }

    /// Adds a receiver: the position of the first value that it gets.
    fn subscribe(&self) -> u64 {
        let mut locked = self.tail.lock();
        let tail = &mut locked.state;
        assert!(
            tail.receivers < MAX_RECEIVERS,
            "too many receivers of a broadcast channel"
        );
        if tail.receivers == 0 {
            // Unless it was the senders that went.
            tail.closed = self.sender_count() == 0;
        }
        tail.receivers += 1;
        tail.next
    }

    /// Wakes all who wait for the next value.
    fn wake_all<'a>(&'a self, locked: Locked<'a, Tail, ()>) {
        if !locked.queue.is_empty() {
            self.tail.wake_all(locked, |()| {});
        }
    }

    fn sender_count(&self) -> usize {
        // ORDERING: Acquire: partner of the last sender's drop.
        self.senders.load(Ordering::Acquire)
    }

    fn weak_sender_count(&self) -> usize {
        self.weak_senders.load(Ordering::Relaxed)
    }
}

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("capacity", &self.ring.count())
            .field("senders", &self.sender_count())
            .finish_non_exhaustive()
    }
}

/// Counts one more in a handle to the channel.
fn share<T>(shared: &Arc<Shared<T>>, count: &AtomicUsize) -> Arc<Shared<T>> {
    count.fetch_add(1, Ordering::Relaxed);
    shared.clone()
}

/// The bytes of a channel's allocation, with the two counts of its `Arc`.
#[cfg(all(test, not(sinew_loom)))]
pub(crate) fn footprint() -> usize {
    size_of::<Shared<u64>>() + 2 * size_of::<usize>()
}

#[cfg(test)]
mod tests;
