//! The guard of a reader, which keeps the lock alive.

use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::Arc;

use crate::RwLock;
use crate::guard::shown_as_target;
use crate::rwlock::hold::{OwnedHold, Reading};

/// Holds an [`RwLock`] in an [`Arc`] to read; lets go of it when dropped. Borrows
/// nothing.
#[must_use = "the lock is let go at once"]
#[clippy::has_significant_drop]
pub struct OwnedRwLockReadGuard<T: ?Sized, U: ?Sized = T> {
    hold: OwnedHold<T, Reading>,
    data: NonNull<U>,
    shared: PhantomData<*const U>,
}

// SAFETY: the guard is a `&U`, and may be the one that drops `T`.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Sync> Send for OwnedRwLockReadGuard<T, U> {}
// SAFETY: a shared guard gives out `&U`.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Send + Sync> Sync for OwnedRwLockReadGuard<T, U> {}

impl<T: ?Sized, U: ?Sized> OwnedRwLockReadGuard<T, U> {
    /// `data` is guarded by what is held.
    #[inline]
    pub(super) fn new(hold: OwnedHold<T, Reading>, data: NonNull<U>) -> Self {
        OwnedRwLockReadGuard {
            hold,
            data,
            shared: PhantomData,
        }
    }

    /// A guard of a part of the data.
    ///
    /// An associated function, because a method would hide one of the data.
    pub fn map<F, V: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, V>
    where
        F: FnOnce(&U) -> &V,
    {
        let data = NonNull::from(f(&*this));
        OwnedRwLockReadGuard::new(this.hold, data)
    }

    /// A guard of a part of the data, if there is one.
    ///
    /// # Errors
    ///
    /// Gives the guard back when `f` returns `None`.
    pub fn try_map<F, V: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockReadGuard<T, V>, Self>
    where
        F: FnOnce(&U) -> Option<&V>,
    {
        match f(&*this).map(NonNull::from) {
            Some(data) => Ok(OwnedRwLockReadGuard::new(this.hold, data)),
            None => Err(this),
        }
    }

    /// The lock it is of.
    #[must_use]
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.hold.lock()
    }
}

impl<T: ?Sized, U: ?Sized> Deref for OwnedRwLockReadGuard<T, U> {
    type Target = U;

    #[inline]
    fn deref(&self) -> &U {
        // SAFETY: guarded by the lock, which is held to read.
        unsafe { self.data.as_ref() }
    }
}

shown_as_target!([T: ?Sized, U: ?Sized] OwnedRwLockReadGuard<T, U> => U);
