//! The guards of a writer, which keep the lock alive.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::Arc;

use crate::guard::shown_as_target;
use crate::rwlock::hold::{OwnedHold, Writing};
use crate::{OwnedRwLockReadGuard, RwLock};

/// Holds an [`RwLock`] in an [`Arc`] to write; lets go of it when dropped. Borrows
/// nothing.
#[must_use = "the lock is let go at once"]
#[clippy::has_significant_drop]
pub struct OwnedRwLockWriteGuard<T: ?Sized> {
    hold: OwnedHold<T, Writing>,
    data: NonNull<T>,
    exclusive: PhantomData<*mut T>,
}

// SAFETY: sending the guard sends the exclusive use of `T`, and perhaps its drop.
unsafe impl<T: ?Sized + Send + Sync> Send for OwnedRwLockWriteGuard<T> {}
// SAFETY: a shared guard gives out `&T`.
unsafe impl<T: ?Sized + Send + Sync> Sync for OwnedRwLockWriteGuard<T> {}

impl<T: ?Sized> OwnedRwLockWriteGuard<T> {
    /// `data` is guarded by what is held.
    #[inline]
    pub(super) fn new(hold: OwnedHold<T, Writing>, data: NonNull<T>) -> Self {
        OwnedRwLockWriteGuard {
            hold,
            data,
            exclusive: PhantomData,
        }
    }

    /// A guard of a part of the data.
    ///
    /// An associated function, because a method would hide one of the data.
    pub fn map<F, U: ?Sized>(mut this: Self, f: F) -> OwnedRwLockMappedWriteGuard<T, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let data = NonNull::from(f(&mut *this));
        OwnedRwLockMappedWriteGuard::new(this.hold, data)
    }

    /// A guard of a part of the data, if there is one.
    ///
    /// # Errors
    ///
    /// Gives the guard back when `f` returns `None`.
    pub fn try_map<F, U: ?Sized>(
        mut this: Self,
        f: F,
    ) -> Result<OwnedRwLockMappedWriteGuard<T, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match f(&mut *this).map(NonNull::from) {
            Some(data) => Ok(OwnedRwLockMappedWriteGuard::new(this.hold, data)),
            None => Err(this),
        }
    }

    /// As [`downgrade`](Self::downgrade), to a guard of a part of the data.
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, U>
    where
        F: FnOnce(&T) -> &U,
    {
        let data = NonNull::from(f(&*this));
        OwnedRwLockReadGuard::new(this.hold.downgrade(), data)
    }

    /// As [`downgrade`](Self::downgrade), to a guard of a part of the data, if
    /// there is one.
    ///
    /// # Errors
    ///
    /// Gives the guard back when `f` returns `None`; it still writes.
    pub fn try_downgrade_map<F, U: ?Sized>(
        this: Self,
        f: F,
    ) -> Result<OwnedRwLockReadGuard<T, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        match f(&*this).map(NonNull::from) {
            Some(data) => Ok(OwnedRwLockReadGuard::new(this.hold.downgrade(), data)),
            None => Err(this),
        }
    }

    /// The same guard as one of a part that is the whole.
    pub fn into_mapped(this: Self) -> OwnedRwLockMappedWriteGuard<T> {
        OwnedRwLockMappedWriteGuard::new(this.hold, this.data)
    }

    /// Becomes a reader. No other writer gets in between.
    pub fn downgrade(self) -> OwnedRwLockReadGuard<T> {
        OwnedRwLockReadGuard::new(self.hold.downgrade(), self.data)
    }

    /// The lock it is of.
    #[must_use]
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.hold.lock()
    }
}

impl<T: ?Sized> Deref for OwnedRwLockWriteGuard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: guarded by the lock, which is held to write.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for OwnedRwLockWriteGuard<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard is borrowed exclusively.
        unsafe { self.data.as_mut() }
    }
}

shown_as_target!([T: ?Sized] OwnedRwLockWriteGuard<T> => T);

/// Holds an [`RwLock`] in an [`Arc`] to write and shows a part of its data. Made by
/// [`OwnedRwLockWriteGuard::map`].
#[must_use = "the lock is let go at once"]
#[clippy::has_significant_drop]
pub struct OwnedRwLockMappedWriteGuard<T: ?Sized, U: ?Sized = T> {
    hold: OwnedHold<T, Writing>,
    data: NonNull<U>,
    exclusive: PhantomData<*mut U>,
}

// SAFETY: sending the guard sends the exclusive use of `U`, and perhaps the drop
// of `T`.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Send + Sync> Send
    for OwnedRwLockMappedWriteGuard<T, U>
{
}
// SAFETY: a shared guard gives out `&U`.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Send + Sync> Sync
    for OwnedRwLockMappedWriteGuard<T, U>
{
}

impl<T: ?Sized, U: ?Sized> OwnedRwLockMappedWriteGuard<T, U> {
    fn new(hold: OwnedHold<T, Writing>, data: NonNull<U>) -> Self {
        OwnedRwLockMappedWriteGuard {
            hold,
            data,
            exclusive: PhantomData,
        }
    }

    /// A guard of a part of this part.
    pub fn map<F, V: ?Sized>(mut this: Self, f: F) -> OwnedRwLockMappedWriteGuard<T, V>
    where
        F: FnOnce(&mut U) -> &mut V,
    {
        let data = NonNull::from(f(&mut *this));
        OwnedRwLockMappedWriteGuard::new(this.hold, data)
    }

    /// A guard of a part of this part, if there is one.
    ///
    /// # Errors
    ///
    /// Gives the guard back when `f` returns `None`.
    pub fn try_map<F, V: ?Sized>(
        mut this: Self,
        f: F,
    ) -> Result<OwnedRwLockMappedWriteGuard<T, V>, Self>
    where
        F: FnOnce(&mut U) -> Option<&mut V>,
    {
        match f(&mut *this).map(NonNull::from) {
            Some(data) => Ok(OwnedRwLockMappedWriteGuard::new(this.hold, data)),
            None => Err(this),
        }
    }

    /// The lock it is of.
    #[must_use]
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.hold.lock()
    }
}

impl<T: ?Sized, U: ?Sized> Deref for OwnedRwLockMappedWriteGuard<T, U> {
    type Target = U;

    #[inline]
    fn deref(&self) -> &U {
        // SAFETY: a part of what the lock guards, which is held to write.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized, U: ?Sized> DerefMut for OwnedRwLockMappedWriteGuard<T, U> {
    #[inline]
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: as above, and the guard is borrowed exclusively.
        unsafe { self.data.as_mut() }
    }
}

shown_as_target!([T: ?Sized, U: ?Sized] OwnedRwLockMappedWriteGuard<T, U> => U);
