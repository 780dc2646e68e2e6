//! The guard of a reader, which borrows the lock.

use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;

use crate::guard::shown_as_target;
use crate::rwlock::hold::{Hold, Reading};

/// Holds an [`RwLock`](crate::RwLock) to read; lets go of it when dropped.
#[must_use = "the lock is let go at once"]
#[clippy::has_significant_drop]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    hold: Hold<'a, Reading>,
    data: NonNull<T>,
    shared: PhantomData<&'a T>,
}

// SAFETY: the guard is a `&T`, which can be sent if `T` is `Sync`.
unsafe impl<T: ?Sized + Sync> Send for RwLockReadGuard<'_, T> {}
// SAFETY: a shared guard gives out `&T`.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLockReadGuard<'_, T> {}

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    /// `data` is guarded by what is held.
    #[inline]
    pub(super) fn new(hold: Hold<'a, Reading>, data: NonNull<T>) -> Self {
        RwLockReadGuard {
            hold,
            data,
            shared: PhantomData,
        }
    }

    /// A guard of a part of the data.
    ///
    /// An associated function, because a method would hide one of the data.
    ///
    /// ```
    /// use sinew_sync::{RwLock, RwLockReadGuard};
    ///
    /// # sinew_core::block_on(async {
    /// let pair = RwLock::new((1, "one"));
    /// let number = RwLockReadGuard::map(pair.read().await, |pair| &pair.0);
    /// assert_eq!(*number, 1);
    /// # });
    /// ```
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        let data = NonNull::from(f(&*this));
        RwLockReadGuard::new(this.hold, data)
    }

    /// A guard of a part of the data, if there is one.
    ///
    /// # Errors
    ///
    /// Gives the guard back when `f` returns `None`.
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        match f(&*this).map(NonNull::from) {
            Some(data) => Ok(RwLockReadGuard::new(this.hold, data)),
            None => Err(this),
        }
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: guarded by the lock, which is held to read.
        unsafe { self.data.as_ref() }
    }
}

shown_as_target!([T: ?Sized] RwLockReadGuard<'_, T> => T);
