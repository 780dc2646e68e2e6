//! The atomics and locks of the scheduler: std's, or loom's when modelling.

use std::time::Duration;

#[cfg(sinew_loom)]
pub(crate) use loom::{
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering, fence},
    },
    thread::yield_now,
};
#[cfg(not(sinew_loom))]
pub(crate) use std::{
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering, fence},
    },
    thread::yield_now,
};

/// Waits for so long, for something that another thread is about to do.
pub(crate) fn wait_a_while(time: Duration) {
    #[cfg(not(sinew_loom))]
    std::thread::sleep(time);
    // A model has no time: the others go on first.
    #[cfg(sinew_loom)]
    {
        let _ = time;
        yield_now();
    }
}

/// Locks, also after a panic: nothing that can panic runs under these locks.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}
