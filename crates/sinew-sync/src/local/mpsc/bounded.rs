//! A channel with a bound.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_core::Stream;
use sinew_core::coop::cooperative;

use super::chan::Chan;
use super::error::{SendError, TryRecvError, TrySendError};
use super::permit::Permit;
use super::place::Place;
use crate::TryAcquireError;
use crate::local::Semaphore;
use crate::then::Then;

/// Makes a channel that holds up to `buffer` values.
///
/// # Panics
///
/// When `buffer` is 0 or more than [`Semaphore::MAX_PERMITS`].
#[track_caller]
pub fn channel<T>(buffer: usize) -> (Sender<T>, Receiver<T>) {
    assert!(buffer > 0, "mpsc bounded channel requires buffer > 0");
    assert!(
        buffer <= Semaphore::MAX_PERMITS,
        "an mpsc channel may not hold more than MAX_PERMITS values"
    );
    let chan = Chan::new(Some(buffer));
    let sender = Sender { chan: chan.clone() };
    (sender, Receiver { chan })
}

/// The end that sends. Clones send into the same channel.
pub struct Sender<T> {
    chan: Rc<Chan<T>>,
}

impl<T> Sender<T> {
    /// Sends a value; waits, in turn, while there is no place.
    ///
    /// # Errors
    ///
    /// When the receiver was closed or dropped; gives the value back.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped before it is ready, the value was not sent and is
    /// dropped; the place in the queue is given up. To keep the value, use
    /// [`reserve`](Self::reserve).
    #[track_caller]
    pub fn send(&self, value: T) -> impl Future<Output = Result<(), SendError<T>>> {
        Then::new(self.place(Location::caller()), |taken| match taken {
            Ok(()) => {
                self.chan.push(value);
                Ok(())
            }
            Err(_) => Err(SendError(value)),
        })
    }

    /// Sends a value if there is a place for it and nobody waits for one.
    ///
    /// # Errors
    ///
    /// When there is none, or the receiver was closed or dropped; gives the value back.
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        match self.try_reserve() {
            Ok(permit) => {
                permit.send(value);
                Ok(())
            }
            Err(TrySendError::Full(())) => Err(TrySendError::Full(value)),
            Err(TrySendError::Closed(())) => Err(TrySendError::Closed(value)),
        }
    }

    /// Reserves a place; waits for it, in turn.
    ///
    /// # Errors
    ///
    /// When the receiver was closed or dropped.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the queue; a place that it got goes
    /// to the next in line.
    #[track_caller]
    pub fn reserve(&self) -> impl Future<Output = Result<Permit<'_, T>, SendError<()>>> {
        Then::new(self.place(Location::caller()), |taken| match taken {
            Ok(()) => Ok(Permit::new(&self.chan)),
            Err(_) => Err(SendError(())),
        })
    }

    fn place(&self, location: &'static Location<'static>) -> Place<'_, T> {
        Place::new(&self.chan, 1, location)
    }

    /// Reserves a place if there is one and nobody waits for it.
    ///
    /// # Errors
    ///
    /// When there is none, or the receiver was closed or dropped.
    pub fn try_reserve(&self) -> Result<Permit<'_, T>, TrySendError<()>> {
        match self.chan.places.try_take(1) {
            Ok(()) => Ok(Permit::new(&self.chan)),
            Err(TryAcquireError::NoPermits) => Err(TrySendError::Full(())),
            Err(TryAcquireError::Closed) => Err(TrySendError::Closed(())),
        }
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
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender::new(self.chan.clone())
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

    /// How many places are free now.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.chan.places.available_permits()
    }

    /// How many places there are in all.
    #[must_use]
    pub fn max_capacity(&self) -> usize {
        self.chan.bound.unwrap_or(usize::MAX)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.chan.add_sender();
        Sender {
            chan: self.chan.clone(),
        }
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
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

/// A sender that does not keep the channel open.
pub struct WeakSender<T> {
    chan: Rc<Chan<T>>,
}

impl<T> WeakSender<T> {
    fn new(chan: Rc<Chan<T>>) -> Self {
        chan.weak.set(chan.weak.get() + 1);
        WeakSender { chan }
    }

    /// A sender, if there still is one.
    #[must_use]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        if self.strong_count() == 0 {
            return None;
        }
        self.chan.add_sender();
        let chan = self.chan.clone();
        Some(Sender { chan })
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

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        WeakSender::new(self.chan.clone())
    }
}

impl<T> Drop for WeakSender<T> {
    fn drop(&mut self) {
        self.chan.weak.set(self.chan.weak.get() - 1);
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakSender").finish_non_exhaustive()
    }
}

/// The end that receives. A `Stream` of the values.
#[must_use = "a receiver that is dropped makes all sends fail"]
pub struct Receiver<T> {
    chan: Rc<Chan<T>>,
}

impl<T> Receiver<T> {
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

    /// Makes all sends from now on fail. What was sent, and what has a place, before can still be
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

    /// How many places are free now.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.chan.places.available_permits()
    }

    /// How many places there are in all.
    #[must_use]
    pub fn max_capacity(&self) -> usize {
        self.chan.bound.unwrap_or(usize::MAX)
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

impl<T> Stream for Receiver<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.get_mut().poll_recv(cx)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.chan.drop_receiver();
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("len", &self.len())
            .field("closed", &self.is_closed())
            .finish()
    }
}
