//! How many values a channel takes.
//!
//! # State
//!
//! One word: the number of free places, and two bits.
//!
//! - `WAITERS`: somebody is in the queue. Set and cleared with the queue's lock
//!   held. While it is set, free places belong to the queue: who does not hold
//!   the lock takes none, so nobody is overtaken.
//! - `CLOSED`: no place is given any more, except those that were given before.
//!
//! # Invariants
//!
//! 1. `WAITERS` is set exactly while the queue is not empty, seen with the lock held.
//! 2. Whoever adds places and sees `WAITERS` serves the queue afterwards: the first
//!    in it takes what is there, and is popped when it has all that it asked for.
//! 3. A waiter owns the places that it asked for and that are no longer `missing`,
//!    in the queue and after it; it gives them back if it does not use them.
//!
//! # Why not a semaphore
//!
//! [`Semaphore`](crate::Semaphore) must refuse permits that would be too many, so it
//! looks before it adds any, in a loop of exchanges that those who take permits
//! meanwhile can make fail. Here places that come back were taken before: the receiver,
//! which gives one back for each value, does so by one addition that never fails, and
//! learns from the same addition whether the channel is drained.

use std::pin::Pin;
use std::task::Waker;

use sinew_core::wait_list::{Locked, WaitList, Waiter};
use sinew_core::waker::WakeList;

use super::list::Closed;
use crate::primitives::{AtomicUsize, Ordering};

const WAITERS: usize = 1;
const CLOSED: usize = 1 << 1;
const ONE: usize = 1 << 2;

/// What a channel counts its values with.
pub(super) trait Capacity {
    /// The receiver has taken `n` values.
    fn taken(&self, n: usize);

    /// Whether the channel has been closed and nothing that was promised a place
    /// is still to come.
    fn is_drained(&self) -> bool;
}

/// No bound.
#[derive(Debug)]
pub(super) struct Unbounded;

impl Capacity for Unbounded {
    #[inline]
    fn taken(&self, _: usize) {}

    fn is_drained(&self) -> bool {
        false
    }
}

/// A bound, and who waits for a place.
#[derive(Debug)]
pub(crate) struct Bounded {
    word: AtomicUsize,
    bound: usize,
    waiting: WaitList<(), Want>,
}

/// What a waiter has yet to get.
#[derive(Debug)]
pub(super) struct Want {
    pub(super) missing: usize,
}

/// Why no place was given at once.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Full,
    Closed,
}

impl Bounded {
    /// The largest bound.
    pub(super) const MAX: usize = usize::MAX >> 3;

    pub(super) fn new(bound: usize) -> Bounded {
        Bounded {
            word: AtomicUsize::new(bound * ONE),
            bound,
            waiting: WaitList::new(()),
        }
    }

    pub(super) fn bound(&self) -> usize {
        self.bound
    }

    pub(super) fn free(&self) -> usize {
        // ORDERING: Acquire: partner of `add`.
        self.word.load(Ordering::Acquire) / ONE
    }

    pub(super) fn is_closed(&self) -> bool {
        // ORDERING: Acquire: partner of `close`.
        self.word.load(Ordering::Acquire) & CLOSED != 0
    }

