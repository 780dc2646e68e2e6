//! The way back from the ring's thread to the task that asked.

use std::future::Future;
use std::io;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use sinew_core::leaf::{self, Kind, Wait};

/// Waits for what the [`Teller`] is told.
pub(crate) struct Answer<T> {
    state: Arc<Mutex<State<T>>>,
    location: &'static Location<'static>,
}

/// Tells it, or that nobody will when it is dropped.
pub(crate) struct Teller<T>(Arc<Mutex<State<T>>>);

enum State<T> {
    /// Not told; with who waits.
    Open(Option<Waker>),
    Told(io::Result<T>),
}

#[track_caller]
pub(crate) fn answer<T>() -> (Teller<T>, Answer<T>) {
    let state = Arc::new(Mutex::new(State::Open(None)));
    let answer = Answer {
        state: state.clone(),
        location: Location::caller(),
    };
    (Teller(state), answer)
}

impl<T> Teller<T> {
    pub(crate) fn tell(self, told: io::Result<T>) {
        self.set(told);
    }

    fn set(&self, told: io::Result<T>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Open(waker) = &mut *state {
            let waker = waker.take();
            *state = State::Told(told);
            drop(state);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}

impl<T> Drop for Teller<T> {
    /// Without effect if it was told.
    fn drop(&mut self) {
        self.set(Err(io::Error::other("the operation has panicked")));
    }
}

impl<T> Future for Answer<T> {
    type Output = io::Result<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *state {
            State::Open(waker) => {
                if !waker.as_ref().is_some_and(|old| old.will_wake(cx.waker())) {
                    *waker = Some(cx.waker().clone());
                }
                leaf::pending(&Wait {
                    kind: Kind::Blocking,
                    resource: Arc::as_ptr(&self.state).addr() as u64,
                    location: self.location,
                })
            }
            told => match mem::replace(told, State::Open(None)) {
                State::Told(told) => Poll::Ready(told),
                State::Open(_) => unreachable!("matched above"),
            },
        }
    }
}
