//! A ring of waiters: doubly linked, with one pointer to the first.

use std::ptr::NonNull;

use crate::wait_list::waiter::{Links, Node, Waiter};

/// Waiters linked in a circle, so that the last is the one before the first.
pub(super) struct Ring<T>(Option<NonNull<Waiter<T>>>);

impl<T> Ring<T> {
    pub(super) const fn new() -> Ring<T> {
        Ring(None)
    }

    #[inline]
    pub(super) fn first(&self) -> Option<NonNull<Waiter<T>>> {
        self.0
    }

    #[inline]
    pub(super) fn last(&self) -> Option<NonNull<Waiter<T>>> {
        let first = self.0?;
        // SAFETY: the first is in this ring.
        let node = unsafe { Ring::shared(first) };
        // SAFETY: a waiter in a ring has links.
        Some(unsafe { node.links.assume_init_ref() }.previous)
    }

    /// The node of a waiter.
    ///
    /// # Safety
    ///
    /// The waiter is marked as of a queue that the caller has exclusively. The
    /// reference ends before the next call for the same waiter.
    #[inline]
    pub(super) unsafe fn node<'a>(waiter: NonNull<Waiter<T>>) -> &'a mut Node<T> {
        // SAFETY: a waiter of a queue is alive.
        let waiter = unsafe { waiter.as_ref() };
        let node = waiter.node.with_mut(|node| node);
        // SAFETY: invariant 2 of the module: the node belongs to who has the queue.
        unsafe { &mut *node }
    }

    /// The links of a waiter.
    ///
    /// # Safety
    ///
    /// As of [`node`](Self::node), and the links have been written.
    #[inline]
    pub(super) unsafe fn links<'a>(waiter: NonNull<Waiter<T>>) -> &'a mut Links<T> {
        // SAFETY: the caller vouches for the waiter.
        let node = unsafe { Ring::node(waiter) };
        // SAFETY: the caller vouches for the links.
        unsafe { node.links.assume_init_mut() }
    }

    /// The node of a waiter, to read.
    ///
    /// # Safety
    ///
    /// The waiter is in a ring of a queue that the caller has borrowed.
    #[inline]
    pub(super) unsafe fn shared<'a>(waiter: NonNull<Waiter<T>>) -> &'a Node<T> {
        // SAFETY: a waiter in a ring is alive.
        let waiter = unsafe { waiter.as_ref() };
        let node = waiter.node.with(|node| node);
        // SAFETY: invariant 2 of the module: the node belongs to who has the
        // queue, and that one has lent it out to be read.
        unsafe { &*node }
    }

    #[inline]
    unsafe fn link(first: NonNull<Waiter<T>>, second: NonNull<Waiter<T>>) {
        // SAFETY: the caller vouches for both.
        let links = unsafe { Ring::links(first) };
        links.next = second;
        // SAFETY: as above.
        let links = unsafe { Ring::links(second) };
        links.previous = first;
    }

    /// Adds a waiter behind the last.
    ///
    /// # Safety
    ///
    /// The waiter is in no ring, its links have been written, and it is alive and in
    /// place while it is in this ring; the caller has the queue exclusively.
    #[inline]
    pub(super) unsafe fn push_back(&mut self, waiter: NonNull<Waiter<T>>) {
        let first = *self.0.get_or_insert(waiter);
        if first == waiter {
            // SAFETY: the caller vouches for the waiter.
            unsafe { Ring::link(waiter, waiter) };
            return;
        }
        // SAFETY: the first is in this ring.
        let last = unsafe { Ring::links(first) }.previous;
        // SAFETY: the last is in this ring, and the caller vouches for the waiter.
        unsafe { Ring::link(last, waiter) };
        // SAFETY: as above.
        unsafe { Ring::link(waiter, first) };
    }

    /// Adds a waiter before the first.
    ///
    /// # Safety
    ///
    /// As of [`push_back`](Self::push_back).
    #[inline]
    pub(super) unsafe fn push_front(&mut self, waiter: NonNull<Waiter<T>>) {
        // SAFETY: the caller vouches for it.
        unsafe { self.push_back(waiter) };
        // The one behind the last is the one before the first.
        self.0 = Some(waiter);
    }

    /// Takes a waiter out.
    ///
    /// # Safety
    ///
    /// The waiter is in a ring of a queue that the caller has exclusively. If it
    /// is the first of its ring, that ring is this one.
    #[inline]
    pub(super) unsafe fn remove(&mut self, waiter: NonNull<Waiter<T>>) {
        // SAFETY: the caller vouches for the waiter.
        let links = unsafe { Ring::links(waiter) };
        let (previous, next) = (links.previous, links.next);
        if next == waiter {
            self.0 = None;
            return;
        }
        // SAFETY: its neighbours are in the same ring.
        unsafe { Ring::link(previous, next) };
        if self.0 == Some(waiter) {
            self.0 = Some(next);
        }
    }

    /// Moves all of `other` behind the last of this ring.
    ///
    /// # Safety
    ///
    /// Both are rings of a queue that the caller has exclusively.
    #[inline]
    pub(super) unsafe fn append(&mut self, other: &mut Ring<T>) {
        let Some(second) = other.0.take() else { return };
        let first = *self.0.get_or_insert(second);
        if first == second {
            return;
        }
        // SAFETY: the first of each is in its ring.
        let last = unsafe { Ring::links(first) }.previous;
        // SAFETY: as above.
        let end = unsafe { Ring::links(second) }.previous;
        // SAFETY: all four are in the two rings.
        unsafe { Ring::link(last, second) };
        // SAFETY: as above.
        unsafe { Ring::link(end, first) };
    }
}
