//! The guard of a reader that may become the writer, which keeps the lock alive.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::panic::Location;
use std::sync::Arc;

use crate::acquire::InTurn;
use crate::guard::shown_as_target;
use crate::rwlock::hold::{OwnedHold, Upgradable};
use crate::rwlock::state::Mode;
use crate::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// Holds an [`RwLock`] in an [`Arc`] to read, beside other readers, with the right to
/// become the writer. There is one at a time. Borrows nothing.
///
/// ```
/// use sinew_sync::{OwnedRwLockUpgradableReadGuard, RwLock};
/// use std::sync::Arc;
///
/// # sinew_core::block_on(async {
/// let cache = Arc::new(RwLock::new(None));
/// let found = cache.clone().upgradable_read_owned().await;
/// if found.is_none() {
///     let mut found = OwnedRwLockUpgradableReadGuard::upgrade(found).await;
///     *found = Some(7);
/// }
/// assert_eq!(*cache.read().await, Some(7));
/// # });
/// ```
#[must_use = "the lock is let go at once"]
#[clippy::has_significant_drop]
pub struct OwnedRwLockUpgradableReadGuard<T: ?Sized> {
    hold: OwnedHold<T, Upgradable>,
    // Not `Send` by itself: see below.
    exclusive: PhantomData<*mut T>,
}

// SAFETY: as of `OwnedRwLockWriteGuard`, which it can become.
unsafe impl<T: ?Sized + Send + Sync> Send for OwnedRwLockUpgradableReadGuard<T> {}
// SAFETY: a shared guard gives out `&T`.
unsafe impl<T: ?Sized + Send + Sync> Sync for OwnedRwLockUpgradableReadGuard<T> {}

impl<T: ?Sized> OwnedRwLockUpgradableReadGuard<T> {
    #[inline]
    pub(super) fn new(hold: OwnedHold<T, Upgradable>) -> Self {
        OwnedRwLockUpgradableReadGuard {
            hold,
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
    pub fn upgrade(this: Self) -> impl Future<Output = OwnedRwLockWriteGuard<T>> {
        let location = Location::caller();
        let hold = this.hold;
        async move {
            // From here on the future below holds the lock. Before its first poll the
            // hold does.
            let lock = hold.into_lock();
            lock.raw.take_at(location, Mode::Upgrade).await;
            lock.owned_writer()
        }
    }

    /// Becomes the writer, if there are no other readers at this moment.
    ///
    /// # Errors
    ///
    /// Gives the guard back when there are.
    pub fn try_upgrade(this: Self) -> Result<OwnedRwLockWriteGuard<T>, Self> {
        if !this.hold.lock().raw.try_take(Mode::Upgrade) {
            return Err(this);
        }
        Ok(this.hold.into_lock().owned_writer())
    }

    /// Becomes a plain reader, so that another may be upgradable.
    pub fn downgrade(this: Self) -> OwnedRwLockReadGuard<T> {
        let lock = this.hold.into_lock();
        lock.raw.forgo_upgrade();
        lock.owned_reader()
    }

    /// The lock it is of.
    #[must_use]
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.hold.lock()
    }
}

impl<T: ?Sized> Deref for OwnedRwLockUpgradableReadGuard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        let data = self.hold.lock().data();
        // SAFETY: guarded by the lock, which is held to read.
        unsafe { data.as_ref() }
    }
}

shown_as_target!([T: ?Sized] OwnedRwLockUpgradableReadGuard<T> => T);
