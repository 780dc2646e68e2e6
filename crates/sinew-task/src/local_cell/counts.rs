//! What a queue counts.
//!
//! One writer, the owner, so that to count is a plain load and store. Relaxed
//! unless it says otherwise: numbers only, nothing else is published by them.

use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Default)]
pub(super) struct Counts {
    /// Tasks spawned into cells.
    spawned: AtomicU64,
    /// Those of them that have finished.
    finished: AtomicU64,
    /// Pushes to the run queue.
    scheduled: AtomicU64,
    /// Those of them that other threads had asked for.
    mailed: AtomicU64,
    /// Those of these that are in shared cells.
    mailed_runnables: AtomicU64,
}

/// What a [`LocalQueue`](crate::LocalQueue) has counted since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LocalCounts {
    /// Tasks spawned on the owner's thread.
    pub spawned: u64,
    /// Times that a task was scheduled on the owner's thread. One that gives way is
    /// counted at the end of the [`run`](crate::LocalQueue::run) in which it does.
    pub local_schedules: u64,
    /// Times that a task was scheduled elsewhere. One that another thread wakes
    /// is counted when the owner has learnt of it.
    pub remote_schedules: u64,
    /// Tasks that wait for a turn and that the owner knows of.
    pub queued: usize,
    /// Tasks scheduled elsewhere, by [`push`](crate::LocalQueue::push), that the
    /// owner has not taken yet.
    pub pushed: usize,
}

#[inline]
fn add(counter: &AtomicU64, n: u64) {
    let now = counter.load(Ordering::Relaxed);
    counter.store(now.wrapping_add(n), Ordering::Relaxed);
}

impl Counts {
    #[inline]
    pub(super) fn spawned(&self) {
        add(&self.spawned, 1);
    }

    #[inline]
    pub(super) fn finished(&self) {
        let now = self.finished.load(Ordering::Relaxed);
        // ORDERING: Release pairs with the Acquire in `alive`: who sees that a
        // task has finished sees that it was spawned.
        self.finished.store(now.wrapping_add(1), Ordering::Release);
    }

    /// Tasks in cells that have not finished.
    #[inline]
    pub(super) fn alive(&self) -> usize {
        // ORDERING: Acquire pairs with the Release in `finished`.
        let finished = self.finished.load(Ordering::Acquire);
        let alive = self.spawned.load(Ordering::Relaxed).wrapping_sub(finished);
        usize::try_from(alive).unwrap_or(usize::MAX)
    }

    #[inline]
    pub(super) fn scheduled(&self) {
        add(&self.scheduled, 1);
    }

    /// So many pushes.
    #[inline]
    pub(super) fn scheduled_many(&self, tasks: u64) {
        add(&self.scheduled, tasks);
    }

    /// How many pushes there have been so far.
    pub(super) fn schedules(&self) -> u64 {
        self.scheduled.load(Ordering::Relaxed)
    }

    /// Those since there were `before` were other threads', and so many of them
    /// of shared cells.
    pub(super) fn mailed_since(&self, before: u64, runnables: usize) {
        add(&self.mailed, self.schedules().wrapping_sub(before));
        add(&self.mailed_runnables, runnables as u64);
    }

    /// `turns` are those that had begun before this call.
    pub(super) fn read(&self, turns: u64, waiting: usize, pushed: u64) -> LocalCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (runnables, mailed) = (read(&self.mailed_runnables), read(&self.mailed));
        let scheduled = read(&self.scheduled);
        LocalCounts {
            spawned: read(&self.spawned),
            local_schedules: scheduled.saturating_sub(mailed),
            remote_schedules: pushed + mailed.saturating_sub(runnables),
            queued: usize::try_from(scheduled.saturating_sub(turns)).unwrap_or(usize::MAX),
            pushed: waiting,
        }
    }
}
