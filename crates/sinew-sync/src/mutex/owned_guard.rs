//! The guards that keep the mutex alive.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::Arc;

use crate::Mutex;
use crate::guard::shown_as_target;

/// The lock, held, and a count of the mutex.
struct OwnedHeld<T: ?Sized>(Arc<Mutex<T>>);

impl<T: ?Sized> Drop for OwnedHeld<T> {
    #[inline]
    fn drop(&mut self) {
        self.0.raw.unlock();
    }
}

/// Holds the lock of a [`Mutex`] in an [`Arc`]; lets go of it when dropped.
///
/// Made by [`Mutex::lock_owned`]. Borrows nothing.
#[must_use = "the lock is let go at once"]
#[clippy::has_significant_drop]
pub struct OwnedMutexGuard<T: ?Sized> {
    held: OwnedHeld<T>,
}

// SAFETY: a shared guard gives out `&T`, and may be the one that drops the data.
unsafe impl<T: ?Sized + Send + Sync> Sync for OwnedMutexGuard<T> {}

impl<T: ?Sized> OwnedMutexGuard<T> {
    /// The caller has the lock and gives it to the guard.
    #[inline]
    pub(super) fn new(mutex: Arc<Mutex<T>>) -> Self {
        OwnedMutexGuard {
            held: OwnedHeld(mutex),
        }
    }

    /// A guard of a part of the data.
    ///
    /// An associated function, because a method would hide one of the data.
    pub fn map<U: ?Sized, F>(mut this: Self, f: F) -> OwnedMappedMutexGuard<T, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let data = NonNull::from(f(&mut *this));
        OwnedMappedMutexGuard::new(this.held, data)
    }

    /// A guard of a part of the data, if there is one.
    ///
    /// # Errors
    ///
    /// Gives the guard back when `f` returns `None`.
    pub fn try_map<U: ?Sized, F>(mut this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match f(&mut *this).map(NonNull::from) {
            Some(data) => Ok(OwnedMappedMutexGuard::new(this.held, data)),
            None => Err(this),
        }
    }

    /// The mutex it is of.
    #[must_use]
    pub fn mutex(this: &Self) -> &Arc<Mutex<T>> {
        &this.held.0
    }

    /// The mutex it is of, in the words of `async-lock`.
    #[must_use]
    pub fn source(this: &Self) -> &Arc<Mutex<T>> {
        &this.held.0
    }
}

impl<T: ?Sized> Deref for OwnedMutexGuard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard holds the lock.
        unsafe { &*self.held.0.data.get() }
    }
}

impl<T: ?Sized> DerefMut for OwnedMutexGuard<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard holds the lock, and is borrowed exclusively.
        unsafe { &mut *self.held.0.data.get() }
    }
}

shown_as_target!([T: ?Sized] OwnedMutexGuard<T> => T);

/// Holds the lock of a [`Mutex`] in an [`Arc`] and shows a part of its data. Made
/// by [`OwnedMutexGuard::map`].
#[must_use = "the lock is let go at once"]
#[clippy::has_significant_drop]
pub struct OwnedMappedMutexGuard<T: ?Sized, U: ?Sized = T> {
    held: OwnedHeld<T>,
    data: NonNull<U>,
    exclusive: PhantomData<*mut U>,
}

// SAFETY: a shared guard gives out `&U`, and may be the one that drops `T`.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Send + Sync> Sync for OwnedMappedMutexGuard<T, U> {}
// SAFETY: sending the guard sends the exclusive use of the part, and perhaps the
// dropping of the whole.
unsafe impl<T: ?Sized + Send, U: ?Sized + Send> Send for OwnedMappedMutexGuard<T, U> {}

impl<T: ?Sized, U: ?Sized> OwnedMappedMutexGuard<T, U> {
    fn new(held: OwnedHeld<T>, data: NonNull<U>) -> Self {
        OwnedMappedMutexGuard {
            held,
            data,
            exclusive: PhantomData,
        }
    }

    /// A guard of a part of this part.
    pub fn map<S: ?Sized, F>(mut this: Self, f: F) -> OwnedMappedMutexGuard<T, S>
    where
        F: FnOnce(&mut U) -> &mut S,
    {
        let data = NonNull::from(f(&mut *this));
        OwnedMappedMutexGuard::new(this.held, data)
    }

    /// A guard of a part of this part, if there is one.
    ///
    /// # Errors
    ///
    /// Gives the guard back when `f` returns `None`.
    pub fn try_map<S: ?Sized, F>(mut this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, S>, Self>
    where
        F: FnOnce(&mut U) -> Option<&mut S>,
    {
        match f(&mut *this).map(NonNull::from) {
            Some(data) => Ok(OwnedMappedMutexGuard::new(this.held, data)),
            None => Err(this),
        }
    }
}

impl<T: ?Sized, U: ?Sized> Deref for OwnedMappedMutexGuard<T, U> {
    type Target = U;

    #[inline]
    fn deref(&self) -> &U {
        // SAFETY: a part of what the lock guards, which is held.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized, U: ?Sized> DerefMut for OwnedMappedMutexGuard<T, U> {
    #[inline]
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: as above, and the guard is borrowed exclusively.
        unsafe { self.data.as_mut() }
    }
}

shown_as_target!([T: ?Sized, U: ?Sized] OwnedMappedMutexGuard<T, U> => U);