    /// Takes `n` places if they are free and nobody waits.
    #[inline]
    pub(super) fn try_take(&self, n: usize) -> Result<(), Refused> {
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            if word & CLOSED != 0 {
                return Err(Refused::Closed);
            }
            let full = word / ONE < n || word & WAITERS != 0;
            if full && n > 0 {
                return Err(Refused::Full);
            }
            // ORDERING: Acquire: partner of `add`: what was done with a place
            // before is done.
            match self.word.compare_exchange_weak(
                word,
                word - n * ONE,
                Ordering::Acquire,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Ok(()),
                Err(now) => word = now,
            }
        }
    }

    /// Takes `n` places, or what there is of them and puts `waiter` into the queue
    /// for the rest, to be woken by `waker`. `None` if it waits now.
    ///
    /// # Safety
    ///
    /// As for `Queue::push_back`: this stays in place until the waiter has left.
    pub(super) unsafe fn take_or_wait(
        &self,
        n: usize,
        mut waiter: Pin<&mut Waiter<Want>>,
        waker: Waker,
    ) -> Option<Result<(), Closed>> {
        let mut locked = self.waiting.lock();
        let mut word = self.word.load(Ordering::Relaxed);
        let missing = loop {
            if word & CLOSED != 0 {
                return Some(Err(Closed));
            }
            if word & WAITERS != 0 {
                // What is free is for those before us, while the lock is held.
                break n;
            }
            let taken = (word / ONE).min(n);
            let waits = if taken < n { WAITERS } else { 0 };
            // ORDERING: Acquire: as in `try_take`.
            match self.word.compare_exchange_weak(
                word,
                (word - taken * ONE) | waits,
                Ordering::Acquire,
                Ordering::Relaxed,
            ) {
                Ok(_) => break n - taken,
                Err(now) => word = now,
            }
        };
        if missing == 0 {
            return Some(Ok(()));
        }
        if let Some(want) = waiter.as_mut().data() {
            want.missing = missing;
        }
        // SAFETY: passed on.
        unsafe { locked.queue.push_back(waiter.as_ref(), waker) };
        None
    }

    /// Whether `waiter`, which was put into the queue, is still there.
    #[inline]
    pub(super) fn still_waiting(&self, waiter: Pin<&Waiter<Want>>, waker: &Waker) -> bool {
        self.waiting.still_waiting(waiter, waker)
    }

    /// Takes `waiter` out of the queue, if it is still there, and lets those behind
    /// it have what it stood in the way of.
    pub(super) fn withdraw(&self, waiter: Pin<&Waiter<Want>>) {
        let mut locked = self.waiting.lock();
        let waker = locked.queue.remove(waiter);
        if waker.is_some() {
            self.serve(locked);
        }
    }

    /// Adds `n` places and serves the queue. `true` if that makes the channel
    /// drained.
    #[inline]
    pub(super) fn add(&self, n: usize) -> bool {
        // ORDERING: AcqRel: releases to who takes the place what was done with
        // it; who finds that all are back acquires what the others did.
        let old = self.word.fetch_add(n * ONE, Ordering::AcqRel);
        if old & WAITERS != 0 {
            self.serve(self.waiting.lock());
        }
        old & CLOSED != 0 && old / ONE + n == self.bound
    }

    /// Gives free places to those who wait, first come, first served.
    #[cold]
    #[inline(never)]
    fn serve<'a>(&'a self, mut locked: Locked<'a, (), Want>) {
        // Mostly one place has come back, and one waits for it: no batch is needed.
        let first = self.serve_next(&mut locked);
        if first.is_some() && self.can_serve(&mut locked) {
            return self.serve_rest(locked, first);
        }
        drop(locked);
        if let Some(waker) = first {
            waker.wake();
        }
    }

    /// Goes on with those behind the `first`, who is still to be woken.
    #[inline(never)]
    fn serve_rest<'a>(&'a self, mut locked: Locked<'a, (), Want>, first: Option<Waker>) {
        let mut batch = WakeList::new();
        let mut next = first;
        while let Some(waker) = next {
            batch.push(waker);
            if !batch.can_push() {
                drop(locked);
                batch.wake_all();
                locked = self.waiting.lock();
            }
            next = self.serve_next(&mut locked);
        }
        drop(locked);
        batch.wake_all();
    }

    /// Whether somebody waits and there is a free place.
    #[inline]
    fn can_serve(&self, locked: &mut Locked<'_, (), Want>) -> bool {
        !locked.queue.is_empty() && self.free() > 0
    }

    /// Gives the first in the queue what there is, and takes it out if that was all it
    /// asked for.
    #[inline]
    fn serve_next(&self, locked: &mut Locked<'_, (), Want>) -> Option<Waker> {
        let Some(want) = locked.queue.front() else {
            // Also if the last has left since `WAITERS` was seen.
            self.word.fetch_and(!WAITERS, Ordering::Relaxed);
            return None;
        };
        let given = self.free().min(want.missing);
        want.missing -= given;
        let satisfied = want.missing == 0;
        let popped = satisfied.then(|| locked.queue.pop_front(|_| {})).flatten();
        // Nobody else takes any while `WAITERS` is set, which goes with the last waiter.
        let last = match locked.queue.is_empty() {
            true => WAITERS,
            false => 0,
        };
        if given * ONE + last > 0 {
            // ORDERING: Relaxed: nothing is handed on by it.
            self.word.fetch_sub(given * ONE + last, Ordering::Relaxed);
        }
        popped
    }

    /// Gives no place any more and turns away all who wait. `true` if the channel
    /// is drained already.
    pub(super) fn close(&self) -> bool {
        let locked = self.waiting.lock();
        // ORDERING: AcqRel: releases to `is_closed`; acquires as in `add`.
        let old = self.word.fetch_or(CLOSED, Ordering::AcqRel);
        if old & WAITERS != 0 {
            self.word.fetch_and(!WAITERS, Ordering::Relaxed);
            self.waiting.wake_all(locked, |_| {});
        }
        old / ONE == self.bound
    }
}

impl Capacity for Bounded {
    #[inline]
    fn taken(&self, n: usize) {
        self.add(n);
    }

    fn is_drained(&self) -> bool {
        // ORDERING: Acquire: partner of `add`.
        let word = self.word.load(Ordering::Acquire);
        word & CLOSED != 0 && word / ONE == self.bound
    }
}
