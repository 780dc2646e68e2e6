//! `RwLock`: many readers or one writer.
//!
//! # State
//!
//! One word ([`state::StateCell`]): how many readers hold the lock, whether one of
//! them is upgradable, whether a writer does, and whether somebody waits. With
//! nobody in the queue, to take the lock is one exchange of the word and to let go
//! one subtraction.
//!
//! # Invariants
//!
//! 1. `WAITERS` means that the queue is not empty; it is set and cleared with the
//!    list's lock held.
//! 2. While it is set, the lock is given only to the front of the queue, with the
//!    list's lock held, and *popped is a holder*. So nobody overtakes, and a writer
//!    is not starved by readers. The one exception: an upgrade goes to the front,
//!    because all others wait for the reader that asks for it.
//! 3. Whoever lets go so that the front of the queue might go on serves the queue.
//!    Readers leave without the list's lock, which only makes more possible.

use std::cell::UnsafeCell;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::ptr::NonNull;
use std::sync::Arc;

use sinew_core::blocking;

use crate::TryLockError;
use crate::acquire::InTurn;
use crate::primitives::const_fn;
use crate::then::Then;

mod hold;
mod owned_read_guard;
mod owned_upgradable_guard;
mod owned_write_guard;
mod raw;
mod read_guard;
mod state;
mod upgradable_guard;
mod write_guard;

pub use owned_read_guard::OwnedRwLockReadGuard;
pub use owned_upgradable_guard::OwnedRwLockUpgradableReadGuard;
pub use owned_write_guard::{OwnedRwLockMappedWriteGuard, OwnedRwLockWriteGuard};
pub use read_guard::RwLockReadGuard;
pub use upgradable_guard::RwLockUpgradableReadGuard;
pub use write_guard::{RwLockMappedWriteGuard, RwLockWriteGuard};

use hold::{Hold, OwnedHold};
use raw::RawRwLock;
use state::Mode;

/// The most readers at a time, as tokio's.
const MAX_READERS: u32 = u32::MAX >> 3;

/// Data that many may read at a time, or one may write; also across an `.await`.
///
/// Readers and writers get the lock in the order in which they asked for it: a
/// reader that comes after a waiting writer waits behind it. So a task that holds
/// the lock to read must not ask to read again, for a writer may stand in between.
///
/// ```
/// use sinew_sync::RwLock;
///
/// # sinew_core::block_on(async {
/// let names = RwLock::new(vec!["a"]);
/// {
///     let (first, second) = (names.read().await, names.read().await);
///     assert_eq!(first.len(), second.len());
/// }
/// names.write().await.push("b");
/// assert_eq!(names.read().await.len(), 2);
/// # });
/// ```
///
/// # When not to use it
///
/// If the lock is not held across an `.await`, [`std::sync::RwLock`] is better.
pub struct RwLock<T: ?Sized> {
    raw: RawRwLock,
    data: UnsafeCell<T>,
}

// SAFETY: sending the lock sends the data.
unsafe impl<T: ?Sized + Send> Send for RwLock<T> {}
// SAFETY: several threads may have `&T` at a time, and any of them `&mut T`.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLock<T> {}

impl<T> RwLock<T> {
    const_fn! {
        /// An unlocked lock.
        pub const fn new(data: T) -> RwLock<T> {
            RwLock::with_max_readers(data, MAX_READERS)
        }
    }

    const_fn! {
        /// An unlocked lock that at most so many may read at a time.
        ///
        /// # Panics
        ///
        /// When `max_reads` is zero, or more than `u32::MAX >> 3`.
        #[track_caller]
        pub const fn with_max_readers(data: T, max_reads: u32) -> RwLock<T> {
            assert!(max_reads != 0, "a RwLock may not be created with 0 readers");
            assert!(
                max_reads <= MAX_READERS,
                "a RwLock may not be created with more than u32::MAX >> 3 readers"
            );
            RwLock {
                raw: RawRwLock::new(max_reads),
                data: UnsafeCell::new(data),
            }
        }
    }

    const_fn! {
        /// As [`new`](Self::new).
        pub const fn const_new(data: T) -> RwLock<T> {
            RwLock::new(data)
        }
    }

    const_fn! {
        /// As [`with_max_readers`](Self::with_max_readers).
        ///
        /// # Panics
        ///
        /// As `with_max_readers`.
        #[track_caller]
        pub const fn const_with_max_readers(data: T, max_reads: u32) -> RwLock<T> {
            RwLock::with_max_readers(data, max_reads)
        }
    }

