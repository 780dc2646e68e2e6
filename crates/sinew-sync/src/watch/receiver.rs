//! The end that sees.

use std::fmt;
use std::future::Future;
use std::panic::Location;

use sinew_core::coop::cooperative;

use super::changed::Changed;
use super::error::RecvError;
use super::state::Version;
use super::{Ref, Shared};
use crate::primitives::{Arc, Ordering};

/// The end that sees the value. Each clone keeps account of its own of what it has
/// seen.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
    seen: Version,
}

impl<T> Receiver<T> {
    /// A receiver that has been counted.
    pub(super) fn new(shared: Arc<Shared<T>>, seen: Version) -> Self {
        Receiver { shared, seen }
    }

    /// The value as it is now, without counting it as seen.
    ///
    /// ```
    /// use sinew_sync::watch;
    ///
    /// let (_, rx) = watch::channel("hello");
    /// assert_eq!(*rx.borrow(), "hello");
    /// ```
    pub fn borrow(&self) -> Ref<'_, T> {
        self.shared.borrow(self.seen).0
    }

    /// The value as it is now, which counts as seen from then on.
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        let (value, version) = self.shared.borrow(self.seen);
        self.seen = version;
        value
    }

    /// Whether there is a value that was not seen.
    ///
    /// # Errors
    ///
    /// When all senders are gone, whether the value was seen or not.
    pub fn has_changed(&self) -> Result<bool, RecvError> {
        let state = self.shared.state.load();
        match state.is_closed() {
            true => Err(RecvError(())),
            false => Ok(state.version() != self.seen),
        }
    }

    /// Whether all senders are gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.state.load().is_closed()
    }

    /// Counts the value as not seen: the next [`changed`](Self::changed) is ready at once.
    pub fn mark_changed(&mut self) {
        self.seen = self.seen.before();
    }

    /// Counts the value as seen.
    pub fn mark_unchanged(&mut self) {
        self.seen = self.shared.state.load().version();
    }

    /// Waits for a value that was not seen, which counts as seen then.
    ///
    /// # Errors
    ///
    /// When all senders are gone and the last value has been seen.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: no value counts as seen then.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::watch;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, mut rx) = watch::channel(1);
    /// tx.send(2).unwrap();
    /// drop(tx);
    /// rx.changed().await.unwrap();
    /// assert_eq!(*rx.borrow(), 2);
    /// assert!(rx.changed().await.is_err());
    /// # });
    /// ```
    #[track_caller]
    pub fn changed(&mut self) -> impl Future<Output = Result<(), RecvError>> {
        let location = Location::caller();
        cooperative(Changed::new(&self.shared, &mut self.seen, location))
    }

    /// Waits until the value is as `f` wants it, and gives it locked. It counts as
    /// seen. The value that is there now is tried first, seen or not. `f` runs with
    /// the value locked.
    ///
    /// # Errors
    ///
    /// When all senders are gone and `f` has refused the last value.
    ///
    /// # Panics
    ///
    /// Passes on a panic of `f`; the channel stays usable.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, values that `f` has refused count as seen;
    /// nothing else is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::watch;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, mut rx) = watch::channel(1);
    /// std::thread::spawn(move || (2..=5).for_each(|i| tx.send(i).unwrap_or(())));
    /// let five = *rx.wait_for(|i| *i == 5).await.unwrap();
    /// assert_eq!(five, 5);
    /// # });
    /// ```
    #[track_caller]
    pub fn wait_for(
        &mut self,
        f: impl FnMut(&T) -> bool,
    ) -> impl Future<Output = Result<Ref<'_, T>, RecvError>> {
        cooperative(Self::wait_until(
            &self.shared,
            &mut self.seen,
            f,
            Location::caller(),
        ))
    }

    async fn wait_until<'a>(
        shared: &'a Shared<T>,
        seen: &'a mut Version,
        mut f: impl FnMut(&T) -> bool,
        location: &'static Location<'static>,
    ) -> Result<Ref<'a, T>, RecvError> {
        let mut closed = false;
        loop {
            {
                let (value, version) = shared.borrow(*seen);
                *seen = version;
                // After the end, a value that was refused is not asked about again.
                if (!closed || value.has_changed) && f(&value) {
                    return Ok(value);
                }
            }
            if closed {
                return Err(RecvError(()));
            }
            closed = Changed::new(shared, seen, location).await.is_err();
        }
    }

    /// Whether both are of the same channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.shared.receivers.fetch_add(1, Ordering::Relaxed);
        Receiver::new(self.shared.clone(), self.seen)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        if self.shared.receivers.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.shared.abandoned.notify_waiters();
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("value", &self.borrow())
            .field("closed", &self.is_closed())
            .finish()
    }
}
