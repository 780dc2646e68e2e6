//! The primitives of the readiness protocol: loom's under `cfg(sinew_loom)`.

pub(crate) use std::sync::atomic::Ordering;

#[cfg(not(sinew_loom))]
pub(crate) use sinew_core::lock::{Guard, Lock};
#[cfg(not(sinew_loom))]
pub(crate) use std::sync::atomic::AtomicU64;

#[cfg(sinew_loom)]
pub(crate) use loom::sync::{MutexGuard as Guard, atomic::AtomicU64};

/// loom's mutex with the interface of the lock, which has a model of its own.
#[cfg(sinew_loom)]
#[derive(Debug)]
pub(crate) struct Lock<T>(loom::sync::Mutex<T>);

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
