//! A channel from many senders to one receiver, on one thread.
//!
//! As [`crate::mpsc`], without atomics: a queue, a waker, and for [`channel`] a
//! [`Semaphore`](crate::local::Semaphore) of free places.
//!
//! ```
//! use sinew_sync::local::mpsc;
//!
//! # sinew_core::block_on(async {
//! let (tx, mut rx) = mpsc::channel(2);
//! tx.send(1).await.unwrap();
//! tx.send(2).await.unwrap();
//! drop(tx);
//! assert_eq!(rx.recv().await, Some(1));
//! assert_eq!(rx.recv().await, Some(2));
//! assert_eq!(rx.recv().await, None);
//! # });
//! ```

mod bounded;
mod chan;
mod ends;
mod permit;
mod place;
mod unbounded;

pub mod error {
    //! What can go wrong with an mpsc channel.

    pub use crate::mpsc::error::{SendError, TryRecvError, TrySendError};
}

pub use bounded::{Receiver, Sender, WeakSender, channel};
pub use permit::{OwnedPermit, Permit, PermitIterator};
pub use unbounded::{UnboundedReceiver, UnboundedSender, WeakUnboundedSender, unbounded_channel};

/// The bytes of a channel's allocation, with the two counts of its `Rc`.
#[cfg(all(test, not(sinew_loom)))]
pub(crate) fn footprint() -> usize {
    size_of::<chan::Chan<u64>>() + 2 * size_of::<usize>()
}
