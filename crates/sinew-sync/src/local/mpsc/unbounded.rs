//! A channel without a bound.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_core::Stream;
use sinew_core::coop::cooperative;

use super::chan::Chan;
use super::error::{SendError, TryRecvError};

/// Makes a channel that holds as many values as memory does. If the receiver is
/// slower than the senders for long, it grows for long: [`channel`](super::channel) does
/// not.
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    let chan = Chan::new(None);
    let sender = UnboundedSender { chan: chan.clone() };
    (sender, UnboundedReceiver { chan })
}

/// The end that sends. Clones send into the same channel.
pub struct UnboundedSender<T> {
    chan: Rc<Chan<T>>,
}

impl<T> UnboundedSender<T> {
    /// Sends a value.
    ///
    /// # Errors
    ///
    /// When the receiver was closed or dropped; gives the value back.
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        if self.is_closed() {
            return Err(SendError(message));
        }
        self.chan.push(message);
        Ok(())
    }

    /// Waits until the receiver is closed or dropped.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        cooperative(self.chan.closed(Location::caller()))
    }

    /// Whether the receiver was closed or dropped.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.chan.closed.get()
    }

    /// Whether both are of the same channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.chan, &other.chan)
    }

    /// A sender that does not keep the channel open.
    #[must_use]
    pub fn downgrade(&self) -> WeakUnboundedSender<T> {
        WeakUnboundedSender::new(self.chan.clone())
    }

    /// How many senders there are.
    #[must_use]
    pub fn strong_count(&self) -> usize {
        self.chan.senders.get()
    }

    /// How many weak senders there are.
    #[must_use]
    pub fn weak_count(&self) -> usize {
        self.chan.weak.get()
    }
}

impl<T> Clone for UnboundedSender<T> {
    fn clone(&self) -> Self {
        self.chan.add_sender();
        UnboundedSender {
            chan: self.chan.clone(),
        }
    }
}

impl<T> Drop for UnboundedSender<T> {
    fn drop(&mut self) {
        self.chan.drop_sender();
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
pub struct WeakUnboundedSender<T> {
    chan: Rc<Chan<T>>,
}

impl<T> WeakUnboundedSender<T> {
    fn new(chan: Rc<Chan<T>>) -> Self {
        chan.weak.set(chan.weak.get() + 1);
        WeakUnboundedSender { chan }
    }

    /// A sender, if there still is one.
    #[must_use]
    pub fn upgrade(&self) -> Option<UnboundedSender<T>> {
        if self.strong_count() == 0 {
            return None;
        }
        self.chan.add_sender();
        let chan = self.chan.clone();
        Some(UnboundedSender { chan })
    }

    /// How many senders there are.
    #[must_use]
    pub fn strong_count(&self) -> usize {
        self.chan.senders.get()
    }

    /// How many weak senders there are.
    #[must_use]
    pub fn weak_count(&self) -> usize {
        self.chan.weak.get()
    }
}

impl<T> Clone for WeakUnboundedSender<T> {
    fn clone(&self) -> Self {
        WeakUnboundedSender::new(self.chan.clone())
    }
}

impl<T> Drop for WeakUnboundedSender<T> {
    fn drop(&mut self) {
        self.chan.weak.set(self.chan.weak.get() - 1);
    }
}

impl<T> fmt::Debug for WeakUnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakUnboundedSender")
            .finish_non_exhaustive()
    }
}

/// The end that receives. A `Stream` of the values.
#[must_use = "a receiver that is dropped makes all sends fail"]
pub struct UnboundedReceiver<T> {
    chan: Rc<Chan<T>>,
}

impl<T> UnboundedReceiver<T> {
    /// Receives the next value, or waits for it. `None` when the channel is closed or
    /// without senders, and all that was sent has been received.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: a value stays in the channel until
    /// the future is ready.
    #[track_caller]
    pub fn recv(&mut self) -> impl Future<Output = Option<T>> {
        let location = Location::caller();
        poll_fn(move |cx| self.chan.poll_recv(cx, location))
    }

    /// Receives what is there, at most `limit` values, and adds it to `buffer`; if
    /// nothing is, waits for the first. How many it were: 0 at the end, and if `limit`
    /// is 0.
    ///
    /// # Cancel safety
    ///
    /// As [`recv`](Self::recv).
    #[track_caller]
    pub fn recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> impl Future<Output = usize> {
        let location = Location::caller();
        poll_fn(move |cx| self.chan.poll_recv_many(cx, buffer, limit, location))
    }

    /// Receives a value if there is one.
    ///
    /// # Errors
    ///
    /// When there is none now, or none will come.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.chan.try_recv()
    }

    /// As [`recv`](Self::recv), as a poll function. Only the last waker is woken.
    #[track_caller]
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.chan.poll_recv(cx, Location::caller())
    }

    /// As [`recv_many`](Self::recv_many), as a poll function.
    #[track_caller]
    pub fn poll_recv_many(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut Vec<T>,
        limit: usize,
    ) -> Poll<usize> {
        self.chan
            .poll_recv_many(cx, buffer, limit, Location::caller())
    }

    /// Makes all sends from now on fail. What was sent before can still be
    /// received.
    pub fn close(&mut self) {
        self.chan.close();
    }

    /// Whether the channel is closed or without senders.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.chan.closed.get() || self.chan.senders.get() == 0
    }

    /// Whether there is no value now.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values there are now.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chan.len()
    }

    /// How many senders there are.
    #[must_use]
    pub fn sender_strong_count(&self) -> usize {
        self.chan.senders.get()
    }

    /// How many weak senders there are.
    #[must_use]
    pub fn sender_weak_count(&self) -> usize {
        self.chan.weak.get()
    }
}

impl<T> Stream for UnboundedReceiver<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.get_mut().poll_recv(cx)
    }
}

impl<T> Drop for UnboundedReceiver<T> {
    fn drop(&mut self) {
        self.chan.drop_receiver();
    }
}

impl<T> fmt::Debug for UnboundedReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedReceiver")
            .field("len", &self.len())
            .field("closed", &self.is_closed())
            .finish()
    }
}
