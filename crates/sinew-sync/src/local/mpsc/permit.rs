//! Reserved places.

use std::fmt;
use std::iter::FusedIterator;
use std::mem;

use super::bounded::Sender;
use super::chan::Chan;

/// A place for one value, reserved by [`Sender::reserve`](super::Sender::reserve).
/// Given back when dropped.
#[must_use = "the place is given back at once"]
pub struct Permit<'a, T> {
    chan: &'a Chan<T>,
}

impl<'a, T> Permit<'a, T> {
    /// The caller has taken the place.
    pub(super) fn new(chan: &'a Chan<T>) -> Self {
        Permit { chan }
    }

    /// Sends a value into the place. Works after the receiver was closed, too; if it
    /// is dropped, so is the value.
    pub fn send(self, value: T) {
        let chan = self.chan;
        mem::forget(self);
        chan.push(value);
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

/// Several reserved places, handed out one by one. Made by
/// [`Sender::reserve_many`]; what it has not handed out is given back when dropped.
#[must_use = "the places are given back at once"]
pub struct PermitIterator<'a, T> {
    chan: &'a Chan<T>,
    left: usize,
}

impl<'a, T> PermitIterator<'a, T> {
    /// The caller has taken the places.
    pub(super) fn new(chan: &'a Chan<T>, left: usize) -> Self {
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

/// A reserved place together with the sender. Made by [`Sender::reserve_owned`].
/// Dropped, it gives the place back and drops the sender.
#[must_use = "the place is given back at once"]
pub struct OwnedPermit<T> {
    /// `None` only after it was given out.
    sender: Option<Sender<T>>,
}

impl<T> OwnedPermit<T> {
    /// The caller has taken the place.
    pub(super) fn new(sender: Sender<T>) -> Self {
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

    /// Sends a value into the place and gives the sender back. Works after the
    /// receiver was closed, too; if it is dropped, so is the value.
    pub fn send(self, value: T) -> Sender<T> {
        let sender = self.into_sender();
        sender.chan().push(value);
        sender
    }

    /// Gives the place back, and the sender.
    pub fn release(self) -> Sender<T> {
        let sender = self.into_sender();
        sender.chan().give_back(1);
        sender
    }

    /// Whether both permits are of the same channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        let other = other.sender.as_ref();
        other.is_some_and(|other| self.same_channel_as_sender(other))
    }

    /// Whether the permit is of the sender's channel.
    #[must_use]
    pub fn same_channel_as_sender(&self, sender: &Sender<T>) -> bool {
        let own = self.sender.as_ref();
        own.is_some_and(|own| own.same_channel(sender))
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
