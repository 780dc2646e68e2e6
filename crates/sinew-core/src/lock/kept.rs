//! A lock that a thread keeps, and then uses without taking it.
//!
//! # State
//!
//! | word | meaning | who writes it |
//! |---|---|---|
//! | `flag` | somebody has the lock itself | who takes it, as in [`Lock`](super::Lock) |
//! | `keeper` | `NOBODY`, or the id of the thread that keeps what is guarded, with the bit `CALLED` if a note was left since | who has `flag` |
//! | `borrowed` | the keeper is using what is guarded | the keeper |
//!
//! # Life cycle
//!
//! Free, until somebody who has the lock says [`keep`](KeptGuard::keep). Kept, until that
//! thread says [`let_go`](KeptLock::let_go). With `CALLED`, the keeper's next use takes
//! the lock itself, and so can see the notes.
//!
//! # Invariants
//!
//! 1. The notes are only used by who has `flag`, and so is `keeper` only written.
//! 2. Only the thread itself writes its id to `keeper` where it was not, and only it
//!    takes the id away. An id is never given to another thread. So who reads its own
//!    id there keeps what is guarded, however old what it has read is.
//! 3. What is guarded is used by the thread whose id is in `keeper`, and by no other; or
//!    by who has `flag`, while `keeper` is `NOBODY`.
//! 4. The keeper uses it through one guard at a time: `borrowed` is true meanwhile.
//!
//! # Orderings
//!
//! What is done before keeping and after letting go is ordered by `flag`, which is
//! taken for both. Beside that all accesses are relaxed: by invariant 2 nothing else
//! that the keeper does depends on what other threads have done, and others learn
//! who keeps it while they have `flag`.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::panic::{RefUnwindSafe, UnwindSafe};

use super::Flag;
use crate::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::thread_id::{self, NOBODY};
use crate::wait_list::primitives::UnsafeCell;

/// In `keeper`: notes were left. Ids do not come to be that large.
const CALLED: u64 = 1 << 63;

/// A lock that one thread at a time may keep, and then uses without taking it.
///
/// For what one thread uses again and again, and others now and then: the keeper pays
/// plain loads and stores, no locked instruction. Others cannot wait until the keeper
/// is done, which may be never. They leave a note instead, of what they would have
/// done; the keeper is shown the notes at its next use, and does it for them. So the
/// keeper must come back, or let go before it falls asleep.
///
/// ```
/// use sinew_core::lock::{KeptLock, NoteGuard};
///
/// let lock = KeptLock::new(0, Vec::new());
/// let guard = lock.lock().unwrap_or_else(|_| unreachable!("nobody keeps it"));
/// drop(guard.keep());
/// std::thread::scope(|s| {
///     s.spawn(|| match lock.lock() {
///         Ok(_) => unreachable!("another thread keeps it"),
///         Err(notes) => notes.leave(|notes| notes.push("plus one")),
///     });
/// });
/// let mut guard = lock.let_go().unwrap_or_else(|_| unreachable!("this thread keeps it"));
/// let notes = std::mem::take(guard.notes().expect("it does not keep it any more"));
/// *guard += notes.len();
/// assert_eq!(*guard, 1);
/// ```
pub struct KeptLock<T, N> {
    flag: Flag,
    borrowed: AtomicBool,
    keeper: AtomicU64,
    guarded: UnsafeCell<T>,
    notes: UnsafeCell<N>,
}

// SAFETY: sending the lock sends what it guards, and the notes.
unsafe impl<T: Send, N: Send> Send for KeptLock<T, N> {}
// SAFETY: invariants 1 and 3: one thread at a time uses what it guards, and one the notes.
unsafe impl<T: Send, N: Send> Sync for KeptLock<T, N> {}
// As for `Lock`: a panic gives back what is guarded.
impl<T, N> UnwindSafe for KeptLock<T, N> {}
impl<T, N> RefUnwindSafe for KeptLock<T, N> {}

