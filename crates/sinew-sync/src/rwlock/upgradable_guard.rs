//! The guard of a reader that may become the writer.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;

use crate::acquire::InTurn;
use crate::guard::shown_as_target;
use crate::rwlock::hold::{Hold, Upgradable};
use crate::rwlock::state::Mode;
use crate::then::Then;
use crate::{RwLockReadGuard, RwLockWriteGuard};

/// Holds an [`RwLock`](crate::RwLock) to read, beside other readers, with the right
/// to become the writer. There is one at a time.
///
/// ```
/// use sinew_sync::{RwLock, RwLockUpgradableReadGuard};
///
/// # sinew_core::block_on(async {
/// let cache = RwLock::new(None);
/// let found = cache.upgradable_read().await;
/// if found.is_none() {
///     // Nobody else can write in between.
///     let mut found = RwLockUpgradableReadGuard::upgrade(found).await;
///     *found = Some(7);
/// }
/// assert_eq!(*cache.read().await, Some(7));
/// # });
/// ```
#[must_use = "the lock is let go at once"]
#[clippy::has_significant_drop]
pub struct RwLockUpgradableReadGuard<'a, T: ?Sized> {
    hold: Hold<'a, Upgradable>,
    data: NonNull<T>,
    exclusive: PhantomData<&'a mut T>,
}

// SAFETY: as of `RwLockWriteGuard`, which it can become.
unsafe impl<T: ?Sized + Send + Sync> Send for RwLockUpgradableReadGuard<'_, T> {}
// SAFETY: a shared guard gives out `&T`.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLockUpgradableReadGuard<'_, T> {}

impl<'a, T: ?Sized> RwLockUpgradableReadGuard<'a, T> {
    /// `data` is guarded by what is held.
    #[inline]
    pub(super) fn new(hold: Hold<'a, Upgradable>, data: NonNull<T>) -> Self {
        RwLockUpgradableReadGuard {
            hold,
            data,
            exclusive: PhantomData,
        }
    }

    /// Becomes the writer, once the other readers have left. It goes before all who
    /// wait for the lock: they could not get it before this reader leaves.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future lets go of the lock altogether, as if the guard had been
    /// dropped. To keep reading, use [`try_upgrade`](Self::try_upgrade).
    #[track_caller]
    pub fn upgrade(this: Self) -> impl Future<Output = RwLockWriteGuard<'a, T>> {
        let data = Part(this.data);
        let lock = this.hold.into_lock();
        Then::new(lock.take(Mode::Upgrade), move |()| {
            RwLockWriteGuard::new(Hold::new(lock), data.whole())
        })
    }

    /// Becomes the writer, if there are no other readers at this moment.
    ///
    /// # Errors
    ///
    /// Gives the guard back when there are.
    pub fn try_upgrade(this: Self) -> Result<RwLockWriteGuard<'a, T>, Self> {
        let lock = this.hold.into_lock();
        match lock.try_take(Mode::Upgrade) {
            true => Ok(RwLockWriteGuard::new(Hold::new(lock), this.data)),
            false => Err(RwLockUpgradableReadGuard::new(Hold::new(lock), this.data)),
        }
    }

    /// Becomes a plain reader, so that another may be upgradable.
    pub fn downgrade(this: Self) -> RwLockReadGuard<'a, T> {
        RwLockReadGuard::new(this.hold.downgrade(), this.data)
    }
}

/// The pointer on its way from the one guard to the other.
struct Part<T: ?Sized>(NonNull<T>);

impl<T: ?Sized> Part<T> {
    fn whole(self) -> NonNull<T> {
        self.0
    }
}

// SAFETY: it stands for the guard that it was taken from.
unsafe impl<T: ?Sized + Send + Sync> Send for Part<T> {}
// SAFETY: shared, it gives out nothing.
unsafe impl<T: ?Sized + Send + Sync> Sync for Part<T> {}

impl<T: ?Sized> Deref for RwLockUpgradableReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: guarded by the lock, which is held to read.
        unsafe { self.data.as_ref() }
    }
}

shown_as_target!([T: ?Sized] RwLockUpgradableReadGuard<'_, T> => T);
