//! `Semaphore`: a number of permits, and a queue of those who want some.
//!
//! # State
//!
//! One word ([`permits::StateCell`]): the permits that are left, whether somebody
//! waits, whether it is closed. Taking and giving back is one exchange of that word
//! unless somebody waits.
//!
//! # Invariants
//!
//! 1. `WAITERS` means that the queue is not empty. It is set and cleared with the
//!    list's lock held.
//! 2. While `WAITERS` is set, no permit is left in the word: who joins the empty
//!    queue takes what is there, and what is given back goes to the queue. So
//!    nobody overtakes, and a large request is not starved by small ones.
//! 3. The permits of the word, of the permits out there and of those who wait
//!    (asked for less still needed) add up to the same number, but for
//!    `add_permits`, `forget_permits` and `forget`.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use sinew_core::blocking;

use crate::primitives::const_fn;
use crate::semaphore::acquire::AcquireMany;

mod acquire;
mod error;
mod permit;
mod permits;
mod raw;

pub use error::{AcquireError, TryAcquireError};
pub use permit::{OwnedSemaphorePermit, SemaphorePermit};
pub(crate) use permits::Refusal;
pub(crate) use raw::{RawPermit, RawSemaphore};

/// Lets at most so many in at a time.
///
/// Permits are served in the order in which they were asked for: who asks for many
/// is not overtaken by those who ask for few.
///
/// ```
/// use sinew_sync::Semaphore;
///
/// static CONNECTIONS: Semaphore = Semaphore::const_new(2);
///
/// # sinew_core::block_on(async {
/// let first = CONNECTIONS.acquire().await?;
/// let second = CONNECTIONS.acquire().await?;
/// assert!(CONNECTIONS.try_acquire().is_err());
/// drop(first);
/// assert!(CONNECTIONS.try_acquire().is_ok());
/// # drop(second);
/// # Ok::<(), sinew_sync::AcquireError>(()) }).unwrap();
/// ```
pub struct Semaphore {
    raw: RawSemaphore,
}

impl Semaphore {
    /// The most permits that one semaphore can have.
    pub const MAX_PERMITS: usize = permits::MAX_PERMITS;

    const_fn! {
        /// With so many permits.
        ///
        /// # Panics
        ///
        /// When they are more than [`MAX_PERMITS`](Self::MAX_PERMITS).
        #[track_caller]
        #[must_use]
        pub const fn new(permits: usize) -> Semaphore {
            assert!(
                permits <= Self::MAX_PERMITS,
                "a semaphore may not have more than MAX_PERMITS permits"
            );
            Semaphore {
                raw: RawSemaphore::new(permits),
            }
        }
    }

    const_fn! {
        /// As [`new`](Self::new).
        ///
        /// # Panics
        ///
        /// As `new`.
        #[track_caller]
        #[must_use]
        pub const fn const_new(permits: usize) -> Semaphore {
            Semaphore::new(permits)
        }
    }

    /// How many are there at this moment.
    #[must_use]
    pub fn available_permits(&self) -> usize {
        self.raw.load().permits()
    }

    /// Adds `n` permits.
    ///
    /// # Panics
    ///
    /// When there would be more than [`MAX_PERMITS`](Self::MAX_PERMITS) at a time.
    #[inline]
    #[track_caller]
    pub fn add_permits(&self, n: usize) {
        self.raw.release(n);
    }

    /// Takes away up to `n` permits that nobody holds, for good. Gives back how
    /// many it were.
    pub fn forget_permits(&self, n: usize) -> usize {
        self.raw.forget(n)
    }

