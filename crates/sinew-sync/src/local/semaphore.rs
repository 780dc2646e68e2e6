//! `local::Semaphore`.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::ptr;
use std::task::Waker;

use sinew_core::wait_list::Queue;

use crate::local::list::List;
use crate::local::semaphore::acquire::AcquireMany;
use crate::{AcquireError, TryAcquireError};

mod acquire;

pub(super) use acquire::Place;

/// No more permits are handed out.
const CLOSED: usize = 1;
/// Somebody is in the queue. While it is set no permit is left: the first in the queue
/// has taken them all.
const WAITERS: usize = 2;
/// The permits are counted in the bits above.
const SHIFT: u32 = 2;

/// Lets at most so many in at a time, in the order in which they came.
///
/// See [`Semaphore`](crate::Semaphore); this one stays on its thread.
pub struct Semaphore {
    /// The permits that are there, and the two bits.
    word: Cell<usize>,
    list: List<(), Want>,
    not_send: PhantomData<*const ()>,
}

/// What a waiter wants.
struct Want {
    /// How many permits are still to come.
    needed: usize,
    /// It was popped because the semaphore was closed.
    closed: bool,
}

impl Semaphore {
    /// The most permits that one semaphore can have.
    pub const MAX_PERMITS: usize = crate::Semaphore::MAX_PERMITS;

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
            word: Cell::new(permits << SHIFT),
            list: List::new(()),
            not_send: PhantomData,
        }
    }

    /// How many are there at this moment.
    #[must_use]
    pub fn available_permits(&self) -> usize {
        self.word.get() >> SHIFT
    }

    /// Adds `n` permits.
    ///
    /// # Panics
    ///
    /// When there would be more than [`MAX_PERMITS`](Self::MAX_PERMITS) at a time.
    #[inline]
    #[track_caller]
    pub fn add_permits(&self, n: usize) {
        let word = self.word.get();
        if n > Self::MAX_PERMITS - (word >> SHIFT) {
            overflow(n);
        }
        self.word.set(word + (n << SHIFT));
        if word & WAITERS != 0 {
            self.hand_out();
        }
    }

    /// Gives what is there to those who wait, first come, first served.
    #[cold]
    fn hand_out(&self) {
        while self.available_permits() > 0 {
            let Some(waker) = self.serve_one() else {
                return;
            };
            waker.wake();
        }
    }

    /// Gives the first in the queue what there is, and takes it out if that was all
    /// it asked for.
    #[inline]
    fn serve_one(&self) -> Option<Waker> {
        let queue = &mut self.list.borrow().queue;
        let first = queue.front()?;
        let given = first.needed.min(self.available_permits());
        first.needed -= given;
        let satisfied = first.needed == 0;
        self.word.set(self.word.get() - (given << SHIFT));
        if !satisfied {
            return None;
        }
        let waker = queue.pop_front(|_| {});
        self.note_leaving(queue);
        waker
    }

    /// Somebody has left the queue.
    fn note_leaving(&self, queue: &Queue<Want>) {
        if queue.is_empty() {
            self.word.set(self.word.get() & !WAITERS);
        }
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

    /// Takes one permit if it can be had at once.
    ///
    /// # Errors
    ///
    /// When the semaphore is closed, or has none, or others wait.
    pub fn try_acquire(&self) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.try_acquire_many(1)
    }

    /// Takes `n` permits if they can be had at once.
    ///
    /// # Errors
    ///
    /// When the semaphore is closed, or has too few, or others wait.
    pub fn try_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        let permits = n as usize;
        self.try_take(permits)?;
        Ok(SemaphorePermit {
            semaphore: self,
            permits,
        })
    }

    #[inline]
    pub(super) fn try_take(&self, permits: usize) -> Result<(), TryAcquireError> {
        let word = self.word.get();
        if word & CLOSED != 0 {
            return Err(TryAcquireError::Closed);
        }
        let others_wait = word & WAITERS != 0 && permits > 0;
        if others_wait || word >> SHIFT < permits {
            return Err(TryAcquireError::NoPermits);
        }
        self.word.set(word - (permits << SHIFT));
        Ok(())
    }

    /// Takes away up to `n` permits that nobody holds, for good. Gives back how
    /// many it were.
    pub fn forget_permits(&self, n: usize) -> usize {
        let forgotten = n.min(self.available_permits());
        self.word.set(self.word.get() - (forgotten << SHIFT));
        forgotten
    }

    /// Hands out no more permits: those who wait, and all who ask from now on, get
    /// an error. Permits out there stay good.
    pub fn close(&self) {
        self.word.set(self.word.get() | CLOSED);
        while let Some(waker) = self.turn_away() {
            waker.wake();
        }
    }

    fn turn_away(&self) -> Option<Waker> {
        let queue = &mut self.list.borrow().queue;
        let waker = queue.pop_front(|want| want.closed = true);
        self.note_leaving(queue);
        waker
    }

    /// Whether [`close`](Self::close) has been called.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.word.get() & CLOSED != 0
    }
}

#[cold]
#[track_caller]
fn overflow(n: usize) -> ! {
    panic!(
        "number of added permits ({n}) would overflow MAX_PERMITS ({})",
        Semaphore::MAX_PERMITS
    )
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("permits", &self.available_permits())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

/// Permits of a [`Semaphore`]; given back when dropped.
#[derive(Debug)]
#[must_use = "the permits are given back at once"]
pub struct SemaphorePermit<'a> {
    semaphore: &'a Semaphore,
    permits: usize,
}

impl SemaphorePermit<'_> {
    /// Never gives these permits back.
    pub fn forget(mut self) {
        self.permits = 0;
    }

    /// Adds the permits of `other` to this one.
    ///
    /// # Panics
    ///
    /// When they are of different semaphores.
    #[track_caller]
    pub fn merge(&mut self, mut other: Self) {
        assert!(
            ptr::eq(self.semaphore, other.semaphore),
            "merging permits from different semaphore instances"
        );
        self.permits += std::mem::take(&mut other.permits);
    }

    /// Takes `n` permits off this one; `None` if it holds fewer.
    pub fn split(&mut self, n: usize) -> Option<Self> {
        self.permits = self.permits.checked_sub(n)?;
        Some(SemaphorePermit {
            semaphore: self.semaphore,
            permits: n,
        })
    }

    /// How many it holds.
    #[must_use]
    pub fn num_permits(&self) -> usize {
        self.permits
    }
}

impl Drop for SemaphorePermit<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.permits > 0 {
            self.semaphore.add_permits(self.permits);
        }
    }
}
