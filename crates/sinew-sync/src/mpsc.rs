//! Queues from many senders to one receiver.
//!
//! - [`channel`] makes a **bounded** queue: sending waits for a free place, which
//!   slows senders down to what the receiver can take. Places are given first
//!   come, first served, and can be reserved ahead ([`Sender::reserve`]).
//! - [`unbounded_channel`] makes an **unbounded** one: sending never waits, and
//!   memory is the limit.
//!
//! Values arrive in the order in which they were sent.
//!
//! # The end of a channel
//!
//! When all senders are gone, the receiver gets what was sent and then `None`. When
//! the receiver is dropped, or closes the channel, sending fails and gives the
//! value back. [`WeakSender`]s do not keep a channel open.
//!
//! # Cost
//!
//! Sending costs three atomic read-modify-writes on a bounded and two on an
//! unbounded channel, receiving one and none; one more if the receiver has to
//! wait. A channel is one allocation with room for up to 8 small values; further
//! blocks grow with the number of values that wait, up to 32 values or 4 KiB, are
//! used again while they are needed, and given back when they are not.
//!
//! ```
//! use sinew_sync::mpsc;
//!
//! # sinew_core::block_on(async {
//! let (tx, mut rx) = mpsc::channel(2);
//! std::thread::spawn(move || {
//!     for i in 0..5 {
//!         if sinew_core::block_on(tx.send(i)).is_err() {
//!             return;
//!         }
//!     }
//! });
//! let mut sum = 0;
//! while let Some(i) = rx.recv().await {
//!     sum += i;
//! }
//! assert_eq!(sum, 10);
//! # });
//! ```

mod block;
mod bounded;
mod capacity;
mod chan;
pub mod error;
mod list;
mod permit;
mod receive;
mod receiver;
mod sender;
mod sink;
mod take;
mod unbounded;

pub(crate) use take::Take;

pub use bounded::{Receiver, Sender, WeakSender, channel};
pub use permit::{OwnedPermit, Permit, PermitIterator};
pub use sink::UnboundedSink;
pub use unbounded::{UnboundedReceiver, UnboundedSender, WeakUnboundedSender, unbounded_channel};

#[cfg(test)]
mod tests;
