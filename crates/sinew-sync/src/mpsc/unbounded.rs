//! Both ends of an unbounded channel.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use sinew_core::blocking;
use sinew_core::coop::cooperative;

use super::capacity::Unbounded;
use super::chan::{Chan, ChanRef, Holder};
use super::error::{SendError, TryRecvError};
use super::receive::Rx;

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
    (
        UnboundedSender { chan },
        UnboundedReceiver { rx: Rx::new(chan) },
    )
}

/// The sending end of an unbounded channel. Clones send into the same channel.
pub struct UnboundedSender<T> {
    chan: ChanRef<T, Unbounded>,
}

impl<T> UnboundedSender<T> {
    fn chan(&self) -> &Chan<T, Unbounded> {
        self.chan.get()
    }

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

    /// Whether both send into the same channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.chan == other.chan
    }

    /// A sender that does not keep the channel open.
    #[must_use = "a weak sender does nothing by itself"]
    pub fn downgrade(&self) -> WeakUnboundedSender<T> {
        self.chan.add_weak();
        WeakUnboundedSender { chan: self.chan }
    }

    /// How many senders there are, without weak ones.
    #[must_use]
    pub fn strong_count(&self) -> usize {
        self.chan().strong_count()
    }

    /// How many weak senders there are.
    #[must_use]
    pub fn weak_count(&self) -> usize {
        self.chan().weak_count()
    }
}

impl<T> Clone for UnboundedSender<T> {
    fn clone(&self) -> Self {
        self.chan.add_strong();
        UnboundedSender { chan: self.chan }
    }
}

impl<T> Drop for UnboundedSender<T> {
    fn drop(&mut self) {
        self.chan.drop_strong();
    }
}

impl<T> fmt::Debug for UnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedSender")
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

/// A sender that does not keep the channel open.
///
/// [`upgrade`](Self::upgrade) it to send.
///
/// ```
/// use sinew_sync::mpsc;
///
/// let (tx, rx) = mpsc::unbounded_channel::<i32>();
/// let weak = tx.downgrade();
/// assert!(weak.upgrade().is_some());
/// drop(tx);
/// assert!(weak.upgrade().is_none());
/// # drop(rx);
/// ```
pub struct WeakUnboundedSender<T> {
    chan: ChanRef<T, Unbounded>,
}

impl<T> WeakUnboundedSender<T> {
    /// A sender, if there is still another.
    #[must_use]
    pub fn upgrade(&self) -> Option<UnboundedSender<T>> {
        let upgraded = self.chan.try_add_strong();
        upgraded.then(|| UnboundedSender { chan: self.chan })
    }

    /// How many senders there are, without weak ones.
    #[must_use]
    pub fn strong_count(&self) -> usize {
        self.chan.get().strong_count()
    }

    /// How many weak senders there are.
    #[must_use]
    pub fn weak_count(&self) -> usize {
        self.chan.get().weak_count()
    }
}

impl<T> Clone for WeakUnboundedSender<T> {
    fn clone(&self) -> Self {
        self.chan.add_weak();
        WeakUnboundedSender { chan: self.chan }
    }
}

impl<T> Drop for WeakUnboundedSender<T> {
    fn drop(&mut self) {
        self.chan.drop_ref(Holder::WeakSender);
    }
}

impl<T> fmt::Debug for WeakUnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakUnboundedSender")
            .finish_non_exhaustive()
    }
}

/// The receiving end of an unbounded channel; also a `Stream` of its values.
///
/// Dropping it closes the channel and drops the values in it.
pub struct UnboundedReceiver<T> {
    rx: Rx<T, Unbounded>,
}

