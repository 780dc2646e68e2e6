//! A lock for a few instructions: that of a wait list, and of others like it.
//!
//! ```
//! use sinew_core::lock::Lock;
//!
//! let lock = Lock::new(Vec::new());
//! lock.lock().push(1);
//! assert_eq!(lock.lock().len(), 1);
//! ```
//!
//! # Why not std's mutex
//!
//! The lock is taken for each wait and for each wake-up, for a few tens of
//! instructions, hardly ever while another thread has it. There what it costs is its
//! locked instructions. std's mutex executes two: letting go is an exchange too,
//! because it must find out whether a thread sleeps. Here letting go is a plain store,
//! so nobody is told: who finds the lock taken looks again by himself. [Instructions, and
//! locked ones: a value through an mpmc channel 217.5 (4.6) → 157 (2.3), a notification
//! and its answer 1153 (20) → 1040 (16), most of them the scheduler's.]
//!
//! # Life cycle
//!
//! One flag. Who changes it from false to true has the lock and sets it back. Who
//! finds it true pauses, for longer and longer; then he lets other threads run, for
//! the holder may have been interrupted in the middle; and then he sleeps for bounded
//! times, so that the holder gets a processor even if the system would always prefer
//! the one who waits. These are the three phases of `rest`.
//!
//! # Invariants
//!
//! 1. What is guarded is used by who has changed the flag from false to true, until it
//!    sets the flag back.
//! 2. The lock is never held while foreign code runs, which is for its users to keep, or
//!    while something is waited for. So who waits, waits for some instructions, or for
//!    the system to run a thread that it has interrupted.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::panic::{RefUnwindSafe, UnwindSafe};
#[cfg(not(sinew_loom))]
use std::time::Duration;

mod kept;

pub use kept::{KeptGuard, KeptLock, NoteGuard};

use crate::wait_list::primitives::{AtomicBool, Ordering, UnsafeCell};

/// How often `rest` pauses, each time twice as long as before: in all for about as
/// long as the lock is held when much is done under it.
#[cfg(not(sinew_loom))]
const PAUSES: u32 = 7;
/// How often it then lets other threads run. An interrupted holder is among them,
/// mostly the first.
#[cfg(not(sinew_loom))]
const YIELDS: u32 = 16;
/// How long it sleeps each time after that: the slice of time that the system gives to
/// others meanwhile.
#[cfg(not(sinew_loom))]
const SLEEP: Duration = Duration::from_micros(50);

/// Whether somebody has a lock.
struct Flag(AtomicBool);

impl Flag {
    #[cfg(not(sinew_loom))]
    const fn new() -> Flag {
        Flag(AtomicBool::new(false))
    }

    #[cfg(sinew_loom)]
    fn new() -> Flag {
        Flag(AtomicBool::new(false))
    }

    #[inline]
    fn try_take(&self) -> bool {
        // ORDERING: Acquire pairs with the Release of the holder before.
        self.0
            .compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    #[inline]
    fn take(&self) {
        if !self.try_take() {
            self.wait();
        }
    }

    /// Waits for who has it. Not a part of its callers, who would keep registers for it
    /// on their quick path.
    #[cold]
    #[inline(never)]
    fn wait(&self) {
        for looked in 0.. {
            // ORDERING: Relaxed: only a look, so that the flag stays in the caches of
            // all who wait.
            if !self.0.load(Ordering::Relaxed) && self.try_take() {
                return;
            }
            rest(looked);
        }
    }

    /// For who has taken it.
    #[inline]
    fn set_back(&self) {
        // ORDERING: Release pairs with the Acquire of the next holder.
        self.0.store(false, Ordering::Release);
    }
}

/// A mutual exclusion for a few instructions, between which nothing is waited for and no
/// foreign code is run. Does not know of poison.
pub struct Lock<T> {
    taken: Flag,
    guarded: UnsafeCell<T>,
}

// SAFETY: sending the lock sends what it guards.
unsafe impl<T: Send> Send for Lock<T> {}
// SAFETY: invariant 1: one thread at a time uses what it guards.
unsafe impl<T: Send> Sync for Lock<T> {}
// A guard that is dropped by a panic lets go of the lock, and nothing done under it
// panics half-way.
impl<T> UnwindSafe for Lock<T> {}
impl<T> RefUnwindSafe for Lock<T> {}

impl<T> Lock<T> {
    /// A lock that nobody has.
    #[cfg(not(sinew_loom))]
    #[must_use]
    pub const fn new(guarded: T) -> Lock<T> {
        Lock {
            taken: Flag::new(),
            guarded: UnsafeCell::new(guarded),
        }
    }

    /// A lock that nobody has.
    #[cfg(sinew_loom)]
    pub fn new(guarded: T) -> Lock<T> {
        Lock {
            taken: Flag::new(),
            guarded: UnsafeCell::new(guarded),
        }
    }

    /// Waits until nobody has it, and takes it. Deadlocks if this thread has it.
    #[inline]
    pub fn lock(&self) -> Guard<'_, T> {
        self.taken.take();
        Guard {
            lock: self,
            not_send: PhantomData,
        }
    }

    /// What it guards, which nobody else can have borrowed.
    #[cfg(not(sinew_loom))]
    pub fn get_mut(&mut self) -> &mut T {
        let guarded = self.guarded.with_mut(|guarded| guarded);
        // SAFETY: the lock is borrowed exclusively.
        unsafe { &mut *guarded }
    }
}

/// Rests before the next look.
#[cfg(not(sinew_loom))]
fn rest(looked: u32) {
    if looked < PAUSES {
        (0..1_u32 << looked).for_each(|_| std::hint::spin_loop());
    } else if looked < PAUSES + YIELDS {
        std::thread::yield_now();
    } else {
        // tidy: sleep is the subject: the last phase, for a holder that does not run.
        std::thread::sleep(SLEEP);
    }
}

/// In a model all ways to rest are the same.
#[cfg(sinew_loom)]
fn rest(_: u32) {
    loom::thread::yield_now();
}

impl<T> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").finish_non_exhaustive()
    }
}

/// The lock, held, until this is dropped.
#[must_use = "the lock is let go at once"]
pub struct Guard<'a, T> {
    lock: &'a Lock<T>,
    not_send: PhantomData<*const ()>,
}

// SAFETY: a shared guard gives out `&T`.
unsafe impl<T: Sync> Sync for Guard<'_, T> {}

impl<T: fmt::Debug> fmt::Debug for Guard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        let guarded = self.lock.guarded.with(|guarded| guarded);
        // SAFETY: invariant 1.
        unsafe { &*guarded }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        let guarded = self.lock.guarded.with_mut(|guarded| guarded);
        // SAFETY: invariant 1, and the guard is borrowed exclusively.
        unsafe { &mut *guarded }
    }
}

impl<T> Drop for Guard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.taken.set_back();
    }
}

#[cfg(test)]
mod tests;
