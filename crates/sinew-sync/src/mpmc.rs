//! Queues from many senders to many receivers: each value goes to one receiver.
//!
//! [`channel`] makes a bounded queue, [`unbounded_channel`] one without a bound; both
//! have the same ends. For work that several tasks share.
//!
//! A channel is closed when all its senders, or all its receivers, are gone, or by
//! [`close`](Sender::close). Values that are in it then can still be received.
//!
//! # Order
//!
//! Values are received in the order in which they were sent. Senders that wait for
//! room are served first come, first served: whoever makes room moves the value of
//! the first into the queue. Of the receivers that wait, the first is woken, but one
//! that comes at that moment may be faster.
//!
//! # Cost
//!
//! One lock, held for some instructions, around a ring that grows with the queue
//! and is given back when a long queue has become empty.
//!
//! ```
//! use sinew_sync::mpmc;
//!
//! # sinew_core::block_on(async {
//! let (tx, rx) = mpmc::channel(4);
//! let workers: Vec<_> = (0..2)
//!     .map(|_| {
//!         let rx = rx.clone();
//!         std::thread::spawn(move || std::iter::from_fn(|| rx.blocking_recv().ok()).count())
//!     })
//!     .collect();
//! drop(rx);
//! for i in 0..10 {
//!     tx.send(i).await.unwrap();
//! }
//! drop(tx);
//! let done: usize = workers.into_iter().map(|worker| worker.join().unwrap()).sum();
//! assert_eq!(done, 10);
//! # });
//! ```
//!
//! # Invariants, with the lock held
//!
//! 1. A sender waits only while the queue is full and not closed.
//! 2. If values and waiting receivers are both there, some receiver has been woken
//!    and not polled yet. It passes its wake-up on if it is dropped.
//! 3. A sender that was popped without its value has sent it; with it, it was closed.

mod chan;
pub mod error;
mod receiver;
mod recv;
mod send;
mod sender;
mod sink;

pub use receiver::{Receiver, WeakReceiver};
pub use sender::{Sender, WeakSender};
pub use sink::SendSink;

use crate::primitives::Arc;
use chan::Chan;

/// Makes a channel with room for `buffer` values.
///
/// # Panics
///
/// When `buffer` is 0.
///
/// # Examples
///
/// ```
/// use sinew_sync::mpmc;
///
/// # sinew_core::block_on(async {
/// let (tx, rx) = mpmc::channel(1);
/// tx.send(1).await.unwrap();
/// assert!(tx.try_send(2).is_err());
/// assert_eq!(rx.recv().await, Ok(1));
/// # });
/// ```
#[track_caller]
pub fn channel<T>(buffer: usize) -> (Sender<T>, Receiver<T>) {
    assert!(
        buffer > 0,
        "an mpmc channel has room for at least one value"
    );
    ends(Some(buffer))
}

/// Makes a channel without a bound. Senders that are faster than the receivers
/// fill the memory.
///
/// ```
/// use sinew_sync::mpmc;
///
/// let (tx, rx) = mpmc::unbounded_channel();
/// tx.try_send(1).unwrap();
/// assert_eq!(rx.try_recv(), Ok(1));
/// ```
pub fn unbounded_channel<T>() -> (Sender<T>, Receiver<T>) {
    ends(None)
}

fn ends<T>(bound: Option<usize>) -> (Sender<T>, Receiver<T>) {
    let chan = Arc::new(Chan::new(bound));
    (Sender::new(chan.clone()), Receiver::new(chan))
}

/// The bytes of a channel's allocation, with the two counts of its `Arc`.
#[cfg(all(test, not(sinew_loom)))]
pub(crate) fn footprint() -> usize {
    size_of::<Chan<u64>>() + 2 * size_of::<usize>()
}

#[cfg(test)]
mod tests;
