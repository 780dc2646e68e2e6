//! The queue that all runners share: tasks from outside, and what overflows.
//!
//! A plain queue behind a lock, taken in batches. Most of what passes through it
//! comes in batches too: half a ring that overflowed, the queue of a runner that
//! ends. A batch costs one lock instead of two exchanges for each task, which
//! is what a lock-free queue costs; and the lock is held for the copying of some
//! pointers only.

use std::collections::VecDeque;

use crate::atomic::{AtomicUsize, Mutex, Ordering, lock};

/// Room that is kept for tasks to come. What a burst took beyond that is given back
/// when the queue is empty.
const KEPT: usize = 1024;

/// See the module.
pub(crate) struct Injector<T> {
    queue: Mutex<Queue<T>>,
    /// The queue's length, to be looked at without the lock. Written under it.
    len: AtomicUsize,
}

struct Queue<T> {
    tasks: VecDeque<T>,
    /// Tasks that came from threads which are no runners.
    remote: u64,
}

impl<T> Injector<T> {
    pub(crate) fn new() -> Injector<T> {
        Injector {
            queue: Mutex::new(Queue {
                tasks: VecDeque::new(),
                remote: 0,
            }),
            len: AtomicUsize::new(0),
        }
    }

    fn change<R>(&self, change: impl FnOnce(&mut Queue<T>) -> R) -> R {
        let mut queue = lock(&self.queue);
        let result = change(&mut queue);
        if queue.tasks.is_empty() && queue.tasks.capacity() > KEPT {
            queue.tasks.shrink_to(KEPT);
        }
        // Relaxed: whoever must not miss a push has a fence (`idle`).
        self.len.store(queue.tasks.len(), Ordering::Relaxed);
        result
    }

    /// Adds a task that comes from a thread which is no runner.
    pub(crate) fn push(&self, task: T) {
        self.change(|queue| {
            queue.tasks.push_back(task);
            queue.remote += 1;
        });
    }

    /// Adds what a runner gives away.
    pub(crate) fn extend(&self, tasks: impl IntoIterator<Item = T>) {
        self.change(|queue| queue.tasks.extend(tasks));
    }

    /// Takes one task, and passes up to `share(len)` more to `more`, where `len`
    /// is what is left. Each is shown to `see` before it is out of the queue for
    /// [`for_each`](Self::for_each).
    pub(crate) fn take(
        &self,
        share: impl FnOnce(usize) -> usize,
        mut see: impl FnMut(&T),
        mut more: impl FnMut(T),
    ) -> Option<T> {
        if self.is_empty() {
            return None;
        }
        self.change(|queue| {
            let first = queue.tasks.pop_front()?;
            see(&first);
            let len = queue.tasks.len();
            for task in queue.tasks.drain(..share(len).min(len)) {
                see(&task);
                more(task);
            }
            Some(first)
        })
    }

    /// Takes one task.
    pub(crate) fn pop(&self) -> Option<T> {
        self.take(|_| 0, |_| {}, drop)
    }

    /// Calls `f` with each task. It must not come back to the queue.
    pub(crate) fn for_each(&self, f: impl FnMut(&T)) {
        lock(&self.queue).tasks.iter().for_each(f);
    }

    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many tasks came from threads which are no runners.
    pub(crate) fn remote_count(&self) -> u64 {
        lock(&self.queue).remote
    }
}

#[cfg(test)]
mod tests;