impl<T, N> KeptLock<T, N> {
    /// A lock that nobody has or keeps.
    #[must_use]
    pub fn new(guarded: T, notes: N) -> KeptLock<T, N> {
        KeptLock {
            flag: Flag::new(),
            borrowed: AtomicBool::new(false),
            keeper: AtomicU64::new(NOBODY),
            guarded: UnsafeCell::new(guarded),
            notes: UnsafeCell::new(notes),
        }
    }

    /// What is guarded. On the thread that keeps it this is at hand; on others it is the
    /// lock itself, for which they may have to wait as for [`Lock`](super::Lock)'s.
    ///
    /// # Errors
    ///
    /// The notes, while another thread keeps it.
    ///
    /// # Panics
    ///
    /// On the thread that keeps it, if that has a guard already. Elsewhere that is
    /// a deadlock.
    #[inline]
    pub fn lock(&self) -> Result<KeptGuard<'_, T, N>, NoteGuard<'_, T, N>> {
        // ORDERING: Relaxed; invariant 2.
        if self.keeper.load(Ordering::Relaxed) == thread_id::known() {
            self.assert_not_borrowed();
            // ORDERING: Relaxed; only this thread looks at it.
            self.borrowed.store(true, Ordering::Relaxed);
            return Ok(KeptGuard::new(self, &self.borrowed));
        }
        self.lock_itself()
    }

    #[inline]
    fn lock_itself(&self) -> Result<KeptGuard<'_, T, N>, NoteGuard<'_, T, N>> {
        self.flag.take();
        // ORDERING: Relaxed; invariant 1.
        if self.keeper.load(Ordering::Relaxed) == NOBODY {
            return Ok(KeptGuard::new(self, &self.flag.0));
        }
        self.lock_kept()
    }

    /// With the flag taken, while some thread keeps it.
    #[cold]
    fn lock_kept(&self) -> Result<KeptGuard<'_, T, N>, NoteGuard<'_, T, N>> {
        let notes = NoteGuard {
            lock: self,
            not_send: PhantomData,
        };
        if !self.is_kept_here() {
            return Err(notes);
        }
        // A panic lets go of the flag with `notes`.
        self.assert_not_borrowed();
        std::mem::forget(notes);
        Ok(KeptGuard::new(self, &self.flag.0))
    }

    /// As [`lock`](Self::lock); and this thread does not keep it any more. The guard
    /// shows the notes.
    ///
    /// # Errors
    ///
    /// The notes, while another thread keeps it.
    ///
    /// # Panics
    ///
    /// As [`lock`](Self::lock).
    #[inline]
    pub fn let_go(&self) -> Result<KeptGuard<'_, T, N>, NoteGuard<'_, T, N>> {
        let guard = self.lock_itself()?;
        // ORDERING: Relaxed; invariant 1.
        self.keeper.store(NOBODY, Ordering::Relaxed);
        Ok(guard)
    }

    /// Whether this thread keeps it and notes were left that it has not been shown. May
    /// miss one that is just being left.
    #[inline]
    pub fn is_called(&self) -> bool {
        // ORDERING: Relaxed; a hint.
        self.keeper.load(Ordering::Relaxed) == thread_id::known() | CALLED
    }

    fn is_kept_here(&self) -> bool {
        self.keeper.load(Ordering::Relaxed) & !CALLED == thread_id::known()
    }

    /// For who keeps it.
    #[inline]
    fn assert_not_borrowed(&self) {
        // ORDERING: Relaxed; this thread alone writes it.
        let borrowed = self.borrowed.load(Ordering::Relaxed);
        assert!(!borrowed, "a thread has one guard of a lock at a time");
    }
}

impl<T, N> fmt::Debug for KeptLock<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptLock").finish_non_exhaustive()
    }
}

/// What a [`KeptLock`] guards, until this is dropped.
#[must_use = "what is guarded is given back at once"]
pub struct KeptGuard<'a, T, N> {
    lock: &'a KeptLock<T, N>,
    /// What is set back when this is dropped: `flag`, or the keeper's `borrowed`.
    held: &'a AtomicBool,
    not_send: PhantomData<*const ()>,
}

