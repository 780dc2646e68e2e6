//! What a worker is doing, published for others to read.
//!
//! # Orderings
//!
//! One writer, the worker; any number of readers. `epoch` is odd while a task
//! is being polled and changes with each begin and end, so a reader that finds
//! the same odd epoch before and after reading `task` knows that the id belongs
//! to that poll. This is a sequence lock whose data is one atomic word.

use std::sync::atomic::{AtomicU64, Ordering, fence};

use crate::Id;

/// A worker's published slot: which task it polls, and the poll's epoch.
///
/// No clock is read to keep it. Who wants to know how long a poll takes looks
/// twice and times the epoch itself.
#[derive(Debug, Default)]
pub struct PollSlot {
    epoch: AtomicU64,
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

/// What is told of each turn that a [`LocalQueue`](crate::LocalQueue) gives: a
/// [`PollSlot`], or something around one.
pub trait TurnSlot {
    /// A turn of `task` begins.
    fn begin(&self, task: Id);

    /// It has ended.
    fn end(&self);
}

impl TurnSlot for PollSlot {
    #[inline]
    fn begin(&self, task: Id) {
        PollSlot::begin(self, task);
    }

    #[inline]
    fn end(&self) {
        PollSlot::end(self);
    }
}

impl PollSlot {
    /// A slot that shows no poll.
    #[must_use]
    pub const fn new() -> PollSlot {
        PollSlot {
            epoch: AtomicU64::new(0),
            task: AtomicU64::new(0),
        }
    }

    /// A poll of `task` begins. Only the worker that owns the slot may call this.
    #[inline]
    pub fn begin(&self, task: Id) {
        // Relaxed: this thread is the only writer.
        let epoch = self.epoch.load(Ordering::Relaxed);
        self.task.store(task.as_u64(), Ordering::Relaxed);
        // ORDERING: Release, so that a reader whose Acquire load sees this odd
        // epoch sees the task too.
        self.epoch.store(epoch.wrapping_add(1), Ordering::Release);
    }

    /// The poll has ended. Only the worker that owns the slot may call this.
    #[inline]
    pub fn end(&self) {
        let epoch = self.epoch.load(Ordering::Relaxed);
        // ORDERING: Release keeps the reads and writes of the poll before it.
        self.epoch.store(epoch.wrapping_add(1), Ordering::Release);
        // ORDERING: this fence pairs with the one in `snapshot`: a reader that
        // sees the next poll's task also sees that the epoch has moved on.
        fence(Ordering::Release);
    }

    /// A number that changes with each begin and end of a poll, and is odd during
    /// one. The same odd number seen twice is the same poll, still under way.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Relaxed)
    }

    /// How many polls have ended.
    #[must_use]
    pub fn polls(&self) -> u64 {
        self.epoch.load(Ordering::Relaxed) / 2
    }

    /// The poll under way, if any.
    #[must_use]
    pub fn snapshot(&self) -> Option<PollSnapshot> {
        // ORDERING: Acquire pairs with the Release store in `begin`.
        let epoch = self.epoch.load(Ordering::Acquire);
        if epoch % 2 == 0 {
            return None;
        }
        let task = self.task.load(Ordering::Relaxed);
        // ORDERING: keeps the load of `task` before the second look at the
        // epoch; pairs with the fence in `end`.
        fence(Ordering::Acquire);
        if self.epoch.load(Ordering::Relaxed) != epoch {
            return None;
        }
        Id::from_bits(task).map(|task| PollSnapshot { task, epoch })
    }
}

#[cfg(test)]
mod tests;
