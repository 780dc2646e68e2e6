//! The queue that all runners share: tasks from outside, and what overflows.
//!
//! A plain queue, taken in batches, with a lock for each of its ends. Most of what
//! passes through it comes in batches too: half a ring that overflowed, the queue of a
//! runner that ends. A batch costs one lock instead of two exchanges for each task,
//! which is what a lock-free queue costs; and who adds a task waits for another who
//! adds one, but never for one who copies a batch.
//!
//! # State
//!
//! Tasks are added at the end of `back`. Who takes and finds `front` empty exchanges
//! the two, so the order is kept. What has been taken and not been entered into the
//! list of live tasks yet is *in transit*, so that a reader of both misses nothing: see
//! [`Taken`] and [`Injector::for_each`].
//!
//! # Invariants
//!
//! 1. Everything in `front` was added before everything in `back`.
//! 2. `added` is written under the lock of `back`, `taken` and the beginning of a
//!    transit under that of `front`. Who wants both locks takes that of `front` first.
//! 3. A transit is short: nothing foreign runs and nobody waits meanwhile.

use std::collections::VecDeque;

use crate::atomic::{AtomicUsize, Mutex, Ordering, lock, yield_now};

/// Room that is kept for tasks to come. What a burst took beyond that is given back
/// when the queue is empty.
const KEPT: usize = 16 << 10;

/// See the module.
pub(crate) struct Injector<T> {
    back: Back<T>,
    front: Front<T>,
}

/// On cache lines of its own, as is the other end.
#[repr(align(128))]
struct Back<T> {
    queue: Mutex<Remote<T>>,
    /// How many tasks there have been.
    added: AtomicUsize,
}

struct Remote<T> {
    tasks: VecDeque<T>,
    /// Tasks that came from threads which are no runners.
    remote: u64,
}

#[repr(align(128))]
struct Front<T> {
    queue: Mutex<VecDeque<T>>,
    /// How many of them have been taken.
    taken: AtomicUsize,
    /// Batches in transit.
    transits: AtomicUsize,
}

/// A batch that was taken. It is in transit until this is dropped.
#[must_use = "a reader waits for the end of the transit"]
pub(crate) struct Taken<'a> {
    transits: &'a AtomicUsize,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        // ORDERING: Release pairs with the Acquire in `for_each`: who sees the transit
        // ended sees its tasks in the list.
        self.transits.fetch_sub(1, Ordering::Release);
    }
}

impl<T> Injector<T> {
    pub(crate) fn new() -> Injector<T> {
        Injector {
            back: Back {
                queue: Mutex::new(Remote {
                    tasks: VecDeque::new(),
                    remote: 0,
                }),
                added: AtomicUsize::new(0),
            },
            front: Front {
                queue: Mutex::new(VecDeque::new()),
                taken: AtomicUsize::new(0),
                transits: AtomicUsize::new(0),
            },
        }
    }

    fn count_added(&self, count: usize) {
        let added = self.back.added.load(Ordering::Relaxed);
        // Relaxed: whoever must not miss a push has a fence (`idle`).
        let now = added.wrapping_add(count);
        self.back.added.store(now, Ordering::Relaxed);
    }

    /// Adds a task that comes from a thread which is no runner.
    #[inline]
    pub(crate) fn push(&self, task: T) {
        let mut back = lock(&self.back.queue);
        back.tasks.push_back(task);
        back.remote += 1;
        self.count_added(1);
    }

    /// Adds what a runner gives away.
    pub(crate) fn extend(&self, tasks: impl IntoIterator<Item = T>) {
        let mut back = lock(&self.back.queue);
        let before = back.tasks.len();
        back.tasks.extend(tasks);
        let count = back.tasks.len() - before;
        self.count_added(count);
    }

    /// Takes one task, and passes up to `share(len)` more to `more`, where `len`
    /// is what is left.
    ///
    /// All of them are in transit until the other result is dropped.
    pub(crate) fn take(
        &self,
        share: impl FnOnce(usize) -> usize,
        more: impl FnMut(T),
    ) -> Option<(T, Taken<'_>)> {
        if self.is_empty() {
            return None;
        }
        let mut front = lock(&self.front.queue);
        if front.is_empty() {
            if front.capacity() > KEPT {
                front.shrink_to(KEPT);
            }
            let mut back = lock(&self.back.queue);
            std::mem::swap(&mut *front, &mut back.tasks);
        }
        let first = front.pop_front()?;
        let left = self.len().saturating_sub(1);
        let count = share(left).min(front.len());
        front.drain(..count).for_each(more);
        let taken = self.front.taken.load(Ordering::Relaxed);
        let now = taken.wrapping_add(count + 1);
        // ORDERING: Release pairs with the Acquire in `len`: who sees them taken sees
        // them added, which the locks have shown to us.
        self.front.taken.store(now, Ordering::Release);
        // Relaxed: it is read under the lock.
        self.front.transits.fetch_add(1, Ordering::Relaxed);
        let taken = Taken {
            transits: &self.front.transits,
        };
        Some((first, taken))
    }

    /// Calls `f` with each task, at a moment when none is in transit: each that was
    /// taken before has been entered into the list. It must not come back to the queue.
    pub(crate) fn for_each(&self, f: impl FnMut(&T)) {
        loop {
            let front = lock(&self.front.queue);
            // ORDERING: Acquire pairs with the Release in `Taken`.
            if self.front.transits.load(Ordering::Acquire) == 0 {
                let back = lock(&self.back.queue);
                front.iter().chain(&back.tasks).for_each(f);
                return;
            }
            drop(front);
            yield_now();
        }
    }

    pub(crate) fn len(&self) -> usize {
        // ORDERING: Acquire pairs with the Release in `take`, so that what is read
        // after it is no less.
        let taken = self.front.taken.load(Ordering::Acquire);
        self.back.added.load(Ordering::Relaxed).wrapping_sub(taken)
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many tasks came from threads which are no runners.
    pub(crate) fn remote_count(&self) -> u64 {
        lock(&self.back.queue).remote
    }
}

#[cfg(test)]
mod tests;
