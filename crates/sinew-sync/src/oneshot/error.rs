//! What can go wrong with a oneshot channel.

use std::error::Error;
use std::fmt;

/// The sender was dropped without sending, or the channel had been closed.
/// From awaiting a [`Receiver`](super::Receiver).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecvError(pub(crate) ());

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl Error for RecvError {}

/// Why there is no value now. From [`Receiver::try_recv`](super::Receiver::try_recv).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// The value has not been sent yet.
    Empty,
    /// The sender was dropped without sending, the channel had been closed, or
    /// the value was received before.
    Closed,
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryRecvError::Empty => "channel empty",
            TryRecvError::Closed => "channel closed",
        })
    }
}

impl Error for TryRecvError {}