    /// The data.
    pub fn into_inner(self) -> T {
        self.data.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    #[inline]
    fn data(&self) -> NonNull<T> {
        NonNull::new(self.data.get()).expect("a cell is not at address 0")
    }

    /// Takes the lock to read, in turn.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up its place in the queue. If it had got the lock,
    /// it lets go of it, and the next in line may go on.
    #[inline]
    #[track_caller]
    pub fn read(&self) -> impl Future<Output = RwLockReadGuard<'_, T>> {
        Then::new(self.raw.take(Mode::Read), move |()| self.reader())
    }

    /// Takes the lock to read, in turn, with a guard that keeps it alive.
    ///
    /// # Cancel safety
    ///
    /// As [`read`](Self::read).
    #[track_caller]
    pub fn read_owned(self: Arc<Self>) -> impl Future<Output = OwnedRwLockReadGuard<T>> {
        let location = Location::caller();
        async move {
            self.raw.take_at(location, Mode::Read).await;
            self.owned_reader()
        }
    }

    /// Takes the lock to read, with the right to write later, in turn.
    ///
    /// # Cancel safety
    ///
    /// As [`read`](Self::read).
    #[inline]
    #[track_caller]
    pub fn upgradable_read(&self) -> impl Future<Output = RwLockUpgradableReadGuard<'_, T>> {
        Then::new(self.raw.take(Mode::Upgradable), move |()| {
            RwLockUpgradableReadGuard::new(Hold::new(&self.raw), self.data())
        })
    }

    /// As [`upgradable_read`](Self::upgradable_read), with a guard that keeps the lock
    /// alive.
    ///
    /// # Cancel safety
    ///
    /// As [`read`](Self::read).
    #[track_caller]
    pub fn upgradable_read_owned(
        self: Arc<Self>,
    ) -> impl Future<Output = OwnedRwLockUpgradableReadGuard<T>> {
        let location = Location::caller();
        async move {
            self.raw.take_at(location, Mode::Upgradable).await;
            OwnedRwLockUpgradableReadGuard::new(OwnedHold::new(self))
        }
    }

    /// Takes the lock to write, in turn.
    ///
    /// # Cancel safety
    ///
    /// As [`read`](Self::read).
    #[inline]
    #[track_caller]
    pub fn write(&self) -> impl Future<Output = RwLockWriteGuard<'_, T>> {
        Then::new(self.raw.take(Mode::Write), move |()| self.writer())
    }

    /// Takes the lock to write, in turn, with a guard that keeps it alive.
    ///
    /// # Cancel safety
    ///
    /// As [`read`](Self::read).
    #[track_caller]
    pub fn write_owned(self: Arc<Self>) -> impl Future<Output = OwnedRwLockWriteGuard<T>> {
        let location = Location::caller();
        async move {
            self.raw.take_at(location, Mode::Write).await;
            self.owned_writer()
        }
    }

    /// Takes the lock to read if that is possible at once.
    ///
    /// # Errors
    ///
    /// When a writer holds the lock, or somebody waits for it.
    #[inline]
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        self.try_take(Mode::Read)?;
        Ok(self.reader())
    }

    /// As [`try_read`](Self::try_read), with a guard that keeps the lock alive.
    ///
    /// # Errors
    ///
    /// As `try_read`.
    pub fn try_read_owned(self: Arc<Self>) -> Result<OwnedRwLockReadGuard<T>, TryLockError> {
        self.try_take(Mode::Read)?;
        Ok(self.owned_reader())
    }

    /// Takes the lock to read, with the right to write later, if that is possible
    /// at once.
    ///
    /// # Errors
    ///
    /// When a writer or another upgradable reader holds the lock, or somebody waits
    /// for it.
    pub fn try_upgradable_read(&self) -> Result<RwLockUpgradableReadGuard<'_, T>, TryLockError> {
        self.try_take(Mode::Upgradable)?;
        Ok(RwLockUpgradableReadGuard::new(
            Hold::new(&self.raw),
            self.data(),
        ))
    }

    /// As [`try_upgradable_read`](Self::try_upgradable_read), with a guard that keeps
    /// the lock alive.
    ///
    /// # Errors
    ///
    /// As `try_upgradable_read`.
    pub fn try_upgradable_read_owned(
        self: Arc<Self>,
    ) -> Result<OwnedRwLockUpgradableReadGuard<T>, TryLockError> {
        self.try_take(Mode::Upgradable)?;
        Ok(OwnedRwLockUpgradableReadGuard::new(OwnedHold::new(self)))
    }

    /// Takes the lock to write if that is possible at once.
    ///
    /// # Errors
    ///
    /// When anybody holds the lock, or waits for it.
    #[inline]
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        self.try_take(Mode::Write)?;
        Ok(self.writer())
    }

    /// As [`try_write`](Self::try_write), with a guard that keeps the lock alive.
    ///
    /// # Errors
    ///
    /// As `try_write`.
    pub fn try_write_owned(self: Arc<Self>) -> Result<OwnedRwLockWriteGuard<T>, TryLockError> {
        self.try_take(Mode::Write)?;
        Ok(self.owned_writer())
    }

    /// Takes the lock to read, in turn; the thread sleeps until it is there.
    ///
    /// For threads that run no tasks. On a worker of a multi-thread runtime the
    /// worker's tasks go to another thread meanwhile.
    ///
    /// # Panics
    ///
    /// On the thread of a current-thread or local runtime, which would sleep for ever.
    #[track_caller]
    pub fn blocking_read(&self) -> RwLockReadGuard<'_, T> {
        blocking::block_on("RwLock::blocking_read", "read().await", self.read())
    }

    /// Takes the lock to write, in turn; the thread sleeps until it is there. See
    /// [`blocking_read`](Self::blocking_read).
    ///
    /// # Panics
    ///
    /// On the thread of a current-thread or local runtime, which would sleep for ever.
    #[track_caller]
    pub fn blocking_write(&self) -> RwLockWriteGuard<'_, T> {
        blocking::block_on("RwLock::blocking_write", "write().await", self.write())
    }

    /// Takes the lock to read, with the right to write later, in turn; the thread sleeps until it is there. See
    /// [`blocking_read`](Self::blocking_read).
    ///
    /// # Panics
    ///
    /// On the thread of a current-thread or local runtime, which would sleep for ever.
    #[track_caller]
    pub fn blocking_upgradable_read(&self) -> RwLockUpgradableReadGuard<'_, T> {
        blocking::block_on(
            "RwLock::blocking_upgradable_read",
            "upgradable_read().await",
            self.upgradable_read(),
        )
    }

    /// Takes the lock to read, in turn, with a guard that keeps it alive; the thread sleeps until it is there. See
    /// [`blocking_read`](Self::blocking_read).
    ///
    /// # Panics
    ///
    /// On the thread of a current-thread or local runtime, which would sleep for ever.
    #[track_caller]
    pub fn blocking_read_owned(self: Arc<Self>) -> OwnedRwLockReadGuard<T> {
        blocking::block_on(
            "RwLock::blocking_read_owned",
            "read_owned().await",
            self.read_owned(),
        )
    }

    /// Takes the lock to write, in turn, with a guard that keeps it alive; the thread sleeps until it is there. See
    /// [`blocking_read`](Self::blocking_read).
    ///
    /// # Panics
    ///
    /// On the thread of a current-thread or local runtime, which would sleep for ever.
    #[track_caller]
    pub fn blocking_write_owned(self: Arc<Self>) -> OwnedRwLockWriteGuard<T> {
        blocking::block_on(
            "RwLock::blocking_write_owned",
            "write_owned().await",
            self.write_owned(),
        )
    }

    /// The data, without locking: nobody else has the lock.
    pub fn get_mut(&mut self) -> &mut T {
        self.data.get_mut()
    }

    #[inline]
    fn try_take(&self, mode: Mode) -> Result<(), TryLockError> {
        match self.raw.try_take(mode) {
            true => Ok(()),
            false => Err(TryLockError(())),
        }
    }

    /// For who holds the lock to read.
    #[inline]
    fn reader(&self) -> RwLockReadGuard<'_, T> {
        RwLockReadGuard::new(Hold::new(&self.raw), self.data())
    }

    /// For who holds the lock to write.
    #[inline]
    fn writer(&self) -> RwLockWriteGuard<'_, T> {
        RwLockWriteGuard::new(Hold::new(&self.raw), self.data())
    }

    /// For who holds the lock to read.
    fn owned_reader(self: Arc<Self>) -> OwnedRwLockReadGuard<T> {
        let data = self.data();
        OwnedRwLockReadGuard::new(OwnedHold::new(self), data)
    }

    /// For who holds the lock to write.
    fn owned_writer(self: Arc<Self>) -> OwnedRwLockWriteGuard<T> {
        let data = self.data();
        OwnedRwLockWriteGuard::new(OwnedHold::new(self), data)
    }
}

impl<T> From<T> for RwLock<T> {
    fn from(data: T) -> RwLock<T> {
        RwLock::new(data)
    }
}

impl<T: Default> Default for RwLock<T> {
    fn default() -> RwLock<T> {
        RwLock::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RwLock");
        match self.try_read() {
            Ok(guard) => shown.field("data", &&*guard),
            Err(_) => shown.field("data", &format_args!("<locked>")),
        };
        shown.finish()
    }
}

#[cfg(test)]
mod tests;
