//! The ends that send.

use std::fmt;
use std::future::Future;
use std::panic::Location;

use sinew_core::blocking;
use sinew_core::coop::cooperative;

use super::chan::{Chan, try_count};
use super::error::{SendError, TrySendError};
use super::send::Send;
use super::sink::SendSink;
use crate::primitives::{Arc, Ordering};

/// The end that sends. Clones send into the same channel.
pub struct Sender<T> {
    chan: Arc<Chan<T>>,
}

impl<T> Sender<T> {
    /// A sender that has been counted.
    pub(super) fn new(chan: Arc<Chan<T>>) -> Self {
        Sender { chan }
    }

    /// Sends a value, waiting for room. Those who wait are served in the order in
    /// which they came.
    ///
    /// # Errors
    ///
    /// When the channel is closed; gives the value back.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped before it is done, the value has not been sent, or
    /// has been moved into the queue in that moment; if it was not, it is dropped,
    /// and the place in line is lost.
    #[track_caller]
    pub fn send(&self, value: T) -> impl Future<Output = Result<(), SendError<T>>> {
        Send::new(&*self.chan, value, Location::caller())
    }

    /// Sends a value if there is room.
    ///
    /// # Errors
    ///
    /// [`Full`](TrySendError::Full) or [`Closed`](TrySendError::Closed), with the value.
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.chan.try_send(value)
    }

    /// Sends a value; if there is no room, in the place of the oldest one, which is
    /// given back. Never waits.
    ///
    /// # Errors
    ///
    /// When the channel is closed; gives the value back.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpmc;
    ///
    /// let (tx, rx) = mpmc::channel(2);
    /// assert_eq!(tx.force_send(1), Ok(None));
    /// assert_eq!(tx.force_send(2), Ok(None));
    /// assert_eq!(tx.force_send(3), Ok(Some(1)));
    /// assert_eq!(rx.try_recv(), Ok(2));
    /// ```
    pub fn force_send(&self, value: T) -> Result<Option<T>, SendError<T>> {
        self.chan.force_send(value)
    }

    /// [`send`](Self::send) from a thread that is not async, which sleeps meanwhile.
    ///
    /// # Errors
    ///
    /// As `send`.
    ///
    /// # Panics
    ///
    /// On a thread of a current-thread or local runtime, which would then wait for
    /// itself.
    #[track_caller]
    pub fn blocking_send(&self, value: T) -> Result<(), SendError<T>> {
        let (operation, instead) = ("Sender::blocking_send", "send(..).await");
        let mut unsent = Some(value);
        let first =
            blocking::try_first(operation, instead, || match self.try_send(unsent.take()?) {
                Ok(()) => Some(Ok(())),
                Err(TrySendError::Closed(value)) => Some(Err(SendError(value))),
                Err(TrySendError::Full(value)) => {
                    unsent = Some(value);
                    None
                }
            });
        match (first, unsent) {
            (None, Some(value)) => blocking::block_on(operation, instead, self.send(value)),
            (sent, _) => sent.unwrap_or(Ok(())),
        }
    }

    /// Closes the channel: nothing more can be sent, what was sent can be received.
    /// `true` if it was open.
    pub fn close(&self) -> bool {
        self.chan.close()
    }

    /// Waits until the channel is closed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        let notified = self.chan.closing.notified();
        cooperative(async move {
            if !self.is_closed() {
                notified.await;
            }
        })
    }

    /// This sender as a `Sink`.
    #[must_use = "sinks do nothing unless they are used"]
    pub fn into_sink(self) -> SendSink<T> {
        SendSink::new(self)
    }

    pub(super) fn chan(&self) -> &Arc<Chan<T>> {
        &self.chan
    }

    /// A sender that does not keep the channel open.
    #[must_use = "a weak sender does nothing by itself"]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender {
            chan: self.chan.clone(),
        }
    }
}

/// What both kinds of ends can tell.
macro_rules! common_methods {
    () => {
        /// Whether the channel is closed. Values may still be in it.
        #[must_use]
        pub fn is_closed(&self) -> bool {
            self.chan.is_closed()
        }

        /// How many values wait.
        #[must_use]
        pub fn len(&self) -> usize {
            self.chan.len()
        }

        /// Whether no value waits.
        #[must_use]
        pub fn is_empty(&self) -> bool {
            self.len() == 0
        }

        /// Whether there is no room.
        #[must_use]
        pub fn is_full(&self) -> bool {
            self.capacity().is_some_and(|bound| self.len() >= bound)
        }

        /// How many values there is room for in all; `None` without a bound.
        #[must_use]
        pub fn capacity(&self) -> Option<usize> {
            self.chan.bound()
        }

        /// How many senders there are, without weak ones.
        #[must_use]
        pub fn sender_count(&self) -> usize {
            // ORDERING: Acquire: partner of the last sender's drop.
            self.chan.senders.load(Ordering::Acquire)
        }

        /// How many receivers there are, without weak ones.
        #[must_use]
        pub fn receiver_count(&self) -> usize {
            // ORDERING: Acquire: partner of the last receiver's drop.
            self.chan.receivers.load(Ordering::Acquire)
        }

        /// Whether both are of the same channel.
        #[must_use]
        pub fn same_channel(&self, other: &Self) -> bool {
            Arc::ptr_eq(&self.chan, &other.chan)
        }
    };
}

pub(super) use common_methods;

impl<T> Sender<T> {
    common_methods!();
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.chan.senders.fetch_add(1, Ordering::Relaxed);
        Sender::new(self.chan.clone())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.chan.drop_sender();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("len", &self.len())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

/// A sender that does not keep the channel open.
pub struct WeakSender<T> {
    chan: Arc<Chan<T>>,
}

impl<T> WeakSender<T> {
    /// A sender, if there is still another.
    #[must_use]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        try_count(&self.chan.senders).then(|| Sender::new(self.chan.clone()))
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        WeakSender {
            chan: self.chan.clone(),
        }
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakSender").finish_non_exhaustive()
    }
}
