//! The tasks that are alive, so that they can be listed and cancelled.
//!
//! An intrusive, doubly linked list through the tasks' metadata: no allocation
//! for each task. It is split into shards by task id, so that threads which
//! spawn and finish tasks seldom meet on one lock.
//!
//! # Invariants
//!
//! 1. `head`, and the `links` of every task in a shard, are touched only with
//!    the shard's lock held.
//! 2. A task is in the list from a successful `insert` until `remove`, which
//!    `Body` calls when it has dropped the future. All that time the list holds
//!    a counted reference to the task, so its metadata is alive. (Without it,
//!    async-task would free a task that is idle while nobody has a waker or a
//!    handle of it, and never drop its future.)
//! 3. `listed` in a shard counts its tasks.
//! 4. A list made by [`TaskList::keeping`] holds a reference to its scheduler from
//!    the first spawn on until [`TaskList::release`], which is called when the list
//!    is closed and empty. So while a task is in such a list, the scheduler lives,
//!    and tasks need not count references to it.

use std::fmt;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use crate::metadata::Links;
use crate::{Metadata, Schedule, TaskInfo};

/// How many wakers are collected under one hold of a shard's lock.
const BATCH: usize = 64;

/// So that two threads seldom meet in one shard.
const SHARDS_PER_THREAD: usize = 4;

/// A shard on cache lines of its own.
#[derive(Default)]
#[repr(align(128))]
struct Padded(Mutex<Shard>);

#[derive(Default)]
struct Shard {
    head: Option<NonNull<Metadata>>,
    listed: usize,
    /// Tasks that were ever listed.
    spawned: u64,
    closed: bool,
}

// SAFETY: the pointers lead to `Metadata`, which is `Send` and `Sync`, and are
// followed only under the lock (invariant 1).
unsafe impl Send for Shard {}

/// The live tasks of one scheduler. See [`Schedule::tasks`](crate::Schedule::tasks).
pub struct TaskList {
    /// A power of two of them.
    shards: Box<[Padded]>,
    /// Whether the scheduler is kept; see invariant 4.
    keeping: bool,
    /// Whether `keeper` holds it. Never set again once the list is closed.
    kept: AtomicBool,
    keeper: Mutex<Keeper>,
}

#[derive(Default)]
struct Keeper {
    scheduler: Option<Arc<dyn Schedule>>,
    released: bool,
}

impl TaskList {
    /// An empty list, split so that about `threads` threads can use it at once.
    #[must_use]
    pub fn new(threads: usize) -> TaskList {
        let count = (threads.clamp(1, 64) * SHARDS_PER_THREAD).next_power_of_two();
        TaskList {
            shards: (0..count).map(|_| Padded::default()).collect(),
            keeping: false,
            kept: AtomicBool::new(false),
            keeper: Mutex::default(),
        }
    }

    /// As [`new`](Self::new); and the list keeps its scheduler alive from the first
    /// spawn on, until [`release`](Self::release). This spares each task a count of
    /// its own. A scheduler that is dropped without `release` is leaked.
    #[must_use]
    pub fn keeping(threads: usize) -> TaskList {
        TaskList {
            keeping: true,
            ..TaskList::new(threads)
        }
    }

    /// Whether the list keeps its scheduler, which `scheduler` must be.
    #[inline]
    pub(crate) fn keeps(&self, scheduler: &Arc<dyn Schedule>) -> bool {
        // ORDERING: Acquire pairs with the Release in `keep`.
        self.kept.load(Ordering::Acquire) || self.keeping && self.keep(scheduler)
    }

    #[cold]
    fn keep(&self, scheduler: &Arc<dyn Schedule>) -> bool {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        if keeper.released {
            return false;
        }
        let kept = keeper.scheduler.get_or_insert_with(|| scheduler.clone());
        debug_assert!(Arc::ptr_eq(kept, scheduler), "a list has one scheduler");
        // ORDERING: Release pairs with the Acquire in `keeps`.
        self.kept.store(true, Ordering::Release);
        true
    }

    /// Lets the scheduler go. To be called when the list has been closed and is
    /// empty, by who holds a reference to the scheduler.
    ///
    /// # Panics
    ///
    /// When there are tasks, or there may be more.
    pub fn release(&self) {
        let closed = self.shards.iter().all(|shard| {
            let shard = lock(&shard.0);
            shard.closed && shard.listed == 0
        });
        assert!(closed, "a scheduler is kept while it has tasks");
        let scheduler = {
            let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
            keeper.released = true;
            keeper.scheduler.take()
        };
        drop(scheduler);
    }

