//! The end that changes the value.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::Location;
use std::rc::Rc;

use sinew_core::coop::cooperative;

use super::error::SendError;
use super::{Receiver, Ref, Shared, WAITS, count, same, uncount};
use crate::local::Notify;

/// The end that changes the value. Clones change the same one.
pub struct Sender<T> {
    shared: Rc<Shared<T>>,
}

impl<T> Sender<T> {
    /// A sender without a receiver; [`subscribe`](Self::subscribe) makes some.
    #[must_use]
    pub fn new(init: T) -> Self {
        Sender {
            shared: Rc::new(Shared {
                value: RefCell::new(init),
                version: Cell::new(0),
                senders: Cell::new(1),
                receivers: Cell::new(0),
                changed: Notify::new(),
                abandoned: Notify::new(),
            }),
        }
    }

    /// Replaces the value and tells all receivers.
    ///
    /// # Errors
    ///
    /// When there is no receiver; gives the value back and changes nothing. To
    /// change it all the same, use [`send_replace`](Self::send_replace).
    ///
    /// # Panics
    ///
    /// When the value is borrowed.
    #[track_caller]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.receiver_count() == 0 {
            return Err(SendError(value));
        }
        self.send_replace(value);
        Ok(())
    }

    /// Changes the value in place and tells all receivers, if any.
    ///
    /// # Panics
    ///
    /// When the value is borrowed. A panic of `modify` is passed on, and what it has
    /// done to the value stays, but receivers are not told.
    #[track_caller]
    pub fn send_modify<F>(&self, modify: F)
    where
        F: FnOnce(&mut T),
    {
        self.send_if_modified(|value| {
            modify(value);
            true
        });
    }

    /// Changes the value in place, and tells all receivers if `modify` says that it
    /// did. Gives what it said.
    ///
    /// # Panics
    ///
    /// As [`send_modify`](Self::send_modify).
    #[track_caller]
    pub fn send_if_modified<F>(&self, modify: F) -> bool
    where
        F: FnOnce(&mut T) -> bool,
    {
        let modified = modify(&mut self.shared.value.borrow_mut());
        if modified {
            let version = &self.shared.version;
            version.set(version.get().wrapping_add(1));
            self.shared.changed.notify_waiters();
        }
        modified
    }

    /// Replaces the value, tells all receivers, if any, and gives the old one.
    ///
    /// # Panics
    ///
    /// When the value is borrowed.
    #[track_caller]
    pub fn send_replace(&self, mut value: T) -> T {
        self.send_modify(|old| mem::swap(old, &mut value));
        value
    }

    /// The value as it is now.
    #[track_caller]
    pub fn borrow(&self) -> Ref<'_, T> {
        self.shared.borrow(self.shared.version.get())
    }

    /// Whether there is no receiver.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.receiver_count() == 0
    }

    /// Waits until there is no receiver.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        let location = Location::caller();
        cooperative(async move {
            // A receiver may come and go between two looks.
            while self.receiver_count() > 0 {
                self.shared.abandoned.wait_as(WAITS, location).await;
            }
        })
    }

    /// A receiver, which counts the value as seen.
    #[must_use]
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver::new(self.shared.clone(), self.shared.version.get())
    }

    /// How many receivers there are.
    #[must_use]
    pub fn receiver_count(&self) -> usize {
        self.shared.receivers.get()
    }

    /// How many senders there are.
    #[must_use]
    pub fn sender_count(&self) -> usize {
        self.shared.senders.get()
    }

    /// Whether both are of the same channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        same(&self.shared, &other.shared)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        count(&self.shared.senders);
        Sender {
            shared: self.shared.clone(),
        }
    }
}

impl<T: Default> Default for Sender<T> {
    fn default() -> Self {
        Sender::new(T::default())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if uncount(&self.shared.senders) {
            self.shared.changed.notify_waiters();
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("value", &self.shared.value)
            .field("receivers", &self.receiver_count())
            .finish()
    }
}