impl<T> UnboundedReceiver<T> {
    /// Receives the next value, waiting for it. `None` when nothing will come any
    /// more: all senders are gone, or the channel was [closed](Self::close), and
    /// all that was sent has been received.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: no value is taken before it is
    /// given out.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpsc;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, mut rx) = mpsc::unbounded_channel();
    /// tx.send(1).unwrap();
    /// drop(tx);
    /// assert_eq!(rx.recv().await, Some(1));
    /// assert_eq!(rx.recv().await, None);
    /// # });
    /// ```
    #[inline]
    #[track_caller]
    pub fn recv(&mut self) -> impl Future<Output = Option<T>> {
        self.rx.recv()
    }

    /// Receives up to `limit` values into `buffer`, waiting for the first. Gives
    /// how many were added: 0 when nothing will come any more, or `limit` is 0.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: no value is taken before it is
    /// in `buffer`, and then the future is ready.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpsc;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, mut rx) = mpsc::unbounded_channel();
    /// for i in 0..3 {
    ///     tx.send(i).unwrap();
    /// }
    /// let mut values = Vec::new();
    /// assert_eq!(rx.recv_many(&mut values, 2).await, 2);
    /// assert_eq!(rx.recv_many(&mut values, 2).await, 1);
    /// assert_eq!(values, [0, 1, 2]);
    /// # });
    /// ```
    #[track_caller]
    pub fn recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> impl Future<Output = usize> {
        self.rx.recv_many(buffer, limit)
    }

    /// Receives the next value if it is there. Every value whose sending had ended
    /// before this call is found.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryRecvError::Empty) while more may come,
    /// [`Disconnected`](TryRecvError::Disconnected) when not.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpsc;
    /// use sinew_sync::mpsc::error::TryRecvError;
    ///
    /// let (tx, mut rx) = mpsc::unbounded_channel();
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    /// tx.send(1).unwrap();
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// drop(tx);
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
    /// ```
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.rx.try_recv()
    }

    /// [`recv`](Self::recv) from a thread that is not async, which sleeps meanwhile.
    ///
    /// # Panics
    ///
    /// On a thread of a current-thread or local runtime, which would then wait
    /// for itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpsc;
    ///
    /// let (tx, mut rx) = mpsc::unbounded_channel();
    /// let thread = std::thread::spawn(move || rx.blocking_recv());
    /// tx.send(1).unwrap();
    /// assert_eq!(thread.join().unwrap(), Some(1));
    /// ```
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Option<T> {
        self.rx.blocking_recv("UnboundedReceiver::blocking_recv")
    }

    /// [`recv_many`](Self::recv_many) from a thread that is not async, which sleeps
    /// meanwhile.
    ///
    /// # Panics
    ///
    /// As [`blocking_recv`](Self::blocking_recv).
    #[track_caller]
    pub fn blocking_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        blocking::block_on(
            "UnboundedReceiver::blocking_recv_many",
            "recv_many(..).await",
            self.recv_many(buffer, limit),
        )
    }

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

    /// Whether no value waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rx.len()
    }

    /// [`recv`](Self::recv) as a poll function. Only the task of the latest call is
    /// woken. A `Pending` may also mean that the task's budget is used up.
    #[track_caller]
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.rx.poll_recv(cx, Location::caller())
    }

    /// [`recv_many`](Self::recv_many) as a poll function. Only the task of the
    /// latest call is woken.
    #[track_caller]
    pub fn poll_recv_many(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut Vec<T>,
        limit: usize,
    ) -> Poll<usize> {
        self.rx
            .poll_recv_many(cx, buffer, limit, Location::caller())
    }

    /// How many senders there are, without weak ones.
    #[must_use]
    pub fn sender_strong_count(&self) -> usize {
        self.rx.chan().strong_count()
    }

    /// How many weak senders there are.
    #[must_use]
    pub fn sender_weak_count(&self) -> usize {
        self.rx.chan().weak_count()
    }
}

impl<T> Stream for UnboundedReceiver<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_recv(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), None)
    }
}

impl<T> Drop for UnboundedReceiver<T> {
    fn drop(&mut self) {
        self.close();
        self.rx.drain();
    }
}

impl<T> fmt::Debug for UnboundedReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedReceiver")
            .field("len", &self.len())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
