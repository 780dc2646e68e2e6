//! How other threads tell the owner of a queue that they have left something for it.
//!
//! # State
//!
//! | state | meaning | who enters it |
//! |---|---|---|
//! | `QUIET` | nothing was left, as far as the owner knows | the owner |
//! | `RUNG` | something was left; the owner has been or is being woken | anyone, by a swap |
//! | `PARKED` | as `QUIET`, and the owner's thread waits or is about to | the owner, from `QUIET` |
//!
//! An owner that is a part of a larger future sleeps otherwise: it leaves the waker of
//! that future in `sleeper` and then looks at the state. Who rings changes the state
//! and then takes the waker. The lock of `sleeper` orders the two, so whoever locks
//! second sees what the other did.
//!
//! # Invariants
//!
//! 1. Who changes `QUIET` or `PARKED` to `RUNG` wakes the owner if it sleeps. Who finds
//!    `RUNG` relies on that.
//! 2. The owner answers, back to `QUIET`, before it looks at what was left.
//! 3. The owner parks only from `QUIET`, with its unparker in `parker`, and ends that
//!    before it does anything else. If it is rung meanwhile, the unparker ends the wait,
//!    or the next one of the same parker.
//!
//! # Orderings
//!
//! A swap to `RUNG` is Release, for what was left, and Acquire, for whoever rang before
//! and goes on to wake. The owner's changes from `RUNG` are Acquire.

use std::sync::{Arc, PoisonError};
use std::task::Waker;

use sinew_core::Unpark;

use crate::atomic::{AtomicU8, Mutex, MutexGuard, Ordering};

const QUIET: u8 = 0;
const RUNG: u8 = 1;
const PARKED: u8 = 2;

pub(super) struct Bell {
    state: AtomicU8,
    /// How to wake the owner while it sleeps as a part of a future. Used up.
    sleeper: Mutex<Option<Waker>>,
    /// How to end a park of the owner. Stays.
    parker: Mutex<Option<Arc<dyn Unpark>>>,
}

impl Bell {
    pub(super) fn new() -> Bell {
        Bell {
            state: AtomicU8::new(QUIET),
            sleeper: Mutex::new(None),
            parker: Mutex::new(None),
        }
    }

    /// Whether something was left. What is missed here is seen the next time, or before
    /// the owner sleeps.
    #[inline]
    pub(super) fn is_rung(&self) -> bool {
        self.state.load(Ordering::Relaxed) == RUNG
    }

    /// The same, after the owner has said how it can be woken.
    pub(super) fn was_rung(&self) -> bool {
        // ORDERING: Acquire pairs with `ring`.
        self.state.load(Ordering::Acquire) == RUNG
    }

    /// Tells the owner that something was left for it.
    pub(super) fn ring(&self) {
        // ORDERING: see the module.
        match self.state.swap(RUNG, Ordering::AcqRel) {
            RUNG => {}
            PARKED => {
                let parker = self.parker().clone();
                if let Some(parker) = parker {
                    parker.unpark();
                }
            }
            _ => {
                let sleeper = self.sleeper().take();
                if let Some(waker) = sleeper {
                    waker.wake();
                }
            }
        }
    }

    /// The owner is about to look at what was left. What comes later rings again.
    pub(super) fn answer(&self) {
        // ORDERING: Acquire pairs with `ring`.
        self.state.swap(QUIET, Ordering::AcqRel);
    }

    /// The owner is about to park. `false` if something was left.
    #[must_use = "an owner that was rung must not wait"]
    #[inline]
    pub(super) fn park(&self) -> bool {
        // ORDERING: the lock of `parker` orders what is in there.
        self.state
            .compare_exchange(QUIET, PARKED, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
    }

    /// The owner does not park any more, whatever ended it.
    #[inline]
    pub(super) fn unpark(&self) {
        // Fails if it was rung; the owner sees that when it looks the next time.
        let _ = self
            .state
            .compare_exchange(PARKED, QUIET, Ordering::Relaxed, Ordering::Relaxed);
    }

    pub(super) fn sleeper(&self) -> MutexGuard<'_, Option<Waker>> {
        self.sleeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn parker(&self) -> MutexGuard<'_, Option<Arc<dyn Unpark>>> {
        self.parker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
