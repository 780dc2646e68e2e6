//! A reserved place.

use std::fmt;
use std::mem;

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
