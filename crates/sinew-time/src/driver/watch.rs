//! Until when the watcher of a group waits, and who must end its wait.
//!
//! # State
//!
//! One word: [`AWAKE`], or until when the watcher waits. The other half of the
//! protocol is the `next` of each wheel, which its owner lowers before it asks
//! [`is_overslept`](Watch::is_overslept).
//!
//! # Invariant
//!
//! A deadline that was lowered into a `next` is seen by the watcher before it waits,
//! or the one who lowered it sees until when the watcher waits, and unparks it. The
//! watcher *publishes* until when it waits, then looks at the wheels' `next`, with a
//! sequentially consistent fence between the two. Who lowers a `next` looks at what is
//! published, with such a fence between. Of two fences one is first, and what was
//! written before it is seen by what is read after the other.
//!
//! The watcher is up at most [`GRACE`] after the first deadline it has seen, and
//! twice that after one it has not seen.

#[cfg(not(sinew_loom))]
use std::sync::atomic::{AtomicU64, Ordering, fence};

#[cfg(sinew_loom)]
use loom::sync::atomic::{AtomicU64, Ordering, fence};

/// How long, in nanoseconds, a due timer waits for the worker in whose wheel it
/// is, before another worker fires it. Short for a person, long beside a poll.
pub(super) const GRACE: u64 = 5_000_000;

/// Nobody waits as watcher.
const AWAKE: u64 = 0;

pub(super) struct Watch {
    /// Until when the watcher waits, or `AWAKE`. Wheels are what is protected, by
    /// locks of their own, so all that is done to it is `Relaxed` beside the fences.
    until: AtomicU64,
}

impl Watch {
    pub(super) fn new() -> Watch {
        Watch {
            until: AtomicU64::new(AWAKE),
        }
    }

    /// The watcher is about to wait until `until`. Returns until when it should.
    /// `next` reads the first deadline of all wheels.
    pub(super) fn begin(&self, until: u64, next: impl FnOnce() -> u64) -> u64 {
        self.until.store(until.max(1), Ordering::Relaxed);
        // ORDERING: pairs with the fence in `is_overslept`.
        fence(Ordering::SeqCst);
        let until = until.min(next().saturating_add(GRACE));
        // May overwrite what `is_overslept` has put there just now. Then an unpark is
        // on its way, and ends this wait before it has begun.
        self.until.store(until.max(1), Ordering::Relaxed);
        until
    }

    /// The watcher is up.
    #[inline]
    pub(super) fn end(&self) {
        self.until.store(AWAKE, Ordering::Relaxed);
    }

    /// Whether the caller, who has just put `deadline` into the `next` of a wheel,
    /// must unpark the watcher, because that would oversleep it.
    pub(super) fn is_overslept(&self, deadline: u64) -> bool {
        // ORDERING: pairs with the fence in `begin`.
        fence(Ordering::SeqCst);
        let up_by = deadline.saturating_add(GRACE);
        // Told once: others need not do so too. `unpark` orders what the watcher sees.
        // Looks again if the watcher has only just settled until when it waits.
        let told = self
            .until
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |until| {
                // Twice, so that deadlines a little earlier than the first do not each
                // end a wait.
                let overslept = until != AWAKE && until > up_by.saturating_add(GRACE);
                overslept.then_some(up_by)
            });
        told.is_ok()
    }
}

#[cfg(test)]
mod tests;
