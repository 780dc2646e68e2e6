//! Many waiters behind one waker.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

/// All who wait for one operation of a provider, which sees one waker.
#[derive(Default)]
pub(super) struct Waiting(Mutex<Vec<Waker>>);

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, Vec<Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, waker: &Waker) {
        let mut waiting = self.lock();
        if !waiting.iter().any(|other| other.will_wake(waker)) {
            waiting.push(waker.clone());
        }
    }
}

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        let waiting = mem::take(&mut *self.lock());
        waiting.into_iter().for_each(Waker::wake);
    }
}
