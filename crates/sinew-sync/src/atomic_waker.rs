//! `AtomicWaker`: a place for one task's waker.
//!
//! # State
//!
//! One word with two bits; the cell beside it belongs to whoever has set one of them
//! from zero.
//!
//! - `REGISTERING`: `register` uses the cell.
//! - `WAKING`: `take` uses the cell, or, if `REGISTERING` was set before it, wants
//!   whoever registers to wake.
//!
//! | from | by | to | and |
//! |---|---|---|---|
//! | 0 | `register` | `REGISTERING` | puts the waker into the cell |
//! | `REGISTERING` | `register` | 0 | the waker is there to be woken |
//! | 0 | `take` | `WAKING` | takes the waker out |
//! | `WAKING` | `take` | 0 | |
//! | `REGISTERING` | `take` | both | leaves it to `register` |
//! | both | `register` | 0 | takes the waker out again and wakes it |
//! | `WAKING` | `register` | the same | wakes the new waker at once |
//!
//! # Invariants
//!
//! 1. The cell is used only by the call that has changed the word from 0, until that
//!    call changes it back to 0.
//! 2. After a `wake` that comes after a `register`, the registered waker has been
//!    woken, or will be by a call that is under way.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::task::Waker;

use crate::primitives::{AtomicUsize, Ordering, UnsafeCell, const_fn};

const REGISTERING: usize = 1;
const WAKING: usize = 1 << 1;

/// A place for the waker of the one task that waits for something, which any
/// thread may wake. The names and meanings of futures' `AtomicWaker`.
///
/// The task registers first and looks afterwards whether what it waits for is
/// there; the other side brings it about first and wakes afterwards. So no wake-up
/// is lost. It never blocks and never allocates.
///
/// ```
/// use sinew_sync::AtomicWaker;
/// use std::future::poll_fn;
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use std::task::Poll;
///
/// let (ready, waker) = (AtomicBool::new(false), AtomicWaker::new());
/// std::thread::scope(|s| {
///     s.spawn(|| {
///         ready.store(true, Ordering::Release);
///         waker.wake();
///     });
///     sinew_core::block_on(poll_fn(|cx| {
///         waker.register(cx.waker());
///         match ready.load(Ordering::Acquire) {
///             true => Poll::Ready(()),
///             false => Poll::Pending,
///         }
///     }));
/// });
/// ```
///
/// # When not to use it
///
/// It holds one waker: a second task that registers takes the place of the first. For
/// several tasks there is [`Notify`](crate::Notify).
pub struct AtomicWaker {
    state: AtomicUsize,
    waker: UnsafeCell<Option<Waker>>,
}

// SAFETY: the cell is used by one call at a time (invariant 1), and a waker may go
// to any thread.
unsafe impl Send for AtomicWaker {}
// SAFETY: as above.
unsafe impl Sync for AtomicWaker {}

impl AtomicWaker {
    const_fn! {
        /// Without a waker.
        #[must_use]
        pub const fn new() -> AtomicWaker {
            AtomicWaker {
                state: AtomicUsize::new(0),
                waker: UnsafeCell::new(None),
            }
        }
    }

    /// Leaves `waker` to be woken by the next [`wake`](Self::wake), in place of the
    /// one that was left before. If a `wake` is under way, it may be woken at once.
    ///
    /// For one task at a time: of two calls at the same time, one has no effect but
    /// that its waker may be woken.
    pub fn register(&self, waker: &Waker) {
        // ORDERING: Acquire pairs with the Releases below: the cell's last user is
        // done.
        let seen = self.state.compare_exchange(
            0,
            REGISTERING,
            Ordering::Acquire,
            // ORDERING: Acquire: what was done before the `wake` is seen.
            Ordering::Acquire,
        );
        match seen {
            Ok(_) => self.put(waker),
            // It may have been looked for before `waker` was there: poll once more.
            Err(WAKING) => {
                // The model's task would poll until the other side's turn comes.
                #[cfg(sinew_loom)]
                loom::thread::yield_now();
                waker.wake_by_ref();
            }
            // Another `register` is at work. A task that calls one at a time never
            // comes here.
            Err(_) => {}
        }
    }

    /// With `REGISTERING` set by this call.
    fn put(&self, waker: &Waker) {
        // Should the clone panic, the old waker stays, and the word is put right.
        let finish = Finish(self);
        let same = self.waker.with(|cell| {
            // SAFETY: invariant 1.
            let known = unsafe { &*cell };
            known.as_ref().is_some_and(|known| known.will_wake(waker))
        });
        let old = if same {
            None
        } else {
            let waker = waker.clone();
            // SAFETY: `REGISTERING` is set by this call.
            unsafe { self.swap(Some(waker)) }
        };
        drop(finish);
        drop(old);
    }

    /// # Safety
    ///
    /// The cell is the caller's (invariant 1).
    unsafe fn swap(&self, waker: Option<Waker>) -> Option<Waker> {
        self.waker.with_mut(|cell| {
            // SAFETY: the caller vouches for it.
            let cell = unsafe { &mut *cell };
            std::mem::replace(cell, waker)
        })
    }

    /// Wakes the task that has registered last, if it has not been woken since.
    #[inline]
    pub fn wake(&self) {
        if let Some(waker) = self.take() {
            waker.wake();
        }
    }

    /// Takes the waker out, to be woken by the caller; `None` if there is none, or
    /// if another call is about to wake it.
    #[must_use = "the task is not woken"]
    pub fn take(&self) -> Option<Waker> {
        // ORDERING: AcqRel: Acquire pairs with the Release of who has put the waker
        // into the cell; Release shows the task, whose `register` comes later,
        // what was done before. That is why this is no plain load when the cell
        // is empty.
        match self.state.fetch_or(WAKING, Ordering::AcqRel) {
            0 => {
                // SAFETY: `WAKING` is set by this call, from zero.
                let waker = unsafe { self.swap(None) };
                // ORDERING: Release: who uses the cell next sees what we did.
                self.state.fetch_and(!WAKING, Ordering::Release);
                waker
            }
            // `register` or another `take` is at work, and wakes.
            _ => None,
        }
    }
}

/// Ends a `register`: gives the cell back, or wakes if somebody wanted that
/// meanwhile.
struct Finish<'a>(&'a AtomicWaker);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        let this = self.0;
        // ORDERING: Release: who takes the waker sees it. Acquire on failure: what was
        // done before the `wake` is seen.
        let done = this
            .state
            .compare_exchange(REGISTERING, 0, Ordering::AcqRel, Ordering::Acquire);
        if done.is_err() {
            // SAFETY: both bits are set, so the cell is still of this `register`.
            let waker = unsafe { this.swap(None) };
            // ORDERING: AcqRel: as above.
            this.state.swap(0, Ordering::AcqRel);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}

impl Default for AtomicWaker {
    fn default() -> AtomicWaker {
        AtomicWaker::new()
    }
}

impl fmt::Debug for AtomicWaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AtomicWaker").finish_non_exhaustive()
    }
}

impl UnwindSafe for AtomicWaker {}
impl RefUnwindSafe for AtomicWaker {}

#[cfg(test)]
mod tests;
