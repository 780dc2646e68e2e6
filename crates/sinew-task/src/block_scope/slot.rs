//! Where a task leaves its result.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// A place for one value, and for the waker of who waits for it.
pub(super) struct Slot<T>(Mutex<State<T>>);

struct State<T> {
    value: Option<T>,
    taken: bool,
    waker: Option<Waker>,
}

impl<T> Slot<T> {
    pub(super) fn new() -> Slot<T> {
        Slot(Mutex::new(State {
            value: None,
            taken: false,
            waker: None,
        }))
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn put(&self, value: T) {
        let waker = {
            let mut state = self.state();
            state.value = Some(value);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn into_value(self) -> Option<T> {
        let state = self.0.into_inner();
        state.unwrap_or_else(PoisonError::into_inner).value
    }

    /// # Panics
    ///
    /// If the value has been taken.
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<T> {
        let mut state = self.state();
        if let Some(value) = state.value.take() {
            state.taken = true;
            return Poll::Ready(value);
        }
        let taken = state.taken;
        let old = match &state.waker {
            Some(waker) if waker.will_wake(cx.waker()) => None,
            _ => state.waker.replace(cx.waker().clone()),
        };
        // A waker's destructor may run any code: not under the lock.
        drop(state);
        drop(old);
        assert!(!taken, "a handle was polled after it gave the output");
        Poll::Pending
    }
}