    /// Takes one permit, in turn.
    ///
    /// # Errors
    ///
    /// When the semaphore is closed, or becomes so meanwhile.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up its place in the queue. A permit that it got
    /// goes to the next in line.
    #[inline]
    #[track_caller]
    pub fn acquire(&self) -> impl Future<Output = Result<SemaphorePermit<'_>, AcquireError>> {
        self.acquire_many(1)
    }

    /// Takes `n` permits, in turn. They are set aside one by one until there are
    /// enough; meanwhile nobody else gets any.
    ///
    /// # Errors
    ///
    /// When the semaphore is closed, or becomes so meanwhile.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up its place in the queue. The permits that it got
    /// so far go to the next in line.
    #[inline]
    #[track_caller]
    pub fn acquire_many(
        &self,
        n: u32,
    ) -> impl Future<Output = Result<SemaphorePermit<'_>, AcquireError>> {
        AcquireMany::new(self, n as usize)
    }

    /// As [`acquire`](Self::acquire), for a permit that keeps the semaphore alive.
    ///
    /// # Errors
    ///
    /// As `acquire`.
    ///
    /// # Cancel safety
    ///
    /// As `acquire`.
    #[track_caller]
    pub fn acquire_owned(
        self: Arc<Self>,
    ) -> impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> {
        self.acquire_many_owned(1)
    }

    /// As [`acquire_many`](Self::acquire_many), for permits that keep the semaphore
    /// alive.
    ///
    /// # Errors
    ///
    /// As `acquire_many`.
    ///
    /// # Cancel safety
    ///
    /// As `acquire_many`.
    #[track_caller]
    pub fn acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> {
        let permits = n as usize;
        let location = std::panic::Location::caller();
        async move {
            self.raw.acquire_at(location, permits).await?;
            Ok(OwnedSemaphorePermit {
                semaphore: self,
                permits,
            })
        }
    }

    /// Takes one permit if it can be had at once.
    ///
    /// # Errors
    ///
    /// When the semaphore is closed, or has none, or others wait.
    #[inline]
    pub fn try_acquire(&self) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.try_acquire_many(1)
    }

    /// Takes `n` permits if they can be had at once.
    ///
    /// # Errors
    ///
    /// When the semaphore is closed, or has too few, or others wait.
    #[inline]
    pub fn try_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        let permits = n as usize;
        self.try_take(permits)?;
        Ok(SemaphorePermit {
            semaphore: self,
            permits,
        })
    }

    /// As [`try_acquire`](Self::try_acquire), for a permit that keeps the semaphore
    /// alive.
    ///
    /// # Errors
    ///
    /// As `try_acquire`.
    pub fn try_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.try_acquire_many_owned(1)
    }

    /// As [`try_acquire_many`](Self::try_acquire_many), for permits that keep the
    /// semaphore alive.
    ///
    /// # Errors
    ///
    /// As `try_acquire_many`.
    pub fn try_acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        let permits = n as usize;
        self.try_take(permits)?;
        Ok(OwnedSemaphorePermit {
            semaphore: self,
            permits,
        })
    }

    #[inline]
    fn try_take(&self, n: usize) -> Result<(), TryAcquireError> {
        self.raw.try_acquire(n).map_err(|refusal| match refusal {
            Refusal::Closed => TryAcquireError::Closed,
            Refusal::TooFew => TryAcquireError::NoPermits,
        })
    }

    /// Takes one permit, in turn; the thread sleeps until it is there.
    ///
    /// # Errors
    ///
    /// As [`acquire`](Self::acquire).
    ///
    /// # Panics
    ///
    /// On the thread of a current-thread or local runtime, which would sleep for ever.
    #[track_caller]
    pub fn blocking_acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        blocking::block_on(
            "Semaphore::blocking_acquire",
            "acquire().await",
            self.acquire(),
        )
    }

    /// Takes `n` permits, in turn; the thread sleeps until they are there.
    ///
    /// # Errors
    ///
    /// As [`acquire_many`](Self::acquire_many).
    ///
    /// # Panics
    ///
    /// On the thread of a current-thread or local runtime, which would sleep for ever.
    #[track_caller]
    pub fn blocking_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        blocking::block_on(
            "Semaphore::blocking_acquire_many",
            "acquire_many(n).await",
            self.acquire_many(n),
        )
    }

    /// As [`blocking_acquire`](Self::blocking_acquire), for a permit that keeps the
    /// semaphore alive.
    ///
    /// # Errors
    ///
    /// As [`acquire`](Self::acquire).
    ///
    /// # Panics
    ///
    /// On the thread of a current-thread or local runtime, which would sleep for ever.
    #[track_caller]
    pub fn blocking_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        blocking::block_on(
            "Semaphore::blocking_acquire_owned",
            "acquire_owned().await",
            self.acquire_owned(),
        )
    }

    /// As [`blocking_acquire_many`](Self::blocking_acquire_many), for permits that
    /// keep the semaphore alive.
    ///
    /// # Errors
    ///
    /// As [`acquire_many`](Self::acquire_many).
    ///
    /// # Panics
    ///
    /// On the thread of a current-thread or local runtime, which would sleep for ever.
    #[track_caller]
    pub fn blocking_acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> Result<OwnedSemaphorePermit, AcquireError> {
        blocking::block_on(
            "Semaphore::blocking_acquire_many_owned",
            "acquire_many_owned(n).await",
            self.acquire_many_owned(n),
        )
    }

    /// Hands out no more permits: those who wait, and all who ask from now on, get
    /// an error. Permits out there stay good.
    pub fn close(&self) {
        self.raw.close();
    }

    /// Whether [`close`](Self::close) has been called.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.raw.load().is_closed()
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("permits", &self.available_permits())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
