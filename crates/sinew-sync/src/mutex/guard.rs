//! The guards that borrow the mutex.

use std::marker::PhantomData;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use crate::Mutex;
use crate::guard::shown_as_target;
use crate::mutex::raw::RawMutex;

/// Holds the lock of a [`Mutex`]; lets go of it when dropped.
///
/// May be kept across an `.await`, and sent to another thread if the data may be.
#[must_use = "the lock is let go at once"]
#[clippy::has_significant_drop]
pub struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
}

// SAFETY: a shared guard gives out `&T`, so `T` must be `Sync`; the guard can be
// sent, with the mutex behind it, if `T` is `Send`, which the field says.
unsafe impl<T: ?Sized + Send + Sync> Sync for MutexGuard<'_, T> {}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// The caller has the lock and gives it to the guard.
    #[inline]
    pub(super) fn new(mutex: &'a Mutex<T>) -> Self {
        MutexGuard { mutex }
    }

    /// A guard of a part of the data.
    ///
    /// An associated function, because a method would hide one of the data.
    ///
    /// ```
    /// use sinew_sync::{Mutex, MutexGuard};
    ///
    /// # sinew_core::block_on(async {
    /// let pair = Mutex::new((1, "one"));
    /// let mut number = MutexGuard::map(pair.lock().await, |pair| &mut pair.0);
    /// *number = 2;
    /// drop(number);
    /// assert_eq!(pair.lock().await.0, 2);
    /// # });
    /// ```
    pub fn map<U: ?Sized, F>(mut this: Self, f: F) -> MappedMutexGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let data = NonNull::from(f(&mut *this));
        MappedMutexGuard::new(this.into_held(), data)
    }

    /// A guard of a part of the data, if there is one.
    ///
    /// # Errors
    ///
    /// Gives the guard back when `f` returns `None`.
    pub fn try_map<U: ?Sized, F>(mut this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match f(&mut *this).map(NonNull::from) {
            Some(data) => Ok(MappedMutexGuard::new(this.into_held(), data)),
            None => Err(this),
        }
    }

    /// The mutex it is of.
    #[must_use]
    pub fn mutex(this: &Self) -> &'a Mutex<T> {
        this.mutex
    }

    /// The mutex it is of, in the words of `async-lock`.
    #[must_use]
    pub fn source(this: &Self) -> &'a Mutex<T> {
        this.mutex
    }

    fn into_held(self) -> Held<'a> {
        let held = Held(&self.mutex.raw);
        mem::forget(self);
        held
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.mutex.raw.unlock();
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard holds the lock.
        unsafe { &*self.mutex.data.get() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard holds the lock, and is borrowed exclusively.
        unsafe { &mut *self.mutex.data.get() }
    }
}

shown_as_target!([T: ?Sized] MutexGuard<'_, T> => T);

/// The lock, held, without the data.
struct Held<'a>(&'a RawMutex);

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.unlock();
    }
}

/// Holds the lock of a [`Mutex`] and shows a part of its data. Made by
/// [`MutexGuard::map`].
#[must_use = "the lock is let go at once"]
#[clippy::has_significant_drop]
pub struct MappedMutexGuard<'a, T: ?Sized> {
    held: Held<'a>,
    data: NonNull<T>,
    exclusive: PhantomData<&'a mut T>,
}

// SAFETY: a shared guard gives out `&T`.
unsafe impl<T: ?Sized + Sync> Sync for MappedMutexGuard<'_, T> {}
// SAFETY: sending the guard sends the exclusive use of the part; the whole may be
// used from any thread, else its mutex could not have been locked there.
unsafe impl<T: ?Sized + Send> Send for MappedMutexGuard<'_, T> {}

impl<'a, T: ?Sized> MappedMutexGuard<'a, T> {
    fn new(held: Held<'a>, data: NonNull<T>) -> Self {
        MappedMutexGuard {
            held,
            data,
            exclusive: PhantomData,
        }
    }

    /// A guard of a part of this part.
    pub fn map<U: ?Sized, F>(mut this: Self, f: F) -> MappedMutexGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let data = NonNull::from(f(&mut *this));
        MappedMutexGuard::new(this.held, data)
    }

    /// A guard of a part of this part, if there is one.
    ///
    /// # Errors
    ///
    /// Gives the guard back when `f` returns `None`.
    pub fn try_map<U: ?Sized, F>(mut this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match f(&mut *this).map(NonNull::from) {
            Some(data) => Ok(MappedMutexGuard::new(this.held, data)),
            None => Err(this),
        }
    }
}

impl<T: ?Sized> Deref for MappedMutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: a part of what the lock guards, which is held.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for MappedMutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard is borrowed exclusively.
        unsafe { self.data.as_mut() }
    }
}

shown_as_target!([T: ?Sized] MappedMutexGuard<'_, T> => T);