    /// A thread takes ids in blocks, so its tasks are mostly in one shard at a
    /// time, and those of another thread in another.
    fn shard(&self, metadata: &Metadata) -> MutexGuard<'_, Shard> {
        let block = metadata.id().as_u64() / crate::id::BLOCK;
        lock(&self.shards[block as usize & (self.shards.len() - 1)].0)
    }

    /// Adds a task, with a waker of it as the list's reference. Gives the waker
    /// back if the list is closed.
    ///
    /// # Safety
    ///
    /// `metadata` must not be in a list and `waker` must be one of its task. If
    /// the waker is kept, the task must be taken out with `remove` before its
    /// future is dropped for good, and whoever does that drops the reference
    /// (invariant 2).
    pub(crate) unsafe fn insert(&self, metadata: &Metadata, waker: Waker) -> Result<(), Waker> {
        let mut shard = self.shard(metadata);
        if shard.closed {
            return Err(waker);
        }
        std::mem::forget(waker);
        let new = Links {
            previous: None,
            next: shard.head,
        };
        // SAFETY: we hold the lock of the task's shard (invariant 1).
        unsafe { *metadata.links() = new };
        if let Some(head) = shard.head {
            // SAFETY: the head is in the list, so it is alive (invariant 2).
            let head = unsafe { head.as_ref() };
            // SAFETY: we hold the shard's lock.
            unsafe { (*head.links()).previous = Some(NonNull::from(metadata)) };
        }
        shard.head = Some(NonNull::from(metadata));
        shard.listed += 1;
        shard.spawned += 1;
        Ok(())
    }

    /// Takes a task out. `false` for a task that is not in the list; otherwise
    /// the caller now owns the list's reference to the task.
    #[must_use = "the list's reference to the task must be dropped"]
    pub(crate) fn remove(&self, metadata: &Metadata) -> bool {
        let mut shard = self.shard(metadata);
        let here = NonNull::from(metadata);
        // SAFETY: we hold the lock of the task's shard (invariant 1).
        let links = unsafe { std::mem::take(&mut *metadata.links()) };
        match links.previous {
            Some(previous) => {
                // SAFETY: a neighbour is in the list, so it is alive (invariant 2).
                let previous = unsafe { previous.as_ref() };
                // SAFETY: we hold the shard's lock.
                unsafe { (*previous.links()).next = links.next };
            }
            None if shard.head == Some(here) => shard.head = links.next,
            // Refused by `insert`, or taken out already.
            None => return false,
        }
        if let Some(next) = links.next {
            // SAFETY: a neighbour is in the list, so it is alive (invariant 2).
            let next = unsafe { next.as_ref() };
            // SAFETY: we hold the shard's lock.
            unsafe { (*next.links()).previous = links.previous };
        }
        shard.listed -= 1;
        true
    }

    /// How many tasks there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(&shard.0).listed).sum()
    }

    /// How many tasks there have been so far.
    #[must_use]
    pub fn spawned(&self) -> u64 {
        self.shards.iter().map(|shard| lock(&shard.0).spawned).sum()
    }

    /// Whether there is no task.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Each task with what it waits for, in no particular order.
    ///
    /// Tasks may come, go and be polled meanwhile; each shard is looked at at
    /// one moment of its own.
    #[must_use]
    pub fn snapshot(&self) -> Vec<TaskInfo> {
        let mut infos = Vec::new();
        for shard in &self.shards {
            lock(&shard.0).for_each(|metadata| infos.push(TaskInfo::of(metadata)));
        }
        infos
    }

    /// Closes the list and cancels every task in it: each is marked and
    /// scheduled, and the next time that it is run its future is dropped.
    ///
    /// The caller goes on running, or drops, what is scheduled until
    /// [`is_empty`](Self::is_empty). New tasks are refused from here on.
    pub fn close_and_cancel(&self) {
        for shard in &self.shards {
            lock(&shard.0).closed = true;
        }
        for shard in &self.shards {
            // Marked tasks stay in the list until they run, so collect all in
            // one go and wake outside of the lock, which a schedule may want.
            let mut wakers: Vec<Waker> = Vec::with_capacity(BATCH);
            lock(&shard.0).for_each(|metadata| {
                wakers.extend(metadata.mark_aborted());
            });
            for waker in wakers {
                waker.wake();
            }
        }
    }
}

impl Shard {
    fn for_each(&self, mut f: impl FnMut(&Metadata)) {
        let mut next = self.head;
        while let Some(task) = next {
            // SAFETY: it is in the list, so it is alive (invariant 2).
            let metadata = unsafe { task.as_ref() };
            f(metadata);
            // SAFETY: we are called with the lock held (invariant 1).
            next = unsafe { (*metadata.links()).next };
        }
    }
}

/// The lock of a shard. Nothing that can panic runs while it is held.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for TaskList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskList")
            .field("len", &self.len())
            .finish()
    }
}

#[cfg(test)]
mod tests;
