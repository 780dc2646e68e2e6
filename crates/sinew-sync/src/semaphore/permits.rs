//! The word of a semaphore.

use crate::primitives::{AtomicUsize, Ordering, const_fn};

/// No more permits are handed out. Set once, never cleared. Excludes `WAITERS`.
const CLOSED: usize = 1;
/// Somebody is in the queue. Set and cleared with the list's lock held only. While
/// it is set no permit is left: the first in the queue has taken them all.
const WAITERS: usize = 2;
/// The permits are counted in the bits above.
const SHIFT: u32 = 2;

/// The most permits, as tokio's, so that no sum of two overflows the word.
pub(super) const MAX_PERMITS: usize = usize::MAX >> 3;

/// What the word said at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Snapshot(usize);

impl Snapshot {
    #[inline]
    pub(super) fn permits(self) -> usize {
        self.0 >> SHIFT
    }

    #[inline]
    pub(super) fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }
}

/// Why permits could not be taken at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Closed,
    TooFew,
}

/// What to do to give permits back.
#[must_use]
pub(super) enum Given {
    Done,
    /// They belong to those who wait: take the lock.
    ToWaiters,
}

/// What to do to take permits with the lock held.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    Taken,
    Closed,
    /// Join the queue; this many are still to come.
    Queue {
        needed: usize,
    },
}

/// The word.
pub(super) struct StateCell(AtomicUsize);

impl StateCell {
    const_fn! {
        pub(super) const fn new(permits: usize) -> StateCell {
            StateCell(AtomicUsize::new(permits << SHIFT))
        }
    }

    const_fn! {
        /// Closed, without permits.
        pub(super) const fn closed() -> StateCell {
            StateCell(AtomicUsize::new(CLOSED))
        }
    }

    #[inline]
    pub(super) fn load(&self) -> Snapshot {
        // ORDERING: Acquire pairs with the Release of who gave permits back.
        Snapshot(self.0.load(Ordering::Acquire))
    }

    /// ORDERING: AcqRel: who takes a permit sees what its last holder did, who
    /// gives one back shows it.
    #[inline]
    fn exchange(&self, from: usize, to: usize) -> Result<(), usize> {
        self.0
            .compare_exchange_weak(from, to, Ordering::AcqRel, Ordering::Acquire)
            .map(drop)
    }

    /// Takes `n` permits if they are there and nobody waits.
    #[inline]
    pub(super) fn take(&self, n: usize) -> Result<(), Refusal> {
        // ORDERING: Acquire pairs with the Release in `close`: who is told that it
        // is closed sees what was done before.
        let mut word = self.0.load(Ordering::Acquire);
        loop {
            if word & CLOSED != 0 {
                return Err(Refusal::Closed);
            }
            // With `WAITERS` set no permit is left, so this tells that too.
            if word >> SHIFT < n {
                return Err(Refusal::TooFew);
            }
            match self.exchange(word, word - (n << SHIFT)) {
                Ok(()) => return Ok(()),
                Err(now) => word = now,
            }
        }
    }

    /// With the lock held: takes `n` permits, or what is left of them and a place
    /// in the queue.
    pub(super) fn take_or_queue(&self, n: usize) -> Claim {
        // ORDERING: as in `take`.
        let mut word = self.0.load(Ordering::Acquire);
        loop {
            if word & CLOSED != 0 {
                return Claim::Closed;
            }
            if word & WAITERS != 0 && n > 0 {
                // No permit is left, and that stays so while the lock is held.
                return Claim::Queue { needed: n };
            }
            let left = word >> SHIFT;
            let (next, claim) = match n.checked_sub(left) {
                None | Some(0) => (word - (n << SHIFT), Claim::Taken),
                Some(needed) => (WAITERS, Claim::Queue { needed }),
            };
            match self.exchange(word, next) {
                Ok(()) => return claim,
                Err(now) => word = now,
            }
        }
    }

    /// Adds `n` permits, if nobody waits.
    #[inline]
    #[track_caller]
    pub(super) fn give(&self, n: usize) -> Given {
        // ORDERING: Relaxed is enough before an exchange, which releases.
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let left = word >> SHIFT;
            if n > MAX_PERMITS - left {
                overflow(n);
            }
            if word & WAITERS != 0 {
                return Given::ToWaiters;
            }
            match self.exchange(word, word + (n << SHIFT)) {
                Ok(()) => return Given::Done,
                Err(now) => word = now,
            }
        }
    }

    /// With the lock held and the queue empty: nobody waits (any more), and `n`
    /// permits are there besides.
    #[inline]
    #[track_caller]
    pub(super) fn settle(&self, n: usize) {
        // ORDERING: Relaxed, because `WAITERS` changes with the lock held only.
        if self.0.load(Ordering::Relaxed) & WAITERS == 0 {
            let Given::Done = self.give(n) else {
                unreachable!("somebody waits in an empty queue");
            };
            return;
        }
        // ORDERING: Release as in `exchange`. With `WAITERS` set the word changes
        // with the lock held only, and holds nothing else, so a store is enough.
        self.0.store(n << SHIFT, Ordering::Release);
    }

    /// With the lock held: closes, and forgets that somebody waits.
    pub(super) fn close(&self) {
        // ORDERING: Release shows what was done before. The lock keeps `WAITERS`
        // from changing in between.
        let word = self.0.fetch_or(CLOSED, Ordering::AcqRel);
        if word & WAITERS != 0 {
            // ORDERING: as above; the word holds nothing else while somebody waits.
            self.0.store(CLOSED, Ordering::Release);
        }
    }

    /// Takes away up to `n` permits that nobody holds.
    pub(super) fn forget(&self, n: usize) -> usize {
        // ORDERING: Relaxed is enough before an exchange.
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let forgotten = n.min(word >> SHIFT);
            match self.exchange(word, word - (forgotten << SHIFT)) {
                Ok(()) => return forgotten,
                Err(now) => word = now,
            }
        }
    }
}

#[cold]
#[track_caller]
fn overflow(n: usize) -> ! {
    panic!("number of added permits ({n}) would overflow MAX_PERMITS ({MAX_PERMITS})")
}
