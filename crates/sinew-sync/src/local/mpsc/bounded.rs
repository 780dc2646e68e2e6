//! A channel with a bound.

use std::future::Future;
use std::panic::Location;

use super::chan::Chan;
use super::ends::ends;
use super::error::{SendError, TrySendError};
use super::permit::{OwnedPermit, Permit, PermitIterator};
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

ends!(Sender, WeakSender, Receiver);

impl<T> Sender<T> {
    pub(super) fn chan(&self) -> &Chan<T> {
        &self.chan
    }

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
        self.try_take(1)?;
        Ok(Permit::new(&self.chan))
    }

    fn try_take(&self, places: usize) -> Result<(), TrySendError<()>> {
        match self.chan.places.try_take(places) {
            Ok(()) => Ok(()),
            Err(TryAcquireError::NoPermits) => Err(TrySendError::Full(())),
            Err(TryAcquireError::Closed) => Err(TrySendError::Closed(())),
        }
    }

    /// Reserves `n` places at once; waits, in turn, until so many are free. `n` may
    /// be 0.
    ///
    /// # Errors
    ///
    /// When the receiver was closed or dropped, or `n` is more than
    /// [`max_capacity`](Self::max_capacity).
    ///
    /// # Cancel safety
    ///
    /// As [`reserve`](Self::reserve).
    #[track_caller]
    pub fn reserve_many(
        &self,
        n: usize,
    ) -> impl Future<Output = Result<PermitIterator<'_, T>, SendError<()>>> {
        let place = Place::new(&self.chan, n, Location::caller());
        async move {
            if n > self.max_capacity() || place.await.is_err() {
                return Err(SendError(()));
            }
            Ok(PermitIterator::new(&self.chan, n))
        }
    }

    /// Reserves a place and keeps the sender with it, for a permit without a borrow.
    ///
    /// # Errors
    ///
    /// When the receiver was closed or dropped.
    ///
    /// # Cancel safety
    ///
    /// As [`reserve`](Self::reserve); the sender is dropped too.
    #[track_caller]
    pub fn reserve_owned(self) -> impl Future<Output = Result<OwnedPermit<T>, SendError<()>>> {
        let location = Location::caller();
        async move {
            match Place::new(&self.chan, 1, location).await {
                Ok(()) => Ok(OwnedPermit::new(self)),
                Err(_) => Err(SendError(())),
            }
        }
    }

    /// Reserves `n` places if so many are free and nobody waits for them. `n` may be 0.
    ///
    /// # Errors
    ///
    /// When there are fewer, `n` is more than [`max_capacity`](Self::max_capacity), or
    /// the receiver was closed or dropped.
    pub fn try_reserve_many(&self, n: usize) -> Result<PermitIterator<'_, T>, TrySendError<()>> {
        if n > self.max_capacity() {
            return Err(TrySendError::Full(()));
        }
        self.try_take(n)?;
        Ok(PermitIterator::new(&self.chan, n))
    }

    /// Reserves a place if there is one and nobody waits for it, and keeps the sender
    /// with it.
    ///
    /// # Errors
    ///
    /// When there is none, or the receiver was closed or dropped; gives the sender back.
    pub fn try_reserve_owned(self) -> Result<OwnedPermit<T>, TrySendError<Self>> {
        match self.try_take(1) {
            Ok(()) => Ok(OwnedPermit::new(self)),
            Err(TrySendError::Full(())) => Err(TrySendError::Full(self)),
            Err(TrySendError::Closed(())) => Err(TrySendError::Closed(self)),
        }
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

impl<T> Receiver<T> {
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
