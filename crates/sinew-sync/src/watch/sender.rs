//! The end that changes the value.

use std::fmt;
use std::future::Future;
use std::mem;

use sinew_core::coop::cooperative;

use super::error::SendError;
use super::receiver::Receiver;
use super::{Ref, Shared};
use crate::primitives::{Arc, Ordering};

/// The end that changes the value. Clones change the same one.
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
}

impl<T> From<Arc<Shared<T>>> for Sender<T> {
    /// A sender that has been counted.
    fn from(shared: Arc<Shared<T>>) -> Self {
        Sender { shared }
    }
}

impl<T> Sender<T> {
    /// A sender without a receiver; [`subscribe`](Self::subscribe) makes some.
    ///
    /// ```
    /// use sinew_sync::watch;
    ///
    /// let tx = watch::Sender::new(1);
    /// assert!(tx.send(2).is_err());
    /// let rx = tx.subscribe();
    /// assert!(tx.send(3).is_ok());
    /// assert_eq!(*rx.borrow(), 3);
    /// ```
    pub fn new(init: T) -> Self {
        Sender::from(Arc::new(Shared::new(init, 0)))
    }

    /// Replaces the value and tells all receivers.
    ///
    /// # Errors
    ///
    /// When there is no receiver; gives the value back and changes nothing. To
    /// change it all the same, use [`send_replace`](Self::send_replace).
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.receiver_count() == 0 {
            return Err(SendError(value));
        }
        self.send_replace(value);
        Ok(())
    }

    /// Changes the value in place and tells all receivers, if any.
    ///
    /// `modify` runs with the value locked. If it panics, the panic is passed on,
    /// and what it has done to the value stays, but receivers are not told.
    ///
    /// ```
    /// use sinew_sync::watch;
    ///
    /// let (tx, rx) = watch::channel(1);
    /// tx.send_modify(|value| *value += 1);
    /// assert_eq!(*rx.borrow(), 2);
    /// ```
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
    /// As [`send_modify`](Self::send_modify) otherwise.
    ///
    /// ```
    /// use sinew_sync::watch;
    ///
    /// let (tx, rx) = watch::channel(1);
    /// let raise_to = |least: i32| tx.send_if_modified(|value| {
    ///     let raise = *value < least;
    ///     *value = least.max(*value);
    ///     raise
    /// });
    /// assert!(!raise_to(1));
    /// assert!(raise_to(5));
    /// assert!(rx.has_changed().unwrap());
    /// ```
    pub fn send_if_modified<F>(&self, modify: F) -> bool
    where
        F: FnOnce(&mut T) -> bool,
    {
        let mut value = self.shared.write();
        let modified = modify(&mut value);
        let wake = modified && self.shared.state.next();
        drop(value);
        if wake {
            self.shared.wake_all();
        }
        modified
    }

    /// Replaces the value, tells all receivers, if any, and gives the old one.
    ///
    /// ```
    /// use sinew_sync::watch;
    ///
    /// let tx = watch::Sender::new(1);
    /// assert_eq!(tx.send_replace(2), 1);
    /// assert_eq!(tx.send_replace(3), 2);
    /// ```
    pub fn send_replace(&self, mut value: T) -> T {
        self.send_modify(|old| mem::swap(old, &mut value));
        value
    }

    /// The value as it is now.
    pub fn borrow(&self) -> Ref<'_, T> {
        let seen = self.shared.state.load().version();
        let (mut value, _) = self.shared.borrow(seen);
        // A sender sees every value.
        value.has_changed = false;
        value
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
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::watch;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, rx) = watch::channel(1);
    /// std::thread::spawn(move || drop(rx));
    /// tx.closed().await;
    /// # });
    /// ```
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        let mut notified = self.shared.abandoned.notified();
        cooperative(async move {
            // A receiver may come and go between two looks.
            while self.receiver_count() > 0 {
                notified.await;
                notified = self.shared.abandoned.notified();
            }
        })
    }

    /// A receiver, which counts the value as seen.
    pub fn subscribe(&self) -> Receiver<T> {
        self.shared.receivers.fetch_add(1, Ordering::Relaxed);
        let seen = self.shared.state.load().version();
        Receiver::new(self.shared.clone(), seen)
    }

    /// How many receivers there are.
    #[must_use]
    pub fn receiver_count(&self) -> usize {
        self.shared.receiver_count()
    }

    /// How many senders there are.
    #[must_use]
    pub fn sender_count(&self) -> usize {
        self.shared.senders.load(Ordering::Relaxed)
    }

    /// Whether both are of the same channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.senders.fetch_add(1, Ordering::Relaxed);
        Sender::from(self.shared.clone())
    }
}

impl<T: Default> Default for Sender<T> {
    fn default() -> Self {
        Sender::new(T::default())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        // ORDERING: AcqRel: the last one closes after all that the others did.
        let last = self.shared.senders.fetch_sub(1, Ordering::AcqRel) == 1;
        if last && self.shared.state.close() {
            self.shared.wake_all();
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("value", &self.borrow())
            .field("receivers", &self.receiver_count())
            .finish()
    }
}
