//! The queue itself, which knows nothing of its lock.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::ptr::{self, NonNull};
use std::task::Waker;

use crate::record;
use crate::wait_list::primitives::Ordering;
use crate::wait_list::ring::Ring;
use crate::wait_list::waiter::{Links, Waiter};

/// Waiters in the order in which they came.
///
/// All methods but [`push_back`](Self::push_back) are safe: a waiter that is not
/// in this queue is told by its mark. Wakers are handed out, never woken or
/// dropped inside, so that the caller can let go of its lock first.
pub struct Queue<T> {
    waiting: Ring<T>,
    /// Waiters to be woken all together; see [`detach_all`](Self::detach_all).
    leaving: Ring<T>,
}

// SAFETY: the queue reaches its waiters' nodes wherever it is, so it may be sent
// if the nodes may be: their data is `T` and the rest is `Send`.
unsafe impl<T: Send> Send for Queue<T> {}

impl<T> Queue<T> {
    /// An empty queue.
    #[must_use]
    pub const fn new() -> Queue<T> {
        Queue {
            waiting: Ring::new(),
            leaving: Ring::new(),
        }
    }

    /// The mark of waiters that are in this queue.
    #[inline]
    fn mark(&self) -> *mut () {
        ptr::from_ref(self).cast_mut().cast()
    }

