//! Both ends of a bounded channel.

use std::fmt;
use std::future::Future;
use std::panic::Location;

use sinew_core::blocking;
use sinew_core::coop::cooperative;

use super::capacity::{Bounded, Refused};
use super::chan::ChanRef;
use super::error::{SendError, TrySendError};
use super::list::Closed;
use super::permit::{OwnedPermit, Permit, PermitIterator};
use super::receiver::receiver;
use super::sender::sender;
use super::take::Take;
use crate::then::Then;

/// Makes a bounded channel with room for `buffer` values.
///
/// # Panics
///
/// When `buffer` is 0, or larger than `usize::MAX >> 3`.
///
/// # Examples
///
/// ```
/// use sinew_sync::mpsc;
///
/// # sinew_core::block_on(async {
/// let (tx, mut rx) = mpsc::channel(8);
/// tx.send("hello").await.unwrap();
/// assert_eq!(rx.recv().await, Some("hello"));
/// drop(tx);
/// assert_eq!(rx.recv().await, None);
/// # });
/// ```
#[track_caller]
pub fn channel<T>(buffer: usize) -> (Sender<T>, Receiver<T>) {
    assert!(
        buffer > 0,
        "an mpsc channel has room for at least one value"
    );
    assert!(
        buffer <= Bounded::MAX,
        "an mpsc channel has room for at most {} values",
        Bounded::MAX
    );
    let chan = ChanRef::new(Bounded::new(buffer));
    (Sender { chan }, Receiver::new(chan))
}

sender!(Sender, WeakSender, Bounded, "channel::<i32>(1)");
receiver!(Receiver, Bounded, "channel(4)", "try_send");

impl<T> Sender<T> {
    /// Sends a value, waiting for a free place. Those who wait are served in the
    /// order in which they came.
    ///
    /// `Ok` means that the value is in the channel, not that it will be received.
    ///
    /// # Errors
    ///
    /// When the receiver has been closed or dropped; gives the value back.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped before it is done, the value has not been sent
    /// and is dropped, and the place in the queue is lost. To keep the value,
    /// [`reserve`](Self::reserve) a place first.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpsc;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, mut rx) = mpsc::channel(1);
    /// tx.send(1).await.unwrap();
    /// assert_eq!(rx.recv().await, Some(1));
    /// drop(rx);
    /// assert_eq!(tx.send(2).await.unwrap_err().0, 2);
    /// # });
    /// ```
    #[track_caller]
    pub fn send(&self, value: T) -> impl Future<Output = Result<(), SendError<T>>> {
        let take = Take::new(self.chan(), 1, Location::caller());
        Then::new(take, |taken: Result<(), Closed>| match taken {
            Ok(()) => {
                self.chan().send(value);
                Ok(())
            }
            Err(Closed) => Err(SendError(value)),
        })
    }

