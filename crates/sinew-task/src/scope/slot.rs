//! Where a child leaves its output.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use sinew_core::leaf::{self, Kind, Wait};

/// A place for one value, and for the waker of who waits for it.
pub(crate) struct Slot<T>(Mutex<State<T>>);

struct State<T> {
    value: Option<T>,
    taken: bool,
    waker: Option<Waker>,
}

impl<T> Slot<T> {
    pub(crate) fn new() -> Slot<T> {
        Slot(Mutex::new(State {
            value: None,
            taken: false,
            waker: None,
        }))
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn put(&self, value: T) {
        let waker = {
            let mut state = self.state();
            state.value = Some(value);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(crate) fn into_value(self) -> Option<T> {
        let state = self.0.into_inner();
        state.unwrap_or_else(PoisonError::into_inner).value
    }

    /// # Panics
    ///
    /// If the value has been taken.
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<T> {
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

/// Awaits the output of a child of a [`scope`](crate::scope). Made by
/// [`Scope::spawn`](crate::Scope::spawn).
///
/// There is no error to look at: a child that panics or fails ends the scope, and
/// the one who waits with it. Dropping the handle lets the child go on; the scope
/// still waits for it.
///
/// # Cancel safety
///
/// Awaiting `&mut handle` is cancel safe: the output stays until a poll takes it.
///
/// # Panics
///
/// Polling the handle again after it gave the output.
pub struct ScopedHandle<'scope, T> {
    slot: Arc<Slot<T>>,
    location: &'static Location<'static>,
    scope: PhantomData<fn(&'scope ()) -> &'scope ()>,
}

impl<T> ScopedHandle<'_, T> {
    #[track_caller]
    pub(super) fn new(slot: Arc<Slot<T>>) -> Self {
        ScopedHandle {
            slot,
            location: Location::caller(),
            scope: PhantomData,
        }
    }
}

impl<T> Future for ScopedHandle<'_, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match self.slot.poll(cx) {
            Poll::Ready(output) => Poll::Ready(output),
            Poll::Pending => leaf::pending(&Wait {
                kind: Kind::Task,
                resource: 0,
                location: self.location,
            }),
        }
    }
}

impl<T> fmt::Debug for ScopedHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let finished = self.slot.state().value.is_some();
        f.debug_struct("ScopedHandle")
            .field("finished", &finished)
            .finish()
    }
}
