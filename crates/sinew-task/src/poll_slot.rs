//! What a worker is doing, published for others to read.
//!
//! # Orderings
//!
//! One writer, the worker; any number of readers. `polls` counts the polls begun and
//! is written before `task`, which is zero between polls. So a reader that finds a
//! task in `task` finds that poll, or a later one, in `polls`; and if it then finds
//! the same task once more, no other has been there between. Only where polls follow
//! upon each other without an end between them ([`PollSlot::begin`] twice) may the
//! task be that of the poll before, until the writer's next instruction.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Id;

/// A worker's published slot: which task it polls, and the poll's epoch.
///
/// No clock is read to keep it. Who wants to know how long a poll takes looks
/// twice and times the epoch itself.
#[derive(Debug, Default)]
pub struct PollSlot {
    /// Polls begun.
    polls: AtomicU64,
    /// The task being polled, or zero.
    task: AtomicU64,
}

/// What a [`PollSlot`] showed: a poll that was under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PollSnapshot {
    /// The task that was being polled.
    pub task: Id,
    /// Which poll of this worker it was. The same epoch seen twice is the same
    /// poll, still under way.
    pub epoch: u64,
}

impl PollSlot {
    /// A slot that shows no poll.
    #[must_use]
    pub const fn new() -> PollSlot {
        PollSlot {
            polls: AtomicU64::new(0),
            task: AtomicU64::new(0),
        }
    }

    /// A poll of `task` begins, and the one before it, if there is one, has ended. Only
    /// the worker that owns the slot may call this.
    #[inline]
    pub fn begin(&self, task: Id) {
        // Relaxed: this thread is the only writer.
        let polls = self.polls.load(Ordering::Relaxed);
        // ORDERING: Release pairs with the Acquire loads of `polls`: who sees this poll
        // sees that the one before it has ended.
        self.polls.store(polls.wrapping_add(1), Ordering::Release);
        self.resume(task);
    }

    /// The poll has ended. Only the worker that owns the slot may call this.
    #[inline]
    pub fn end(&self) {
        // ORDERING: Release keeps the reads and writes of the poll before it.
        self.task.store(0, Ordering::Release);
    }

    /// A poll of `task` that had [ended](Self::end) for something nested in it goes on.
    /// Only the worker that owns the slot may call this.
    #[inline]
    pub fn resume(&self, task: Id) {
        // ORDERING: Release pairs with the Acquire loads of `task`: who sees the task
        // sees its poll counted.
        self.task.store(task.as_u64(), Ordering::Release);
    }

    /// A number that changes with each begin and end of a poll, and is odd during
    /// one. The same odd number seen twice is the same poll, still under way.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        // ORDERING: Acquire pairs with `resume`.
        let polling = self.task.load(Ordering::Acquire) != 0;
        let polls = self.polls.load(Ordering::Relaxed);
        polls.wrapping_mul(2).wrapping_sub(u64::from(polling))
    }

    /// How many polls have begun.
    #[inline]
    #[must_use]
    pub fn polls(&self) -> u64 {
        self.polls.load(Ordering::Relaxed)
    }

    /// The poll under way, if any.
    #[must_use]
    pub fn snapshot(&self) -> Option<PollSnapshot> {
        // ORDERING: Acquire pairs with `resume`.
        let task = self.task.load(Ordering::Acquire);
        // ORDERING: Acquire pairs with `begin`, and keeps the second look after this.
        let polls = self.polls.load(Ordering::Acquire);
        if self.task.load(Ordering::Relaxed) != task {
            return None;
        }
        let epoch = polls.wrapping_mul(2).wrapping_sub(1);
        Id::from_bits(task).map(|task| PollSnapshot { task, epoch })
    }
}

#[cfg(test)]
mod tests;