    /// Sends a value if there is a free place and nobody waits for it.
    ///
    /// # Errors
    ///
    /// [`Full`](TrySendError::Full) or [`Closed`](TrySendError::Closed), with the value.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpsc;
    /// use sinew_sync::mpsc::error::TrySendError;
    ///
    /// let (tx, rx) = mpsc::channel(1);
    /// tx.try_send(1).unwrap();
    /// assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
    /// drop(rx);
    /// assert_eq!(tx.try_send(3), Err(TrySendError::Closed(3)));
    /// ```
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        match self.chan().capacity().try_take(1) {
            Ok(()) => {
                self.chan().send(value);
                Ok(())
            }
            Err(Refused::Full) => Err(TrySendError::Full(value)),
            Err(Refused::Closed) => Err(TrySendError::Closed(value)),
        }
    }

    /// Sends a value, waiting for a free place for at most `timeout`, counted from
    /// the first poll.
    ///
    /// # Errors
    ///
    /// [`Timeout`](super::error::SendTimeoutError::Timeout) or
    /// [`Closed`](super::error::SendTimeoutError::Closed), with the value.
    ///
    /// # Cancel safety
    ///
    /// As for [`send`](Self::send): the value is dropped, not sent.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpsc;
    /// use sinew_sync::mpsc::error::SendTimeoutError;
    /// use std::time::Duration;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, _rx) = mpsc::channel(1);
    /// let short = Duration::from_millis(1);
    /// tx.send_timeout(1, short).await.unwrap();
    /// let second = tx.send_timeout(2, short).await;
    /// assert_eq!(second, Err(SendTimeoutError::Timeout(2)));
    /// # });
    /// ```
    #[cfg(feature = "time")]
    #[track_caller]
    pub fn send_timeout(
        &self,
        value: T,
        timeout: std::time::Duration,
    ) -> impl Future<Output = Result<(), super::error::SendTimeoutError<T>>> {
        use super::error::SendTimeoutError;

        let take = Take::new(self.chan(), 1, Location::caller());
        let take = sinew_time::timeout(timeout, take);
        Then::new(take, |taken: Result<Result<(), Closed>, _>| match taken {
            Ok(Ok(())) => {
                self.chan().send(value);
                Ok(())
            }
            Ok(Err(Closed)) => Err(SendTimeoutError::Closed(value)),
            Err(_) => Err(SendTimeoutError::Timeout(value)),
        })
    }

    /// Sends a value from a thread that is not async, blocking it until there is a
    /// free place.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
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
    /// let (tx, mut rx) = mpsc::channel(1);
    /// let thread = std::thread::spawn(move || {
    ///     tx.blocking_send(1).unwrap();
    ///     tx.blocking_send(2).unwrap();
    /// });
    /// assert_eq!(rx.blocking_recv(), Some(1));
    /// assert_eq!(rx.blocking_recv(), Some(2));
    /// # thread.join().unwrap();
    /// ```
    #[track_caller]
    pub fn blocking_send(&self, value: T) -> Result<(), SendError<T>> {
        let (operation, instead) = ("Sender::blocking_send", "send(..).await");
        let first = blocking::try_first(operation, instead, || {
            match self.chan().capacity().try_take(1) {
                Err(Refused::Full) => None,
                taken => Some(taken),
            }
        });
        match first {
            Some(Ok(())) => self.chan().send(value),
            Some(Err(_)) => return Err(SendError(value)),
            None => return blocking::block_on(operation, instead, self.send(value)),
        }
        Ok(())
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
    /// let (tx, rx) = mpsc::channel::<()>(1);
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
        self.chan().capacity().is_closed()
    }

    /// Reserves a place, waiting for a free one, to send into later.
    ///
    /// # Errors
    ///
    /// When the receiver has been closed or dropped.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, the place in the queue is lost; nothing else.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpsc;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, mut rx) = mpsc::channel(1);
    /// // Make the value only when it can be sent.
    /// let permit = tx.reserve().await.unwrap();
    /// permit.send(String::from("made now"));
    /// assert_eq!(rx.recv().await.unwrap(), "made now");
    /// # });
    /// ```
    #[track_caller]
    pub fn reserve(&self) -> impl Future<Output = Result<Permit<'_, T>, SendError<()>>> {
        let take = Take::new(self.chan(), 1, Location::caller());
        Then::new(take, |taken: Result<(), Closed>| match taken {
            Ok(()) => Ok(Permit::new(self.chan())),
            Err(Closed) => Err(SendError(())),
        })
    }

    /// Reserves `n` places at once, waiting until so many are free. `n` may be 0.
    ///
    /// # Errors
    ///
    /// When the receiver has been closed or dropped, or `n` is more than
    /// [`max_capacity`](Self::max_capacity).
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, the place in the queue is lost; nothing else.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpsc;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, mut rx) = mpsc::channel(4);
    /// for (i, permit) in tx.reserve_many(3).await.unwrap().enumerate() {
    ///     permit.send(i);
    /// }
    /// assert_eq!(rx.len(), 3);
    /// # });
    /// ```
    #[track_caller]
    pub fn reserve_many(
        &self,
        n: usize,
    ) -> impl Future<Output = Result<PermitIterator<'_, T>, SendError<()>>> {
        let take = Take::new(self.chan(), n, Location::caller());
        async move {
            if n > self.max_capacity() || take.await.is_err() {
                return Err(SendError(()));
            }
            Ok(PermitIterator::new(self.chan(), n))
        }
    }

    /// Reserves a place and keeps the sender with it, for a permit without a
    /// borrow. Clone the sender first to keep another.
    ///
    /// # Errors
    ///
    /// When the receiver has been closed or dropped.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, so is the sender, and the place in the queue
    /// is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpsc;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, mut rx) = mpsc::channel(1);
    /// let permit = tx.clone().reserve_owned().await.unwrap();
    /// assert!(tx.try_send(1).is_err());
    /// permit.send(2);
    /// assert_eq!(rx.recv().await, Some(2));
    /// # });
    /// ```
    #[track_caller]
    pub fn reserve_owned(self) -> impl Future<Output = Result<OwnedPermit<T>, SendError<()>>> {
        let location = Location::caller();
        async move {
            match Take::new(self.chan(), 1, location).await {
                Ok(()) => Ok(OwnedPermit::new(self)),
                Err(Closed) => Err(SendError(())),
            }
        }
    }

    /// Reserves a place if one is free and nobody waits for it.
    ///
    /// # Errors
    ///
    /// [`Full`](TrySendError::Full) or [`Closed`](TrySendError::Closed).
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpsc;
    ///
    /// let (tx, mut rx) = mpsc::channel(1);
    /// let permit = tx.try_reserve().unwrap();
    /// assert!(tx.try_reserve().is_err());
    /// permit.send(1);
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// ```
    pub fn try_reserve(&self) -> Result<Permit<'_, T>, TrySendError<()>> {
        match self.chan().capacity().try_take(1) {
            Ok(()) => Ok(Permit::new(self.chan())),
            Err(Refused::Full) => Err(TrySendError::Full(())),
            Err(Refused::Closed) => Err(TrySendError::Closed(())),
        }
    }

    /// Reserves `n` places if so many are free and nobody waits for them. `n` may be 0.
    ///
    /// # Errors
    ///
    /// [`Full`](TrySendError::Full), also when `n` is more than
    /// [`max_capacity`](Self::max_capacity), or [`Closed`](TrySendError::Closed).
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpsc;
    ///
    /// let (tx, rx) = mpsc::channel(2);
    /// let mut permits = tx.try_reserve_many(2).unwrap();
    /// permits.next().unwrap().send('a');
    /// drop(permits);
    /// assert_eq!(tx.capacity(), 1);
    /// # drop(rx);
    /// ```
    pub fn try_reserve_many(&self, n: usize) -> Result<PermitIterator<'_, T>, TrySendError<()>> {
        if n > self.max_capacity() {
            return Err(TrySendError::Full(()));
        }
        match self.chan().capacity().try_take(n) {
            Ok(()) => Ok(PermitIterator::new(self.chan(), n)),
            Err(Refused::Full) => Err(TrySendError::Full(())),
            Err(Refused::Closed) => Err(TrySendError::Closed(())),
        }
    }

    /// Reserves a place if one is free and nobody waits for it, and keeps the
    /// sender with it.
    ///
    /// # Errors
    ///
    /// [`Full`](TrySendError::Full) or [`Closed`](TrySendError::Closed), with the sender.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::mpsc;
    ///
    /// let (tx, mut rx) = mpsc::channel(1);
    /// let permit = tx.clone().try_reserve_owned().unwrap();
    /// let tx = tx.try_reserve_owned().unwrap_err().into_inner();
    /// permit.send(1);
    /// # drop((tx, rx));
    /// ```
    pub fn try_reserve_owned(self) -> Result<OwnedPermit<T>, TrySendError<Self>> {
        match self.chan().capacity().try_take(1) {
            Ok(()) => Ok(OwnedPermit::new(self)),
            Err(Refused::Full) => Err(TrySendError::Full(self)),
            Err(Refused::Closed) => Err(TrySendError::Closed(self)),
        }
    }

    /// How many places are free now: neither taken by a value nor reserved.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.chan().capacity().free()
    }

    /// How many places there are in all.
    #[must_use]
    pub fn max_capacity(&self) -> usize {
        self.chan().capacity().bound()
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("capacity", &self.capacity())
            .field("max_capacity", &self.max_capacity())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

impl<T> Receiver<T> {
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
}
