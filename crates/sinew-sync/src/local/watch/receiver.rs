//! The end that sees.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::rc::Rc;

use sinew_core::coop::cooperative;

use super::error::RecvError;
use super::{Ref, Shared, WAITS, count, same, uncount};

/// The end that sees the value. Each clone keeps account of its own of what it has
/// seen.
pub struct Receiver<T> {
    shared: Rc<Shared<T>>,
    seen: u64,
}

impl<T> Receiver<T> {
    pub(super) fn new(shared: Rc<Shared<T>>, seen: u64) -> Self {
        count(&shared.receivers);
        Receiver { shared, seen }
    }

    /// The value as it is now, without counting it as seen.
    #[track_caller]
    pub fn borrow(&self) -> Ref<'_, T> {
        self.shared.borrow(self.seen)
    }

    /// The value as it is now, which counts as seen from then on.
    #[track_caller]
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        let value = self.shared.borrow(self.seen);
        self.seen = self.shared.version.get();
        value
    }

    /// Whether there is a value that was not seen.
    ///
    /// # Errors
    ///
    /// When all senders are gone, whether the value was seen or not.
    pub fn has_changed(&self) -> Result<bool, RecvError> {
        match self.shared.is_closed() {
            true => Err(RecvError(())),
            false => Ok(self.shared.version.get() != self.seen),
        }
    }

    /// Whether all senders are gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }

    /// Counts the value as not seen: the next [`changed`](Self::changed) is ready at once.
    pub fn mark_changed(&mut self) {
        self.seen = self.shared.version.get().wrapping_sub(1);
    }

    /// Counts the value as seen.
    pub fn mark_unchanged(&mut self) {
        self.seen = self.shared.version.get();
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
    #[track_caller]
    pub fn changed(&mut self) -> impl Future<Output = Result<(), RecvError>> {
        cooperative(Self::change(
            &self.shared,
            &mut self.seen,
            Location::caller(),
        ))
    }

    async fn change(
        shared: &Shared<T>,
        seen: &mut u64,
        location: &'static Location<'static>,
    ) -> Result<(), RecvError> {
        loop {
            let version = shared.version.get();
            if version != *seen {
                *seen = version;
                return Ok(());
            }
            if shared.is_closed() {
                return Err(RecvError(()));
            }
            shared.changed.wait_as(WAITS, location).await;
        }
    }

    /// Waits until the value is as `f` wants it, and gives it borrowed. It counts as
    /// seen. The value that is there now is tried first, seen or not.
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
    #[track_caller]
    pub fn wait_for(
        &mut self,
        mut f: impl FnMut(&T) -> bool,
    ) -> impl Future<Output = Result<Ref<'_, T>, RecvError>> {
        let location = Location::caller();
        let (shared, seen) = (&*self.shared, &mut self.seen);
        cooperative(async move {
            let mut closed = false;
            loop {
                {
                    let value = shared.borrow(*seen);
                    *seen = shared.version.get();
                    // After the end, a value that was refused is not asked about again.
                    if (!closed || value.has_changed) && f(&value) {
                        return Ok(value);
                    }
                }
                if closed {
                    return Err(RecvError(()));
                }
                closed = Self::change(shared, seen, location).await.is_err();
            }
        })
    }

    /// Whether both are of the same channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        same(&self.shared, &other.shared)
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Receiver::new(self.shared.clone(), self.seen)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        if uncount(&self.shared.receivers) {
            self.shared.abandoned.notify_waiters();
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("value", &self.shared.value)
            .field("closed", &self.is_closed())
            .finish()
    }
}
