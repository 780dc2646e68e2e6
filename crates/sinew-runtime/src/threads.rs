//! Which threads are a runtime's workers.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

/// The thread of each worker, once it has one.
pub(crate) struct Threads(Mutex<Vec<Option<ThreadId>>>);

impl Threads {
    pub(crate) fn new(workers: usize) -> Threads {
        Threads(Mutex::new(vec![None; workers]))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Option<ThreadId>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This thread is that worker from here on.
    pub(crate) fn set_current(&self, worker: usize) {
        if let Some(slot) = self.lock().get_mut(worker) {
            *slot = Some(thread::current().id());
        }
    }

    pub(crate) fn get(&self, worker: usize) -> Option<ThreadId> {
        self.lock().get(worker).copied().flatten()
    }
}
