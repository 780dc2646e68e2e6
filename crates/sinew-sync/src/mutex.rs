//! `Mutex`: one task at a time.
//!
//! # State
//!
//! One word ([`state::StateCell`]) and a wait list. With nobody in the queue, to
//! lock is one exchange of the word and to unlock another.
//!
//! # Invariants
//!
//! 1. `WAITERS` means that the queue is not empty; it is set and cleared with the
//!    list's lock held, and only together with `LOCKED`.
//! 2. With somebody in the queue, the lock is never free: who unlocks pops the
//!    first waiter, and *popped is the holder*. So nobody overtakes.
//! 3. The data is used by the holder only: one guard, or a future that was popped
//!    and passes the lock on when it is dropped.

use std::cell::UnsafeCell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

use sinew_core::blocking;

use crate::primitives::const_fn;
use crate::then::Then;

mod guard;
mod owned_guard;
mod raw;
mod state;

pub use guard::{MappedMutexGuard, MutexGuard};
pub use owned_guard::{OwnedMappedMutexGuard, OwnedMutexGuard};

pub(crate) use raw::RawMutex;

/// Data that one task at a time may use, also across an `.await`.
///
/// Waiters get the lock in the order in which they asked for it. There is no
/// poisoning: a task that panics lets go of the lock, and the data is as it left it.
///
/// ```
/// use sinew_sync::Mutex;
///
/// static TOTAL: Mutex<u32> = Mutex::const_new(0);
///
/// async fn add(n: u32) {
///     let mut total = TOTAL.lock().await;
///     *total += n;
/// }
///
/// # sinew_core::block_on(async {
/// add(1).await;
/// add(2).await;
/// assert_eq!(*TOTAL.lock().await, 3);
/// # });
/// ```
///
/// # When not to use it
///
/// If the lock is not held across an `.await`, [`std::sync::Mutex`] is better: it
/// is faster, and a guard of it that would be kept across an `.await` in a task
/// that may move between threads does not compile.
pub struct Mutex<T: ?Sized> {
    raw: RawMutex,
    data: UnsafeCell<T>,
}

// SAFETY: sending the mutex sends the data.
unsafe impl<T: ?Sized + Send> Send for Mutex<T> {}
// SAFETY: invariant 3: one thread at a time uses the data.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}

impl<T> Mutex<T> {
    const_fn! {
        /// An unlocked mutex.
        pub const fn new(data: T) -> Mutex<T> {
            Mutex {
                raw: RawMutex::new(),
                data: UnsafeCell::new(data),
            }
        }
    }

    const_fn! {
        /// As [`new`](Self::new).
        pub const fn const_new(data: T) -> Mutex<T> {
            Mutex::new(data)
        }
    }

    /// The data.
    pub fn into_inner(self) -> T {
        self.data.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Takes the lock, in turn.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up its place in the queue. If it had got the lock,
    /// the next in line gets it.
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> impl Future<Output = MutexGuard<'_, T>> {
        Then::new(self.raw.lock(), move |()| MutexGuard::new(self))
    }

    /// As [`lock`](Self::lock), on behalf of a place that is not our caller.
    pub(crate) fn lock_at(
        &self,
        location: &'static Location<'static>,
    ) -> impl Future<Output = MutexGuard<'_, T>> {
        let raw = self.raw.lock_at(location);
        Then::new(raw, move |()| MutexGuard::new(self))
    }

    /// Takes the lock, in turn, with a guard that keeps the mutex alive.
    ///
    /// # Cancel safety
    ///
    /// As [`lock`](Self::lock).
    #[track_caller]
    pub fn lock_owned(self: Arc<Self>) -> impl Future<Output = OwnedMutexGuard<T>> {
        let location = Location::caller();
        async move {
            self.raw.lock_at(location).await;
            OwnedMutexGuard::new(self)
        }
    }

    /// Takes the lock if it is free.
    ///
    /// # Errors
    ///
    /// When it is not.
    #[inline]
    pub fn try_lock(&self) -> Result<MutexGuard<'_, T>, TryLockError> {
        match self.raw.try_lock() {
            true => Ok(MutexGuard::new(self)),
            false => Err(TryLockError(())),
        }
    }

    /// Takes the lock if it is free, with a guard that keeps the mutex alive.
    ///
    /// # Errors
    ///
    /// When it is not.
    pub fn try_lock_owned(self: Arc<Self>) -> Result<OwnedMutexGuard<T>, TryLockError> {
        match self.raw.try_lock() {
            true => Ok(OwnedMutexGuard::new(self)),
            false => Err(TryLockError(())),
        }
    }

    /// Takes the lock, in turn; the thread sleeps until it is there.
    ///
    /// For threads that run no tasks. On a worker of a multi-thread runtime the
    /// worker's tasks go to another thread meanwhile.
    ///
    /// # Panics
    ///
    /// On the thread of a current-thread or local runtime, which would sleep for ever.
    #[track_caller]
    pub fn blocking_lock(&self) -> MutexGuard<'_, T> {
        blocking::block_on("Mutex::blocking_lock", "lock().await", self.lock())
    }

    /// Takes the lock, in turn, with a guard that keeps the mutex alive; the thread
    /// sleeps until it is there. See [`blocking_lock`](Self::blocking_lock).
    ///
    /// # Panics
    ///
    /// On the thread of a current-thread or local runtime, which would sleep for ever.
    #[track_caller]
    pub fn blocking_lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        blocking::block_on(
            "Mutex::blocking_lock_owned",
            "lock_owned().await",
            self.lock_owned(),
        )
    }

    /// The data, without locking: nobody else has the mutex.
    pub fn get_mut(&mut self) -> &mut T {
        self.data.get_mut()
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(data: T) -> Mutex<T> {
        Mutex::new(data)
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Mutex<T> {
        Mutex::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Mutex");
        match self.try_lock() {
            Ok(guard) => shown.field("data", &&*guard),
            Err(_) => shown.field("data", &format_args!("<locked>")),
        };
        shown.finish()
    }
}

/// The lock could not be had at once.
///
/// Returned by the `try_` methods of [`Mutex`] and [`RwLock`](crate::RwLock).
#[derive(Debug)]
pub struct TryLockError(pub(crate) ());

impl fmt::Display for TryLockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("operation would block")
    }
}

impl Error for TryLockError {}

#[cfg(test)]
mod tests;
