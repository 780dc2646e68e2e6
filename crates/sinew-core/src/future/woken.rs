//! Which of many children were woken: a waker for each, in one place.
//!
//! # State
//!
//! | field | meaning |
//! |---|---|
//! | `bits` | one bit for each child: woken and not polled since |
//! | `notified` | somebody has woken the parent, or is about to, since its last look |
//! | `parent` | whom to wake when the first bit is set |
//!
//! # Life cycle
//!
//! A child that is woken sets its bit; if that was not set, and nobody has woken
//! the parent since its last look, it wakes the parent. The parent, polled,
//! leaves its waker, clears `notified`, takes the bits and polls those children.
//!
//! # Invariants
//!
//! 1. A child's waker is a pointer to its [`Child`], which lies in a box that the
//!    set owns and never gives up, and holds one count of the set's `Arc`. So the
//!    pointer is good as long as the waker is.
//! 2. `Child::set` is written once, before any waker is made, and is the address
//!    of the set in its `Arc`.
//!
//! # Orderings
//!
//! A child sets its bit and then swaps `notified` (Release); the parent swaps
//! `notified` (Acquire) and then takes the bits. If the child finds `notified`
//! set, its swap comes before the parent's in the order of that word, so the
//! parent sees the bit. If it finds it clear, it wakes the parent, whose waker was
//! left before `notified` was cleared. Either way the child is polled.

use std::fmt;
use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, RawWaker, RawWakerVTable, Waker};

use crate::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

const BITS: usize = usize::BITS as usize;

/// The wakers of a fixed number of children.
pub(crate) struct WokenSet(Arc<Set>);

struct Set {
    bits: Box<[AtomicUsize]>,
    notified: AtomicBool,
    parent: Mutex<Option<Waker>>,
    children: Box<[Child]>,
}

struct Child {
    set: AtomicPtr<Set>,
}

impl WokenSet {
    /// For `count` children, all of which count as woken.
    pub(crate) fn new(count: usize) -> WokenSet {
        let words = count.div_ceil(BITS);
        let bits = (0..words).map(|word| {
            let used = (count - word * BITS).min(BITS);
            AtomicUsize::new(usize::MAX >> (BITS - used))
        });
        let set = Arc::new(Set {
            bits: bits.collect(),
            notified: AtomicBool::new(true),
            parent: Mutex::new(None),
            children: (0..count)
                .map(|_| Child {
                    set: AtomicPtr::new(ptr::null_mut()),
                })
                .collect(),
        });
        for child in &set.children {
            // Relaxed: no waker exists, and those that will be are handed to
            // other threads by means that order this.
            child
                .set
                .store(Arc::as_ptr(&set).cast_mut(), Ordering::Relaxed);
        }
        WokenSet(set)
    }

    /// Says whom to wake, and begins a look at the children.
    pub(crate) fn begin(&self, parent: &Waker) {
        let old = {
            let mut held = self.0.parent.lock().unwrap_or_else(PoisonError::into_inner);
            match &*held {
                Some(waker) if waker.will_wake(parent) => None,
                _ => held.replace(parent.clone()),
            }
        };
        // A waker's destructor may run any code: not under the lock.
        drop(old);
        // ORDERING: Acquire pairs with the Release in `Set::wake`; see the module.
        self.0.notified.swap(false, Ordering::AcqRel);
    }

    /// How many words of children there are.
    pub(crate) fn words(&self) -> usize {
        self.0.bits.len()
    }

    /// Takes the bits of one word.
    pub(crate) fn take(&self, word: usize) -> Woken {
        Woken {
            // ORDERING: Acquire pairs with the Release in `Set::wake`: what was
            // done before the wake is seen by the poll.
            bits: self.0.bits[word].swap(0, Ordering::Acquire),
            first: word * BITS,
        }
    }

    /// Polls something as the child `index`.
    pub(crate) fn as_child<R>(&self, index: usize, poll: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let child = ptr::from_ref(&self.0.children[index]).cast();
        let raw = RawWaker::new(child, &VTABLE);
        // SAFETY: by invariant 1 the pointer is good while the set is, which we
        // hold; without a drop no count is given up.
        let waker = ManuallyDrop::new(unsafe { Waker::from_raw(raw) });
        poll(&mut Context::from_waker(&waker))
    }
}

impl Drop for WokenSet {
    fn drop(&mut self) {
        // Wakers of children may live on; the parent is not to live with them.
        let parent = {
            let mut held = self.0.parent.lock().unwrap_or_else(PoisonError::into_inner);
            held.take()
        };
        drop(parent);
    }
}

impl fmt::Debug for WokenSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WokenSet")
            .field("children", &self.0.children.len())
            .finish_non_exhaustive()
    }
}

/// The children of one word that were woken.
pub(crate) struct Woken {
    bits: usize,
    first: usize,
}

impl Iterator for Woken {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.bits == 0 {
            return None;
        }
        let bit = self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        Some(self.first + bit)
    }
}

impl Set {
    fn wake(&self, index: usize) {
        let bit = 1 << (index % BITS);
        // ORDERING: Release pairs with the Acquire in `take`.
        let before = self.bits[index / BITS].fetch_or(bit, Ordering::Release);
        if before & bit != 0 {
            // Whoever set it sees to the parent.
            return;
        }
        // ORDERING: Release pairs with the Acquire in `begin`; see the module.
        if self.notified.swap(true, Ordering::AcqRel) {
            return;
        }
        let parent = {
            let mut held = self.parent.lock().unwrap_or_else(PoisonError::into_inner);
            held.take()
        };
        if let Some(parent) = parent {
            parent.wake();
        }
    }
}

const VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

/// The set of a child, from the pointer in its waker.
///
/// # Safety
///
/// `child` must be the data of a waker of this module that has not been dropped.
unsafe fn set_of(child: *const ()) -> *const Set {
    // SAFETY: by invariant 1.
    let child = unsafe { &*child.cast::<Child>() };
    // Relaxed: written before the first waker was made (invariant 2).
    child.set.load(Ordering::Relaxed)
}

unsafe fn clone(child: *const ()) -> RawWaker {
    // SAFETY: the data of a living waker.
    let set = unsafe { set_of(child) };
    // SAFETY: by invariant 2 it is the address in an `Arc`, which the waker that
    // is cloned, or the set that lends it, keeps alive.
    unsafe { Arc::increment_strong_count(set) };
    RawWaker::new(child, &VTABLE)
}

unsafe fn wake(child: *const ()) {
    // SAFETY: the data of a living waker.
    unsafe { wake_by_ref(child) };
    // SAFETY: as above; the caller gives the waker up.
    unsafe { drop_waker(child) };
}

unsafe fn wake_by_ref(child: *const ()) {
    // SAFETY: the data of a living waker.
    let set = unsafe { set_of(child) };
    // SAFETY: by invariants 1 and 2 it is alive.
    let set = unsafe { &*set };
    let first = set.children.as_ptr().addr();
    set.wake((child.addr() - first) / size_of::<Child>());
}

unsafe fn drop_waker(child: *const ()) {
    // SAFETY: the data of a living waker.
    let set = unsafe { set_of(child) };
    // SAFETY: the waker holds one count (invariant 1), which is given up.
    unsafe { Arc::decrement_strong_count(set) };
}

#[cfg(test)]
mod tests;
