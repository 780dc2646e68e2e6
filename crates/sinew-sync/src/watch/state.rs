//! The state word of a watch channel: the version, and two bits.
//!
//! - `CLOSED`: all senders are gone. Never cleared.
//! - `WAITING`: somebody may be in the queue. Set with the queue's lock held by who
//!   gets in; cleared with it held by who wakes them all. So a sender that finds it
//!   clear after it has changed the word need not look: whoever gets in later
//!   reads the changed word.

use crate::primitives::{AtomicUsize, Ordering};

const CLOSED: usize = 1;
const WAITING: usize = 1 << 1;
const STEP: usize = 1 << 2;

/// Which value it is: the first one, or after so many changes. Wraps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version(usize);

impl Version {
    pub(super) const INITIAL: Version = Version(0);

    /// The version before: one that differs from the current.
    pub(super) fn before(self) -> Version {
        Version(self.0.wrapping_sub(STEP))
    }
}

/// The word at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Snapshot(usize);

impl Snapshot {
    #[inline]
    pub(super) fn version(self) -> Version {
        Version(self.0 & !(CLOSED | WAITING))
    }

    #[inline]
    pub(super) fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }
}

#[derive(Debug)]
pub(super) struct StateCell(AtomicUsize);

impl StateCell {
    pub(super) fn new() -> StateCell {
        StateCell(AtomicUsize::new(Version::INITIAL.0))
    }

    #[inline]
    pub(super) fn load(&self) -> Snapshot {
        // ORDERING: Acquire: partner of `next` and `close`.
        Snapshot(self.0.load(Ordering::Acquire))
    }

    /// Counts a change of the value, whose lock is held. `true` if those who wait
    /// must be woken.
    #[must_use]
    pub(super) fn next(&self) -> bool {
        // ORDERING: AcqRel: releases what the sender did to those who see the
        // version; acquires from `start_waiting`.
        self.0.fetch_add(STEP, Ordering::AcqRel) & WAITING != 0
    }

    /// The last sender goes. `true` if those who wait must be woken.
    #[must_use]
    pub(super) fn close(&self) -> bool {
        // ORDERING: AcqRel: as in `next`.
        self.0.fetch_or(CLOSED, Ordering::AcqRel) & WAITING != 0
    }

    /// With the queue's lock held: announces somebody who has seen `seen`. `false`
    /// if there is no need to wait.
    #[must_use]
    pub(super) fn start_waiting(&self, seen: Version) -> bool {
        let mut now = self.load();
        while now.version() == seen && !now.is_closed() {
            // ORDERING: AcqRel: partner of `next` and `close`; Acquire as in `load`.
            match self.0.compare_exchange_weak(
                now.0,
                now.0 | WAITING,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => return true,
                Err(word) => now = Snapshot(word),
            }
        }
        false
    }

    /// With the queue's lock held: all are about to be woken.
    pub(super) fn stop_waiting(&self) {
        self.0.fetch_and(!WAITING, Ordering::Relaxed);
    }
}
