//! The word of a reader-writer lock.

use crate::primitives::{AtomicUsize, Ordering, const_fn};

/// A writer holds the lock. Excludes readers.
const WRITER: usize = 1;
/// Somebody is in the queue. Set and cleared with the list's lock held only. While
/// it is set nobody takes the lock without the list's lock, so that nobody
/// overtakes; readers still leave without it.
const WAITERS: usize = 2;
/// One of the readers may become the writer.
const UPGRADABLE: usize = 4;
/// One reader; readers are counted in the bits from here on.
const READER: usize = 8;
const UPGRADABLE_READER: usize = UPGRADABLE | READER;

/// How the lock is held, or asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Write,
    /// To read, with the right to write later.
    Upgradable,
    /// To write, by who holds the lock `Upgradable`.
    Upgrade,
}

/// What is left to do after letting go.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Released {
    Done,
    /// Somebody in the queue may go on now.
    ServeQueue,
}

pub(super) struct StateCell(AtomicUsize);

/// The word after the lock was taken in `mode`, if it can be; the queue aside.
#[inline]
fn taken(word: usize, mode: Mode, max_readers: usize) -> Option<usize> {
    let readers = word / READER;
    let possible = match mode {
        Mode::Read => word & WRITER == 0 && readers < max_readers,
        Mode::Write => word & WRITER == 0 && readers == 0,
        Mode::Upgradable => word & (WRITER | UPGRADABLE) == 0 && readers < max_readers,
        Mode::Upgrade => readers == 1,
    };
    possible.then(|| match mode {
        Mode::Read => word + READER,
        Mode::Write => word + WRITER,
        Mode::Upgradable => word + UPGRADABLE_READER,
        Mode::Upgrade => word - UPGRADABLE_READER + WRITER,
    })
}

impl StateCell {
    const_fn! {
        pub(super) const fn new() -> StateCell {
            StateCell(AtomicUsize::new(0))
        }
    }

    /// Takes the lock in `mode` if that is possible and nobody is before us. An
    /// upgrade is before everybody.
    #[inline]
    pub(super) fn try_take(&self, mode: Mode, max_readers: usize) -> bool {
        // ORDERING: Relaxed is enough before the exchange, which acquires.
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            if word & WAITERS != 0 && mode != Mode::Upgrade {
                return false;
            }
            let Some(next) = taken(word, mode, max_readers) else {
                return false;
            };
            // ORDERING: Acquire pairs with the Release of those who let go.
            match self
                .0
                .compare_exchange_weak(word, next, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
    }

    /// With the list's lock held: as [`try_take`](Self::try_take), and if that is
    /// not possible, notes that somebody waits.
    pub(super) fn take_or_wait(&self, mode: Mode, max_readers: usize) -> bool {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let first = word & WAITERS == 0 || mode == Mode::Upgrade;
            let taken = taken(word, mode, max_readers).filter(|_| first);
            // ORDERING: Acquire as in `try_take`.
            match self.0.compare_exchange_weak(
                word,
                taken.unwrap_or(word | WAITERS),
                Ordering::Acquire,
                Ordering::Relaxed,
            ) {
                Ok(_) => return taken.is_some(),
                Err(now) => word = now,
            }
        }
    }

    /// With the list's lock held, for the first in the queue: takes the lock for it
    /// if that is possible.
    pub(super) fn take_for_waiter(&self, mode: Mode, max_readers: usize) -> bool {
        let mut word = self.0.load(Ordering::Relaxed);
        // While there are waiters, others only let go without the list's lock. So
        // what was possible stays so.
        while let Some(next) = taken(word, mode, max_readers) {
            // ORDERING: Acquire as in `try_take`; the waiter receives it by way of
            // its node.
            match self
                .0
                .compare_exchange_weak(word, next, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
        false
    }

    /// With the list's lock held: the queue is empty.
    pub(super) fn stop_waiting(&self) {
        // ORDERING: Relaxed: nothing is handed on by it.
        self.0.fetch_and(!WAITERS, Ordering::Relaxed);
    }

    /// Lets go of a lock held in `mode`. An `Upgrade` is let go as `Write`.
    #[inline]
    pub(super) fn release(&self, mode: Mode, max_readers: usize) -> Released {
        let held = match mode {
            Mode::Read => READER,
            Mode::Upgradable => UPGRADABLE_READER,
            Mode::Write | Mode::Upgrade => WRITER,
        };
        // ORDERING: Release pairs with the Acquire of the next holder.
        let word = self.0.fetch_sub(held, Ordering::Release);
        if word & WAITERS == 0 {
            return Released::Done;
        }
        let readers = (word - held) / READER;
        // One reader less lets nobody in unless it was the last, or the last but
        // the one that wants to upgrade, or there were as many as may be.
        if mode == Mode::Read && readers > 1 && readers + 1 != max_readers {
            return Released::Done;
        }
        Released::ServeQueue
    }

    /// The writer becomes a reader.
    pub(super) fn downgrade(&self) -> Released {
        // ORDERING: Release: readers from now on see what was written.
        self.after(self.0.fetch_add(READER - WRITER, Ordering::Release))
    }

    /// The upgradable reader becomes a plain one.
    pub(super) fn forgo_upgrade(&self) -> Released {
        // ORDERING: Relaxed: it has written nothing.
        self.after(self.0.fetch_and(!UPGRADABLE, Ordering::Relaxed))
    }

    fn after(&self, word: usize) -> Released {
        match word & WAITERS {
            0 => Released::Done,
            _ => Released::ServeQueue,
        }
    }
}
