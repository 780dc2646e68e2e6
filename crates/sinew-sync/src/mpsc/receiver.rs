//! The receiving end of a bounded channel.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use sinew_core::blocking;

use super::capacity::Bounded;
use super::chan::ChanRef;
use super::error::TryRecvError;
use super::receive::Rx;

/// The receiving end of a bounded channel; also a `Stream` of its values.
///
/// Dropping it closes the channel and drops the values in it.
pub struct Receiver<T> {
    rx: Rx<T, Bounded>,
}

impl<T> Receiver<T> {
    pub(super) fn new(chan: ChanRef<T, Bounded>) -> Self {
        Receiver { rx: Rx::new(chan) }
    }

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
    /// let (tx, mut rx) = mpsc::channel(4);
    /// tx.try_send(1).unwrap();
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
    /// let (tx, mut rx) = mpsc::channel(4);
    /// for i in 0..3 {
    ///     tx.try_send(i).unwrap();
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
    /// let (tx, mut rx) = mpsc::channel(4);
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    /// tx.try_send(1).unwrap();
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
    /// let (tx, mut rx) = mpsc::channel(4);
    /// let thread = std::thread::spawn(move || rx.blocking_recv());
    /// tx.try_send(1).unwrap();
    /// assert_eq!(thread.join().unwrap(), Some(1));
    /// ```
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Option<T> {
        self.rx.blocking_recv("Receiver::blocking_recv")
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
            "Receiver::blocking_recv_many",
            "recv_many(..).await",
            self.recv_many(buffer, limit),
        )
    }

    /// Closes the channel: nothing more can be sent, except into
    /// places that were reserved before.
    /// What has been sent can still be received.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpsc;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, mut rx) = mpsc::channel(4);
    /// tx.try_send(1).unwrap();
    /// rx.close();
    /// assert!(tx.try_send(2).is_err());
    /// assert_eq!(rx.recv().await, Some(1));
    /// assert_eq!(rx.recv().await, None);
    /// # });
    /// ```
    pub fn close(&mut self) {
        self.rx.chan().capacity().close();
        self.rx.notify_closed();
    }

    /// Whether the channel was closed, or all senders are gone. Values may still
    /// be in it.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.rx.chan().capacity().is_closed() || self.sender_strong_count() == 0
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

    /// How many places are free now: neither taken by a value nor reserved.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.rx.chan().capacity().free()
    }

    /// How many places there are in all.
    #[must_use]
    pub fn max_capacity(&self) -> usize {
        self.rx.chan().capacity().bound()
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

impl<T> Stream for Receiver<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_recv(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), None)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.close();
        self.rx.drain();
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("len", &self.len())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
