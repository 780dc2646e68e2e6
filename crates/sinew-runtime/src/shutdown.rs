//! Ending a runtime's workers.

use std::sync::{Arc, OnceLock, PoisonError};
use std::time::{Duration, Instant};

#[cfg(sinew_loom)]
use loom::sync::{
    Condvar, Mutex, MutexGuard,
    atomic::{AtomicBool, Ordering},
};
#[cfg(not(sinew_loom))]
use std::sync::{
    Condvar, Mutex, MutexGuard,
    atomic::{AtomicBool, Ordering},
};

use sinew_core::Unpark;

/// Whether the workers are to end, and which of them have not yet.
pub(crate) struct Shutdown {
    stop: AtomicBool,
    running: Mutex<usize>,
    ended: Condvar,
    unparkers: OnceLock<Vec<Arc<dyn Unpark>>>,
}

impl Shutdown {
    pub(crate) fn new() -> Shutdown {
        Shutdown {
            stop: AtomicBool::new(false),
            running: Mutex::new(0),
            ended: Condvar::new(),
            unparkers: OnceLock::new(),
        }
    }

    /// Sets by what the workers are unparked. Called once, before they start.
    pub(crate) fn set_unparkers(&self, unparkers: Vec<Arc<dyn Unpark>>) {
        *self.running() = unparkers.len();
        let _ = self.unparkers.set(unparkers);
    }

    /// Whether there are workers, also ones that have ended.
    pub(crate) fn has_workers(&self) -> bool {
        self.unparkers.get().is_some()
    }

    /// Workers that could not be started are not waited for.
    pub(crate) fn not_started(&self, count: usize) {
        *self.running() -= count;
        self.ended.notify_all();
    }

    fn running(&self) -> MutexGuard<'_, usize> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the workers are to end.
    pub(crate) fn is_requested(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `request`.
        self.stop.load(Ordering::Acquire)
    }

    /// Asks all workers to end. `false` if they were asked before.
    pub(crate) fn request(&self) -> bool {
        // ORDERING: Release pairs with the Acquire in `is_requested`; the
        // unpark that follows makes a parked worker look.
        if self.stop.swap(true, Ordering::AcqRel) {
            return false;
        }
        for unparker in self.unparkers.get().into_iter().flatten() {
            unparker.unpark();
        }
        true
    }

    /// A worker has ended. `clean_up` runs if it was the last, before anyone
    /// who waits is told.
    pub(crate) fn worker_ended(&self, clean_up: impl FnOnce()) {
        let mut running = self.running();
        if *running > 1 {
            *running -= 1;
            return;
        }
        // The last: no other worker changes the count any more.
        drop(running);
        clean_up();
        *self.running() = 0;
        self.ended.notify_all();
    }

    /// Waits until all workers have ended. `false` if the deadline came first;
    /// `None` waits for ever.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> bool {
        let mut running = self.running();
        while *running > 0 {
            running = match deadline {
                None => self
                    .ended
                    .wait(running)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left == Duration::ZERO {
                        return false;
                    }
                    let waited = self.ended.wait_timeout(running, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        true
    }
}

#[cfg(all(test, sinew_loom))]
mod tests;
