//! The state word of a parker. The protocol is described in the parent module.

use std::time::{Duration, Instant};

#[cfg(sinew_loom)]
use loom::sync::{
    Condvar, Mutex, MutexGuard,
    atomic::{AtomicU8, Ordering},
};
#[cfg(not(sinew_loom))]
use std::sync::{
    Condvar, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU8, Ordering},
};

const EMPTY: u8 = 0;
const NOTIFIED: u8 = 1;
const PARKED: u8 = 2;
const IN_REACTOR: u8 = 3;

/// What a runner was waiting on when it was given a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a wait in the reactor must be ended by notifying the reactor"]
pub(super) enum Wait {
    /// It did not wait, or slept and has been woken.
    Done,
    /// It waits in the reactor.
    Reactor,
}

pub(super) struct ParkState {
    state: AtomicU8,
    lock: Mutex<()>,
    condvar: Condvar,
}

impl ParkState {
    pub(super) fn new() -> ParkState {
        ParkState {
            state: AtomicU8::new(EMPTY),
            lock: Mutex::new(()),
            condvar: Condvar::new(),
        }
    }

    fn exchange(&self, from: u8, to: u8) -> bool {
        // ORDERING: SeqCst; see the parent module.
        self.state
            .compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
    }

    #[cfg(not(sinew_loom))]
    fn lock(&self) -> MutexGuard<'_, ()> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(sinew_loom)]
    fn lock(&self) -> MutexGuard<'_, ()> {
        self.lock.lock().unwrap()
    }

    fn wait<'a>(&self, guard: MutexGuard<'a, ()>, timeout: Option<Duration>) -> MutexGuard<'a, ()> {
        let waited = match timeout {
            Some(timeout) => self
                .condvar
                .wait_timeout(guard, timeout)
                .map(|(guard, _)| guard)
                .map_err(|error| error.into_inner().0),
            None => self
                .condvar
                .wait(guard)
                .map_err(std::sync::PoisonError::into_inner),
        };
        match waited {
            Ok(guard) | Err(guard) => guard,
        }
    }

    /// Gives a token, and wakes the runner if it sleeps.
    pub(super) fn notify(&self) -> Wait {
        // ORDERING: SeqCst; see the parent module.
        match self.state.swap(NOTIFIED, Ordering::SeqCst) {
            PARKED => {
                // Not before the runner, which holds the lock until it waits.
                drop(self.lock());
                self.condvar.notify_one();
                Wait::Done
            }
            IN_REACTOR => Wait::Reactor,
            _ => Wait::Done,
        }
    }

    /// The runner is about to wait in the reactor. `false` if it has a token.
    #[must_use = "with a token the runner must not wait"]
    pub(super) fn enter_reactor(&self) -> bool {
        self.exchange(EMPTY, IN_REACTOR)
    }

    /// The runner is awake and takes the token, if there is one.
    pub(super) fn leave(&self) {
        // ORDERING: SeqCst; see the parent module.
        self.state.swap(EMPTY, Ordering::SeqCst);
    }

    /// Sleeps until there is a token or the deadline has passed.
    pub(super) fn sleep(&self, deadline: Option<Instant>) {
        let mut guard = self.lock();
        if self.exchange(EMPTY, PARKED) {
            // ORDERING: SeqCst; see the parent module.
            while self.state.load(Ordering::SeqCst) == PARKED {
                let timeout =
                    deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
                if timeout == Some(Duration::ZERO) {
                    break;
                }
                guard = self.wait(guard, timeout);
            }
        }
        drop(guard);
        self.leave();
    }
}

#[cfg(test)]
mod tests;
