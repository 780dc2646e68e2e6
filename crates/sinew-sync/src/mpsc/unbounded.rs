//! Both ends of an unbounded channel.

use std::fmt;
use std::future::Future;

use sinew_core::coop::cooperative;

use super::capacity::Unbounded;
use super::chan::ChanRef;
use super::error::SendError;
use super::receiver::receiver;
use super::sender::sender;
use super::sink::UnboundedSink;

/// Makes an unbounded channel. A sender that is faster than the receiver fills
/// the memory: prefer a bounded [`channel`](super::channel) where that can happen.
///
/// # Examples
///
/// ```
/// use sinew_sync::mpsc;
///
/// # sinew_core::block_on(async {
/// let (tx, mut rx) = mpsc::unbounded_channel();
/// tx.send("hello").unwrap();
/// assert_eq!(rx.recv().await, Some("hello"));
/// # });
/// ```
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    let chan = ChanRef::new(Unbounded);
    (UnboundedSender { chan }, UnboundedReceiver::new(chan))
}

sender!(
    UnboundedSender,
    WeakUnboundedSender,
    Unbounded,
    "unbounded_channel::<i32>()"
);
receiver!(UnboundedReceiver, Unbounded, "unbounded_channel()", "send");

impl<T> UnboundedSender<T> {
    /// Sends a value. Never waits.
    ///
    /// `Ok` means that the value is in the channel, not that it will be received.
    ///
    /// # Errors
    ///
    /// When the receiver has been closed or dropped; gives the value back.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpsc;
    ///
    /// let (tx, rx) = mpsc::unbounded_channel();
    /// tx.send(1).unwrap();
    /// drop(rx);
    /// assert_eq!(tx.send(2).unwrap_err().0, 2);
    /// ```
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        self.chan().send_open(message).map_err(SendError)
    }

    /// This sender as a `Sink`.
    #[must_use = "sinks do nothing unless they are used"]
    pub fn into_sink(self) -> UnboundedSink<T> {
        UnboundedSink::new(self)
    }

    /// Waits until the receiver has been closed or dropped.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpsc;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, rx) = mpsc::unbounded_channel::<()>();
    /// drop(rx);
    /// tx.closed().await;
    /// # });
    /// ```
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        let notified = self.chan().closing().notified();
        cooperative(async move {
            if !self.is_closed() {
                notified.await;
            }
        })
    }

    /// Whether the receiver has been closed or dropped. A value sent now would
    /// come back.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.chan().list().is_closed()
    }
}

impl<T> fmt::Debug for UnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedSender")
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

impl<T> UnboundedReceiver<T> {
    /// Closes the channel: nothing more can be sent.
    /// What has been sent can still be received.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpsc;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, mut rx) = mpsc::unbounded_channel();
    /// tx.send(1).unwrap();
    /// rx.close();
    /// assert!(tx.send(2).is_err());
    /// assert_eq!(rx.recv().await, Some(1));
    /// assert_eq!(rx.recv().await, None);
    /// # });
    /// ```
    pub fn close(&mut self) {
        let end = self.rx.chan().list().close();
        self.rx.set_end(end);
        self.rx.notify_closed();
    }

    /// Whether the channel was closed, or all senders are gone. Values may still
    /// be in it.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.rx.chan().list().is_closed() || self.sender_strong_count() == 0
    }
}
