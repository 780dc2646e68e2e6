//! The atomics and locks of the scheduler: std's, or loom's when modelling.

#[cfg(sinew_loom)]
pub(crate) use loom::{
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicPtr, AtomicUsize, Ordering, fence},
    },
    thread::yield_now,
};
#[cfg(not(sinew_loom))]
pub(crate) use std::{
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicPtr, AtomicUsize, Ordering, fence},
    },
    thread::yield_now,
};

/// Locks, also after a panic: nothing that can panic runs under these locks.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}