// SAFETY: a shared guard gives out `&T`.
unsafe impl<T: Sync, N: Sync> Sync for KeptGuard<'_, T, N> {}

impl<'a, T, N> KeptGuard<'a, T, N> {
    #[inline]
    fn new(lock: &'a KeptLock<T, N>, held: &'a AtomicBool) -> Self {
        KeptGuard {
            lock,
            held,
            not_send: PhantomData,
        }
    }

    /// Whether it is at hand because this thread keeps it.
    #[inline]
    #[must_use]
    pub fn is_at_hand(&self) -> bool {
        std::ptr::eq(self.held, &self.lock.borrowed)
    }

    /// The notes; `None` where what is guarded was [at hand](Self::is_at_hand).
    #[inline]
    pub fn notes(&mut self) -> Option<&mut N> {
        if self.is_at_hand() {
            return None;
        }
        let notes = self.lock.notes.with_mut(|notes| notes);
        // SAFETY: invariant 1: this guard has the flag. It is borrowed exclusively.
        Some(unsafe { &mut *notes })
    }

    /// This thread keeps it from now on, until it [lets go](KeptLock::let_go). Notes that
    /// were left before count as read.
    #[inline]
    pub fn keep(self) -> Self {
        if self.is_at_hand() {
            return self;
        }
        let lock = self.lock;
        // ORDERING: Relaxed; invariant 1, and dropping `self` lets go of the flag.
        lock.keeper.store(thread_id::current(), Ordering::Relaxed);
        // ORDERING: Relaxed; only this thread looks at it.
        lock.borrowed.store(true, Ordering::Relaxed);
        drop(self);
        KeptGuard::new(lock, &lock.borrowed)
    }
}

impl<T, N> Deref for KeptGuard<'_, T, N> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        let guarded = self.lock.guarded.with(|guarded| guarded);
        // SAFETY: invariants 3 and 4: this is the keeper's one guard, or it has the flag and
        // nobody else keeps it.
        unsafe { &*guarded }
    }
}

impl<T, N> DerefMut for KeptGuard<'_, T, N> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        let guarded = self.lock.guarded.with_mut(|guarded| guarded);
        // SAFETY: as in `deref`, and the guard is borrowed exclusively.
        unsafe { &mut *guarded }
    }
}

impl<T, N> Drop for KeptGuard<'_, T, N> {
    #[inline]
    fn drop(&mut self) {
        // ORDERING: Release pairs with the Acquire of who has the flag next.
        self.held.store(false, Ordering::Release);
    }
}

impl<T, N> fmt::Debug for KeptGuard<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptGuard")
            .field("at_hand", &self.is_at_hand())
            .finish_non_exhaustive()
    }
}

/// The notes for the thread that keeps what a [`KeptLock`] guards, until this is dropped.
/// That thread cannot let go meanwhile.
#[must_use = "leave a note, or what was wanted is not done"]
pub struct NoteGuard<'a, T, N> {
    lock: &'a KeptLock<T, N>,
    not_send: PhantomData<*const ()>,
}

impl<T, N> NoteGuard<'_, T, N> {
    /// Leaves a note, by changing those that are there. The keeper is shown them at its next use.
    pub fn leave(self, change: impl FnOnce(&mut N)) {
        let notes = self.lock.notes.with_mut(|notes| notes);
        // SAFETY: invariant 1: `self` has the flag, and is given up for this.
        change(unsafe { &mut *notes });
        // ORDERING: Relaxed; invariant 1. That it is kept by another thread has been seen, and that
        // thread needs the flag to change it.
        let keeper = self.lock.keeper.load(Ordering::Relaxed);
        self.lock.keeper.store(keeper | CALLED, Ordering::Relaxed);
    }
}

impl<T, N> Drop for NoteGuard<'_, T, N> {
    fn drop(&mut self) {
        self.lock.flag.set_back();
    }
}

impl<T, N> fmt::Debug for NoteGuard<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NoteGuard").finish_non_exhaustive()
    }
}
