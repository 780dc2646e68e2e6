//! `local::Mutex`.

use std::cell::UnsafeCell;
use std::fmt;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use sinew_core::leaf::Kind;

use crate::TryLockError;
use crate::guard::shown_as_target;
use crate::local::Semaphore;
use crate::local::semaphore::Place;

/// Data that one future at a time may use, also across an `.await`.
///
/// See [`Mutex`](crate::Mutex); this one stays on its thread.
pub struct Mutex<T: ?Sized> {
    /// Its one permit is the lock.
    semaphore: Semaphore,
    data: UnsafeCell<T>,
}

impl<T> Mutex<T> {
    /// An unlocked mutex.
    pub const fn new(data: T) -> Mutex<T> {
        Mutex {
            semaphore: Semaphore::new(1),
            data: UnsafeCell::new(data),
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
        Lock {
            mutex: self,
            place: Place::new(Location::caller(), 1),
        }
    }

    /// Takes the lock if it is free.
    ///
    /// # Errors
    ///
    /// When it is not.
    pub fn try_lock(&self) -> Result<MutexGuard<'_, T>, TryLockError> {
        match self.semaphore.try_take(1) {
            Ok(()) => Ok(MutexGuard { mutex: self }),
            Err(_) => Err(TryLockError(())),
        }
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

pin_project! {
    /// Takes the lock, in turn.
    #[must_use = "futures do nothing unless polled"]
    struct Lock<'a, T: ?Sized> {
        mutex: &'a Mutex<T>,
        #[pin]
        place: Place,
    }

    impl<T: ?Sized> PinnedDrop for Lock<'_, T> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.place.leave(&this.mutex.semaphore);
        }
    }
}

impl<'a, T: ?Sized> Future for Lock<'a, T> {
    type Output = MutexGuard<'a, T>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<MutexGuard<'a, T>> {
        let this = self.project();
        let taken = ready!(this.place.poll(&this.mutex.semaphore, Kind::Lock, cx));
        debug_assert!(taken.is_ok(), "nobody closes the semaphore of a mutex");
        Poll::Ready(MutexGuard { mutex: *this.mutex })
    }
}

/// Holds the lock of a [`Mutex`]; lets go of it when dropped.
#[must_use = "the lock is let go at once"]
pub struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// The mutex it is of.
    #[must_use]
    pub fn mutex(this: &Self) -> &'a Mutex<T> {
        this.mutex
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.mutex.semaphore.add_permits(1);
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard holds the one permit.
        unsafe { &*self.mutex.data.get() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard holds the one permit, and is borrowed exclusively.
        unsafe { &mut *self.mutex.data.get() }
    }
}

shown_as_target!([T: ?Sized] MutexGuard<'_, T> => T);
