//! The primitives of the wait list: loom's under `cfg(sinew_loom)`.

pub(crate) use std::sync::atomic::Ordering;

#[cfg(not(sinew_loom))]
pub(crate) use std::sync::atomic::{AtomicBool, AtomicPtr};

#[cfg(sinew_loom)]
pub(crate) use loom::{cell::UnsafeCell, sync::atomic::AtomicPtr};

/// Of the lock, which the list itself uses in its model only.
#[cfg(sinew_loom)]
pub(crate) use loom::sync::atomic::AtomicBool;

/// std's cell with the interface of loom's, which reports unordered accesses.
#[cfg(not(sinew_loom))]
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

#[cfg(not(sinew_loom))]
impl<T> UnsafeCell<T> {
    #[inline]
    pub(crate) const fn new(value: T) -> Self {
        UnsafeCell(std::cell::UnsafeCell::new(value))
    }

    #[inline]
    pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    #[inline]
    pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}

/// loom's mutex with the interface of the lock that is used otherwise.
#[cfg(sinew_loom)]
pub(crate) struct Lock<T>(loom::sync::Mutex<T>);

#[cfg(sinew_loom)]
pub(crate) use loom::sync::MutexGuard as Guard;

#[cfg(sinew_loom)]
impl<T> Lock<T> {
    pub(crate) fn new(guarded: T) -> Lock<T> {
        Lock(loom::sync::Mutex::new(guarded))
    }

    pub(crate) fn lock(&self) -> Guard<'_, T> {
        let locked = self.0.lock();
        locked.unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
