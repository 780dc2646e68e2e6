//! The guards of a writer, which borrow the lock.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use crate::RwLockReadGuard;
use crate::guard::shown_as_target;
use crate::rwlock::hold::{Hold, Writing};

/// Holds an [`RwLock`](crate::RwLock) to write; lets go of it when dropped.
#[must_use = "the lock is let go at once"]
#[clippy::has_significant_drop]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    hold: Hold<'a, Writing>,
    data: NonNull<T>,
    exclusive: PhantomData<&'a mut T>,
}

// SAFETY: sending the guard sends the exclusive use of `T`; it may become a reader
// there, which gives out `&T`.
unsafe impl<T: ?Sized + Send + Sync> Send for RwLockWriteGuard<'_, T> {}
// SAFETY: a shared guard gives out `&T`.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLockWriteGuard<'_, T> {}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// `data` is guarded by what is held.
    #[inline]
    pub(super) fn new(hold: Hold<'a, Writing>, data: NonNull<T>) -> Self {
        RwLockWriteGuard {
            hold,
            data,
            exclusive: PhantomData,
        }
    }

    /// A guard of a part of the data.
    ///
    /// An associated function, because a method would hide one of the data.
    pub fn map<F, U: ?Sized>(mut this: Self, f: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let data = NonNull::from(f(&mut *this));
        RwLockMappedWriteGuard::new(this.hold, data)
    }

    /// A guard of a part of the data, if there is one.
    ///
    /// # Errors
    ///
    /// Gives the guard back when `f` returns `None`.
    pub fn try_map<F, U: ?Sized>(
        mut this: Self,
        f: F,
    ) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match f(&mut *this).map(NonNull::from) {
            Some(data) => Ok(RwLockMappedWriteGuard::new(this.hold, data)),
            None => Err(this),
        }
    }

    /// As [`downgrade`](Self::downgrade), to a guard of a part of the data.
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        let data = NonNull::from(f(&*this));
        RwLockReadGuard::new(this.hold.downgrade(), data)
    }

    /// As [`downgrade`](Self::downgrade), to a guard of a part of the data, if
    /// there is one.
    ///
    /// # Errors
    ///
    /// Gives the guard back when `f` returns `None`; it still writes.
    pub fn try_downgrade_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        match f(&*this).map(NonNull::from) {
            Some(data) => Ok(RwLockReadGuard::new(this.hold.downgrade(), data)),
            None => Err(this),
        }
    }

    /// The same guard as one of a part that is the whole.
    pub fn into_mapped(this: Self) -> RwLockMappedWriteGuard<'a, T> {
        RwLockMappedWriteGuard::new(this.hold, this.data)
    }

    /// Becomes a reader. No other writer gets in between.
    ///
    /// ```
    /// use sinew_sync::RwLock;
    ///
    /// # sinew_core::block_on(async {
    /// let lock = RwLock::new(1);
    /// let mut writer = lock.write().await;
    /// *writer = 2;
    /// let reader = writer.downgrade();
    /// assert_eq!(*lock.read().await, *reader);
    /// # });
    /// ```
    pub fn downgrade(self) -> RwLockReadGuard<'a, T> {
        RwLockReadGuard::new(self.hold.downgrade(), self.data)
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: guarded by the lock, which is held to write.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard is borrowed exclusively.
        unsafe { self.data.as_mut() }
    }
}

shown_as_target!([T: ?Sized] RwLockWriteGuard<'_, T> => T);

/// Holds an [`RwLock`](crate::RwLock) to write and shows a part of its data. Made
/// by [`RwLockWriteGuard::map`].
#[must_use = "the lock is let go at once"]
#[clippy::has_significant_drop]
pub struct RwLockMappedWriteGuard<'a, T: ?Sized> {
    hold: Hold<'a, Writing>,
    data: NonNull<T>,
    exclusive: PhantomData<&'a mut T>,
}

// SAFETY: as of `RwLockWriteGuard`.
unsafe impl<T: ?Sized + Send + Sync> Send for RwLockMappedWriteGuard<'_, T> {}
// SAFETY: as of `RwLockWriteGuard`.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLockMappedWriteGuard<'_, T> {}

impl<'a, T: ?Sized> RwLockMappedWriteGuard<'a, T> {
    fn new(hold: Hold<'a, Writing>, data: NonNull<T>) -> Self {
        RwLockMappedWriteGuard {
            hold,
            data,
            exclusive: PhantomData,
        }
    }

    /// A guard of a part of this part.
    pub fn map<F, U: ?Sized>(mut this: Self, f: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let data = NonNull::from(f(&mut *this));
        RwLockMappedWriteGuard::new(this.hold, data)
    }

    /// A guard of a part of this part, if there is one.
    ///
    /// # Errors
    ///
    /// Gives the guard back when `f` returns `None`.
    pub fn try_map<F, U: ?Sized>(
        mut this: Self,
        f: F,
    ) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match f(&mut *this).map(NonNull::from) {
            Some(data) => Ok(RwLockMappedWriteGuard::new(this.hold, data)),
            None => Err(this),
        }
    }
}

impl<T: ?Sized> Deref for RwLockMappedWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: a part of what the lock guards, which is held to write.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for RwLockMappedWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard is borrowed exclusively.
        unsafe { self.data.as_mut() }
    }
}

shown_as_target!([T: ?Sized] RwLockMappedWriteGuard<'_, T> => T);
