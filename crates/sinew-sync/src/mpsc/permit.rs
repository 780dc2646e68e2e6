//! Places in a bounded channel that have been reserved.

use std::fmt;
use std::iter::FusedIterator;
use std::mem::ManuallyDrop;

use super::bounded::Sender;
use super::capacity::Bounded;
use super::chan::Chan;

/// A reserved place: [`send`](Permit::send) cannot fail and need not wait.
///
/// From [`Sender::reserve`] and [`Sender::try_reserve`]. Dropped without sending,
/// it gives the place back.
pub struct Permit<'a, T> {
    chan: &'a Chan<T, Bounded>,
}

impl<'a, T> Permit<'a, T> {
    pub(super) fn new(chan: &'a Chan<T, Bounded>) -> Self {
        Permit { chan }
    }

    /// Sends a value into the reserved place.
    ///
    /// If the receiver has been dropped meanwhile, so will the value.
    ///
    /// ```
    /// use sinew_sync::mpsc;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, mut rx) = mpsc::channel(1);
    /// let permit = tx.reserve().await.unwrap();
    /// assert!(tx.try_send(1).is_err());
    /// permit.send(2);
    /// assert_eq!(rx.recv().await, Some(2));
    /// # });
    /// ```
    pub fn send(self, value: T) {
        ManuallyDrop::new(self).chan.send(value);
    }
}

impl<T> Drop for Permit<'_, T> {
    fn drop(&mut self) {
        self.chan.give_back(1);
    }
}

impl<T> fmt::Debug for Permit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").finish_non_exhaustive()
    }
}

/// Several reserved places, handed out one by one.
///
/// From [`Sender::reserve_many`] and [`Sender::try_reserve_many`]. Dropped, it
/// gives back what it has not handed out.
pub struct PermitIterator<'a, T> {
    chan: &'a Chan<T, Bounded>,
    left: usize,
}

impl<'a, T> PermitIterator<'a, T> {
    pub(super) fn new(chan: &'a Chan<T, Bounded>, left: usize) -> Self {
        PermitIterator { chan, left }
    }
}

impl<'a, T> Iterator for PermitIterator<'a, T> {
    type Item = Permit<'a, T>;

    fn next(&mut self) -> Option<Permit<'a, T>> {
        self.left = self.left.checked_sub(1)?;
        Some(Permit::new(self.chan))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> ExactSizeIterator for PermitIterator<'_, T> {}
impl<T> FusedIterator for PermitIterator<'_, T> {}

impl<T> Drop for PermitIterator<'_, T> {
    fn drop(&mut self) {
        self.chan.give_back(self.left);
    }
}

impl<T> fmt::Debug for PermitIterator<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PermitIterator")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

/// A reserved place together with the sender.
///
/// From [`Sender::reserve_owned`] and [`Sender::try_reserve_owned`]. Dropped
/// without sending, it gives the place back and drops the sender.
pub struct OwnedPermit<T> {
    /// `None` only after the sender was given out.
    sender: Option<Sender<T>>,
}

impl<T> OwnedPermit<T> {
    pub(crate) fn new(sender: Sender<T>) -> Self {
        OwnedPermit {
            sender: Some(sender),
        }
    }

    fn into_sender(mut self) -> Sender<T> {
        match self.sender.take() {
            Some(sender) => sender,
            None => unreachable!("a permit gives its sender out once"),
        }
    }

    /// Sends a value into the reserved place, and gives the sender back.
    ///
    /// If the receiver has been dropped meanwhile, the value is dropped with the channel.
    ///
    /// ```
    /// use sinew_sync::mpsc;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, mut rx) = mpsc::channel(1);
    /// let permit = tx.reserve_owned().await.unwrap();
    /// let tx = permit.send(1);
    /// assert_eq!(rx.recv().await, Some(1));
    /// tx.send(2).await.unwrap();
    /// # });
    /// ```
    pub fn send(self, value: T) -> Sender<T> {
        let sender = self.into_sender();
        sender.chan().send(value);
        sender
    }

    /// Gives the place back, and the sender.
    ///
    /// ```
    /// use sinew_sync::mpsc;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, rx) = mpsc::channel::<i32>(1);
    /// let tx = tx.reserve_owned().await.unwrap().release();
    /// assert_eq!(tx.capacity(), 1);
    /// # drop(rx);
    /// # });
    /// ```
    pub fn release(self) -> Sender<T> {
        let sender = self.into_sender();
        sender.chan().give_back(1);
        sender
    }

    /// Whether both permits are of the same channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        other
            .sender
            .as_ref()
            .is_some_and(|other| self.same_channel_as_sender(other))
    }

    /// Whether the permit is of the sender's channel.
    #[must_use]
    pub fn same_channel_as_sender(&self, sender: &Sender<T>) -> bool {
        self.sender
            .as_ref()
            .is_some_and(|mine| mine.same_channel(sender))
    }
}

impl<T> Drop for OwnedPermit<T> {
    fn drop(&mut self) {
        if let Some(sender) = &self.sender {
            sender.chan().give_back(1);
        }
    }
}

impl<T> fmt::Debug for OwnedPermit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedPermit").finish_non_exhaustive()
    }
}