    /// Whether nobody waits. Waiters that are being woken do not count.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.first().is_none()
    }

    /// Adds `waiter` at the end, to be woken through `waker`. Notes which task
    /// waits.
    ///
    /// # Safety
    ///
    /// From now until the waiter is out of the queue (popped or removed), or for
    /// ever if it is leaked, the queue stays where it is and is not dropped. A
    /// future keeps this by holding a reference or a counted pointer to the
    /// primitive and by removing its waiter in its `drop`.
    ///
    /// # Panics
    ///
    /// When the waiter is in a queue already.
    #[inline]
    pub unsafe fn push_back(&mut self, waiter: Pin<&Waiter<T>>, waker: Waker) {
        let waiter = self.enter(waiter, waker);
        // SAFETY: the waiter is pinned and was out of every queue. Its memory stays
        // until it is out of this one, because its `drop` aborts otherwise.
        unsafe { self.waiting.push_back(waiter) };
    }

    /// As [`push_back`](Self::push_back), before all others.
    ///
    /// # Safety
    ///
    /// As of `push_back`.
    ///
    /// # Panics
    ///
    /// When the waiter is in a queue already.
    #[inline]
    pub unsafe fn push_front(&mut self, waiter: Pin<&Waiter<T>>, waker: Waker) {
        let waiter = self.enter(waiter, waker);
        // SAFETY: as in `push_back`.
        unsafe { self.waiting.push_front(waiter) };
    }

    /// Marks a waiter as ours and notes who waits, before it gets into our ring.
    #[inline]
    fn enter(&mut self, waiter: Pin<&Waiter<T>>, waker: Waker) -> NonNull<Waiter<T>> {
        assert!(!waiter.is_queued(), "a waiter has one place in one queue");
        // ORDERING: Relaxed: only holders of this queue's lock act on the mark
        // being there; for all others it is merely not null.
        waiter.owner.store(self.mark(), Ordering::Relaxed);
        let waiter = NonNull::from(waiter.get_ref());
        // SAFETY: the mark is ours, and we have the queue exclusively.
        let node = unsafe { Ring::node(waiter) };
        node.links.write(Links {
            previous: waiter,
            next: waiter,
            waker,
            task: record::current_id().unwrap_or(0),
        });
        waiter
    }

    /// Whether `waiter` is in this queue, waiting or about to be woken.
    #[inline]
    #[must_use]
    pub fn contains(&self, waiter: Pin<&Waiter<T>>) -> bool {
        // ORDERING: Relaxed: a mark of this queue is written and removed only by
        // who has the queue exclusively, as we have it shared.
        ptr::eq(waiter.owner.load(Ordering::Relaxed), self.mark())
    }

    /// Takes the first waiter out. `grant` sees its data before its owner may.
    #[inline]
    pub fn pop_front(&mut self, grant: impl FnOnce(&mut T)) -> Option<Waker> {
        let first = self.waiting.first()?;
        Some(self.pop(first, grant))
    }

    /// Takes the last waiter out. `grant` sees its data before its owner may.
    #[inline]
    pub fn pop_back(&mut self, grant: impl FnOnce(&mut T)) -> Option<Waker> {
        let last = self.waiting.last()?;
        Some(self.pop(last, grant))
    }

    fn pop(&mut self, waiter: NonNull<Waiter<T>>, grant: impl FnOnce(&mut T)) -> Waker {
        // SAFETY: `waiter` is in our ring of waiting ones.
        let node = unsafe { Ring::node(waiter) };
        // First, so that a panic in it leaves all as it was.
        grant(&mut node.data);
        // SAFETY: as above.
        unsafe { self.waiting.remove(waiter) };
        Self::release(waiter)
    }

    /// The data of the first waiter.
    #[inline]
    pub fn front(&mut self) -> Option<&mut T> {
        let first = self.waiting.first()?;
        // SAFETY: `first` is in our ring, and we have the queue exclusively.
        let node = unsafe { Ring::node(first) };
        Some(&mut node.data)
    }

    /// The data of a waiter that is in this queue.
    #[inline]
    pub fn data(&mut self, waiter: Pin<&Waiter<T>>) -> Option<&mut T> {
        if !self.contains(waiter) {
            return None;
        }
        // SAFETY: the mark says that it is in one of our rings.
        let node = unsafe { Ring::node(NonNull::from(waiter.get_ref())) };
        Some(&mut node.data)
    }

    /// Takes `waiter` out, wherever it stands; `None` if it is not in this queue.
    /// Drop the waker after letting go of the lock.
    #[inline]
    pub fn remove(&mut self, waiter: Pin<&Waiter<T>>) -> Option<Waker> {
        if !self.contains(waiter) {
            return None;
        }
        let waiter = NonNull::from(waiter.get_ref());
        let ring = if self.leaving.first() == Some(waiter) {
            &mut self.leaving
        } else {
            // Right also for one in the midst of `leaving`: of a ring, only the
            // pointer to the first is outside of the nodes.
            &mut self.waiting
        };
        // SAFETY: the mark says that it is in one of our rings, and it is the
        // first of none but `ring`.
        unsafe { ring.remove(waiter) };
        Some(Self::release(waiter))
    }

    /// The waker of a waiter that is in this queue, to be compared or replaced.
    #[inline]
    pub fn waker(&mut self, waiter: Pin<&Waiter<T>>) -> Option<&mut Waker> {
        if !self.contains(waiter) {
            return None;
        }
        // SAFETY: the mark says that it is in one of our rings.
        let links = unsafe { Ring::links(NonNull::from(waiter.get_ref())) };
        Some(&mut links.waker)
    }

    /// Sets all who wait now apart, to be popped with
    /// [`pop_detached`](Self::pop_detached): who comes from now on is not among
    /// them, and `pop_front` no longer finds them.
    #[inline]
    pub fn detach_all(&mut self) {
        // SAFETY: both rings are ours.
        unsafe { self.leaving.append(&mut self.waiting) };
    }

    /// Takes the first of those set apart out. `grant` sees its data before its
    /// owner may.
    #[inline]
    pub fn pop_detached(&mut self, grant: impl FnOnce(&mut T)) -> Option<Waker> {
        let first = self.leaving.first()?;
        // SAFETY: `first` is in our ring of leaving ones.
        let node = unsafe { Ring::node(first) };
        grant(&mut node.data);
        // SAFETY: as above.
        unsafe { self.leaving.remove(first) };
        Some(Self::release(first))
    }

    /// Calls `see` for each who waits, in order.
    pub fn for_each(&self, mut see: impl FnMut(&T, Waiting)) {
        let Some(first) = self.waiting.first() else {
            return;
        };
        let mut at = first;
        loop {
            // SAFETY: `at` is in our ring, and nothing changes the queue meanwhile.
            let node = unsafe { Ring::shared(at) };
            // SAFETY: as above.
            let location = unsafe { at.as_ref() }.location();
            // SAFETY: a waiter in a ring has links.
            let links = unsafe { node.links.assume_init_ref() };
            let task = (links.task != 0).then_some(links.task);
            see(&node.data, Waiting { task, location });
            at = links.next;
            if at == first {
                return;
            }
        }
    }

    /// Ends our use of a waiter that is out of both rings.
    #[inline]
    fn release(waiter: NonNull<Waiter<T>>) -> Waker {
        // SAFETY: it was in one of our rings a moment ago, and its owner may not
        // touch it before the store below.
        let links = unsafe { Ring::links(waiter) };
        // SAFETY: the waker was written with the links, which are of no meaning any
        // more: so it is taken once.
        let waker = unsafe { ptr::read(&links.waker) };
        // SAFETY: as above.
        let waiter = unsafe { waiter.as_ref() };
        // ORDERING: Release pairs with the Acquire load in `Waiter::is_queued`:
        // what was granted is visible to the owner. The owner may free the waiter
        // from here on; this is the last access.
        waiter.owner.store(ptr::null_mut(), Ordering::Release);
        waker
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Queue<T> {
        Queue::new()
    }
}

impl<T> fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        self.for_each(|_, waiting| {
            list.entry(&waiting);
        });
        list.finish()
    }
}

/// Who waits, and where in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// The task's id; `None` for a future that waits outside of any task.
    pub task: Option<u64>,
    /// The place in the source that waits.
    pub location: &'static Location<'static>,
}
