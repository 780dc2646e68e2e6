//! The waker of one key: a node that is counted, and linked into the queue.
//!
//! It lies in memory that tasks leave behind (`magazine`), since a set makes one for each
//! of its tasks.
//!
//! # Invariants
//!
//! 1. A [`Keyed`] is one count of its node, as is each [`Waker`] made of one, and each place
//!    in the stack of those that were woken. Who gives up the last frees the node.
//! 2. A node refers to the queue's [`Shared`] for as long as it is there.
//!
//! # Orderings
//!
//! As of `Arc`: a count is given up with Release, and the last one is followed by a fence
//! with Acquire, so that all that was done with the node comes before it is freed.

use std::mem::ManuallyDrop;
use std::process::abort;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::task::{RawWaker, RawWakerVTable, Waker};

use super::{Shared, closed};
use crate::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering, fence};
use crate::magazine;
use crate::size_class::SizeClass;

/// See the module.
pub(super) struct Node {
    count: AtomicUsize,
    key: usize,
    queued: AtomicBool,
    /// The one that was pushed before it.
    next: AtomicPtr<Node>,
    shared: Arc<Shared>,
}

const CLASS: SizeClass = SizeClass::of::<Node>();

/// One count of a node.
pub(crate) struct Keyed(NonNull<Node>);

// SAFETY: a node is made of what may be shared between threads, and its count is atomic.
unsafe impl Send for Keyed {}
// SAFETY: as above.
unsafe impl Sync for Keyed {}

impl Keyed {
    pub(super) fn new(key: usize, shared: Arc<Shared>) -> Keyed {
        let node: NonNull<Node> = magazine::allocate(CLASS).cast();
        // SAFETY: the block is of the node's class, and ours.
        unsafe {
            node.write(Node {
                count: AtomicUsize::new(1),
                key,
                queued: AtomicBool::new(false),
                next: AtomicPtr::new(ptr::null_mut()),
                shared,
            });
        }
        Keyed(node)
    }

    #[inline]
    fn node(&self) -> &Node {
        // SAFETY: invariant 1: our count keeps it.
        unsafe { self.0.as_ref() }
    }

    #[inline]
    pub(crate) fn key(&self) -> usize {
        self.node().key
    }

    /// The one that was pushed before it.
    pub(super) fn next(&self) -> *mut Node {
        // Relaxed: acquired with the stack.
        self.node().next.load(Ordering::Relaxed)
    }

    /// It is in the queue no longer: the next wake pushes it again.
    pub(super) fn leave(&self) {
        // ORDERING: see `wake_queue`.
        self.node().queued.swap(false, Ordering::AcqRel);
    }

    /// The count, to be taken up again by [`from_raw`](Self::from_raw).
    fn into_raw(self) -> NonNull<Node> {
        ManuallyDrop::new(self).0
    }

    /// # Safety
    ///
    /// `node` is one count of a node, which is the caller's to give.
    pub(super) unsafe fn from_raw(node: NonNull<Node>) -> Keyed {
        Keyed(node)
    }

    /// A waker that pushes the key.
    pub(crate) fn into_waker(self) -> Waker {
        // SAFETY: the functions of the table keep the contract of a waker.
        unsafe { Waker::from_raw(raw(self)) }
    }

    /// Whether it is to be pushed now: it is not in the queue.
    #[inline]
    fn enter(&self) -> bool {
        // ORDERING: see `wake_queue`.
        !self.node().queued.swap(true, Ordering::AcqRel)
    }

    /// Pushes it, and wakes who waits if it is the first there.
    fn push(self) {
        // Whoever takes the node may drop it, and the queue: of those who push only the
        // first of many needs the queue after that.
        let mut to_tell = None;
        let node = self.into_raw();
        // SAFETY: the count that it was made of is ours until it is pushed.
        let Node { shared, next, .. } = unsafe { node.as_ref() };
        let woken = &shared.woken.0;
        // Relaxed: what is read is only compared.
        let mut first = woken.load(Ordering::Relaxed);
        while first != closed() {
            if first.is_null() && to_tell.is_none() {
                to_tell = Some(shared.clone());
            }
            // Relaxed: the push releases it.
            next.store(first, Ordering::Relaxed);
            // ORDERING: Release pairs with the Acquire in `take_all`.
            let pushed = woken.compare_exchange_weak(
                first,
                node.as_ptr(),
                Ordering::Release,
                Ordering::Relaxed,
            );
            match pushed {
                Ok(_) => {
                    if let Some(shared) = to_tell.filter(|_| first.is_null()) {
                        shared.wake_waiting();
                    }
                    return;
                }
                Err(now) => first = now,
            }
        }
        // SAFETY: it was not pushed: the count is still ours.
        drop(unsafe { Keyed::from_raw(node) });
    }
}

impl Clone for Keyed {
    #[inline]
    fn clone(&self) -> Keyed {
        // Relaxed: whoever has a count may make another; it is handed on by other means.
        let count = self.node().count.fetch_add(1, Ordering::Relaxed);
        if count > usize::MAX / 2 {
            // Wakers have been forgotten by the billion.
            abort();
        }
        Keyed(self.0)
    }
}

impl Drop for Keyed {
    #[inline]
    fn drop(&mut self) {
        // ORDERING: see the module.
        if self.node().count.fetch_sub(1, Ordering::Release) > 1 {
            return;
        }
        fence(Ordering::Acquire);
        // SAFETY: invariant 1: ours was the last count.
        unsafe { self.0.drop_in_place() };
        // SAFETY: it was allocated for this class in `new`, and is ours.
        unsafe { magazine::free(CLASS, self.0.cast()) };
    }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

fn raw(keyed: Keyed) -> RawWaker {
    RawWaker::new(keyed.into_raw().as_ptr().cast_const().cast(), &VTABLE)
}

/// The count of a waker.
///
/// # Safety
///
/// `data` is the data of a waker that was made by [`raw`], and what is returned is
/// dropped only where the waker is used up.
#[inline]
unsafe fn of(data: *const ()) -> ManuallyDrop<Keyed> {
    // SAFETY: it came from a `NonNull`.
    let node = unsafe { NonNull::new_unchecked(data.cast_mut().cast()) };
    // SAFETY: the caller's promise.
    ManuallyDrop::new(unsafe { Keyed::from_raw(node) })
}

/// # Safety
///
/// Called by `Waker` with its data, as are the three below.
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the caller's promise; it is not dropped.
    let keyed = unsafe { of(data) };
    raw(Keyed::clone(&keyed))
}

unsafe fn wake(data: *const ()) {
    // SAFETY: the caller's promise; the waker is used up.
    let keyed = ManuallyDrop::into_inner(unsafe { of(data) });
    if keyed.enter() {
        keyed.push();
    }
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the caller's promise; it is not dropped.
    let keyed = unsafe { of(data) };
    if keyed.enter() {
        Keyed::clone(&keyed).push();
    }
}

unsafe fn drop_waker(data: *const ()) {
    // SAFETY: the caller's promise; the waker is used up.
    drop(ManuallyDrop::into_inner(unsafe { of(data) }));
}
