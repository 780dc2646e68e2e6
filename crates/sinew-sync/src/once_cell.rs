//! `OnceCell`: a value that the first who needs it computes.
//!
//! # Invariants
//!
//! 1. The semaphore's one permit is the right to compute. It is taken by who
//!    computes, comes back if the computation fails or is dropped, and is gone for
//!    good, with the semaphore closed, once there is a value.
//! 2. `set` goes from false to true once, by the holder of the permit, after the
//!    value was written. Afterwards the value is only read.

use std::cell::UnsafeCell;
use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::panic::Location;

use crate::primitives::{AtomicBool, Ordering, const_fn};
use crate::semaphore::{RawPermit, RawSemaphore, Refusal};

/// A value that is computed once, asynchronously, by the first who needs it.
///
/// ```
/// use sinew_sync::OnceCell;
///
/// static CONFIG: OnceCell<String> = OnceCell::const_new();
///
/// async fn config() -> &'static str {
///     CONFIG.get_or_init(|| async { "read from afar".to_owned() }).await
/// }
///
/// # sinew_core::block_on(async {
/// assert_eq!(config().await, "read from afar");
/// # });
/// ```
///
/// If the value comes from elsewhere and is only waited for, see
/// [`SetOnce`](crate::SetOnce).
pub struct OnceCell<T> {
    semaphore: RawSemaphore,
    set: AtomicBool,
    value: UnsafeCell<Option<T>>,
}

// SAFETY: a shared cell gives out `&T`, and any thread may be the one whose `T` it
// becomes.
unsafe impl<T: Send + Sync> Sync for OnceCell<T> {}
// SAFETY: sending it sends the value.
unsafe impl<T: Send> Send for OnceCell<T> {}

impl<T> OnceCell<T> {
    const_fn! {
        /// Without a value.
        #[must_use]
        pub const fn new() -> OnceCell<T> {
            OnceCell {
                semaphore: RawSemaphore::new(1),
                set: AtomicBool::new(false),
                value: UnsafeCell::new(None),
            }
        }
    }

    const_fn! {
        /// As [`new`](Self::new).
        #[must_use]
        pub const fn const_new() -> OnceCell<T> {
            OnceCell::new()
        }
    }

    /// With this value, if it is one.
    #[must_use]
    pub fn new_with(value: Option<T>) -> OnceCell<T> {
        match value {
            Some(value) => OnceCell::const_new_with(value),
            None => OnceCell::new(),
        }
    }

    const_fn! {
        /// With this value.
        #[must_use]
        pub const fn const_new_with(value: T) -> OnceCell<T> {
            OnceCell {
                semaphore: RawSemaphore::new_closed(),
                set: AtomicBool::new(true),
                value: UnsafeCell::new(Some(value)),
            }
        }
    }

    /// Whether there is a value.
    #[inline]
    #[must_use]
    pub fn initialized(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `write`.
        self.set.load(Ordering::Acquire)
    }

    /// The value, if there is one.
    #[inline]
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        if !self.initialized() {
            return None;
        }
        // SAFETY: invariant 2: once `set`, the value is only read.
        unsafe { &*self.value.get() }.as_ref()
    }

    /// The value, if there is one: nobody else has the cell.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut().as_mut()
    }

    /// Sets the value.
    ///
    /// # Errors
    ///
    /// Gives the value back when there is one already, or somebody is computing it.
    pub fn set(&self, value: T) -> Result<(), SetError<T>> {
        match self.semaphore.try_permit() {
            Ok(permit) => {
                self.write(value, permit);
                Ok(())
            }
            Err(Refusal::Closed) => Err(SetError::AlreadyInitializedError(value)),
            Err(Refusal::TooFew) => Err(SetError::InitializingError(value)),
        }
    }

    /// The value; if there is none, computes it. Those who come meanwhile wait. If
    /// the computation panics or is dropped, the next of them computes.
    ///
    /// The computation must not ask for the same cell: it would wait for itself.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the computation if it runs it; then the next in
    /// line starts its own. Else nothing is lost.
    #[track_caller]
    pub fn get_or_init<F, Fut>(&self, f: F) -> impl Future<Output = &T>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = T>,
    {
        let location = Location::caller();
        async move {
            let fallible = || async { Ok::<T, Infallible>(f().await) };
            match self.init(location, fallible).await {
                Ok(value) => value,
                Err(never) => match never {},
            }
        }
    }

    /// The value; if there is none, tries to compute it. Those who come meanwhile
    /// wait. If the computation fails, panics or is dropped, the next of them
    /// computes.
    ///
    /// # Errors
    ///
    /// Passes on the error of the computation, if this call has run it.
    ///
    /// # Cancel safety
    ///
    /// As of [`get_or_init`](Self::get_or_init).
    #[track_caller]
    pub fn get_or_try_init<E, F, Fut>(&self, f: F) -> impl Future<Output = Result<&T, E>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        self.init(Location::caller(), f)
    }

    async fn init<E, F, Fut>(&self, location: &'static Location<'static>, f: F) -> Result<&T, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        if let Some(value) = self.get() {
            return Ok(value);
        }
        match self.semaphore.permit_at(location).await {
            Ok(permit) => Ok(self.write(f().await?, permit)),
            // Closed: somebody else has computed it meanwhile.
            Err(_) => Ok(self.get().expect("closed once there is a value")),
        }
    }

    fn write(&self, value: T, permit: RawPermit<'_>) -> &T {
        // SAFETY: invariant 1: whoever has the permit is alone, and nobody reads,
        // because `set` is false as long as there is a permit.
        let place = unsafe { &mut *self.value.get() };
        let value = place.insert(value);
        // ORDERING: Release pairs with the Acquire in `initialized`.
        self.set.store(true, Ordering::Release);
        permit.forget();
        self.semaphore.close();
        value
    }

    /// The value, if there is one.
    #[must_use]
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    /// Takes the value out, if there is one; the cell is as new.
    pub fn take(&mut self) -> Option<T> {
        std::mem::take(self).into_inner()
    }
}

impl<T> Default for OnceCell<T> {
    fn default() -> OnceCell<T> {
        OnceCell::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceCell")
            .field("value", &self.get())
            .finish()
    }
}

impl<T: Clone> Clone for OnceCell<T> {
    fn clone(&self) -> OnceCell<T> {
        OnceCell::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for OnceCell<T> {
    fn eq(&self, other: &OnceCell<T>) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceCell<T> {}

impl<T> From<T> for OnceCell<T> {
    fn from(value: T) -> OnceCell<T> {
        OnceCell::const_new_with(value)
    }
}

/// Why a [`OnceCell`] could not be set. Gives the value back.
#[derive(Debug, PartialEq, Eq)]
pub enum SetError<T> {
    /// It has a value already.
    AlreadyInitializedError(T),
    /// Somebody is computing its value.
    InitializingError(T),
}

impl<T> SetError<T> {
    /// Whether it has a value already.
    pub fn is_already_init_err(&self) -> bool {
        matches!(self, SetError::AlreadyInitializedError(_))
    }

    /// Whether somebody is computing its value.
    pub fn is_initializing_err(&self) -> bool {
        matches!(self, SetError::InitializingError(_))
    }
}

impl<T> fmt::Display for SetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SetError::AlreadyInitializedError(_) => "AlreadyInitializedError",
            SetError::InitializingError(_) => "InitializingError",
        })
    }
}

impl<T: fmt::Debug> Error for SetError<T> {}

#[cfg(test)]
mod tests;
