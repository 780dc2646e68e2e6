//! The tree of tokens.
//!
//! One lock for a whole tree, and children linked in place: making a child,
//! dropping a token and moving on to the next while cancelling are a few
//! instructions each, whatever the size of the tree.
//!
//! # Invariants
//!
//! 1. A node's links are read and written with the lock of its tree held. All nodes
//!    of a tree share one lock, which never changes for a node.
//! 2. A linked node is alive: `Node::drop` unlinks it first, and hands its children
//!    to its parent.
//! 3. A cancelled node has no parent, and no children once `cancel` has returned.
//!    While `cancel` works, its descendants are linked below it until they are
//!    cancelled themselves.

use std::marker::PhantomPinned;
use std::ptr::NonNull;
use std::sync::{Arc, PoisonError};

use sinew_core::waker::WakeList;

use crate::latch::Latch;
use crate::primitives::{Mutex, MutexGuard, UnsafeCell};

/// The lock of a tree.
pub(super) struct Tree(Mutex<()>);

impl Tree {
    fn new() -> Arc<Tree> {
        Arc::new(Tree(Mutex::new(())))
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One token, shared by its clones.
pub(super) struct Node {
    /// Open once cancelled.
    pub(super) latch: Latch,
    tree: Arc<Tree>,
    links: UnsafeCell<Links>,
    /// Other nodes point at it.
    _pinned: PhantomPinned,
}

#[derive(Clone, Copy, Default)]
struct Links {
    parent: Option<NonNull<Node>>,
    first_child: Option<NonNull<Node>>,
    previous: Option<NonNull<Node>>,
    next: Option<NonNull<Node>>,
}

// SAFETY: the links are used with the tree's lock held only (invariant 1), and lead
// to nodes that are alive (invariant 2); the rest is `Send` and `Sync`.
unsafe impl Send for Node {}
// SAFETY: as above.
unsafe impl Sync for Node {}

impl Node {
    pub(super) fn root() -> Arc<Node> {
        Arc::new(Node {
            latch: Latch::new(false),
            tree: Tree::new(),
            links: UnsafeCell::new(Links::default()),
            _pinned: PhantomPinned,
        })
    }

    /// A child; cancelled already if this node is.
    pub(super) fn child(self: &Arc<Self>) -> Arc<Node> {
        let child = Arc::new(Node {
            latch: Latch::new(self.latch.is_open()),
            tree: self.tree.clone(),
            links: UnsafeCell::new(Links::default()),
            _pinned: PhantomPinned,
        });
        if child.latch.is_open() {
            return child;
        }
        let locked = self.tree.lock();
        // Opened with the lock held, so this is the last word.
        if self.latch.is_open() {
            drop(locked);
            child.latch.open_with(|| {});
        } else {
            // SAFETY: we have the lock; both are alive and the child is not linked.
            unsafe { link(NonNull::from(&**self), NonNull::from(&*child)) };
        }
        child
    }

    /// Cancels this node and all below it.
    pub(super) fn cancel(&self) {
        if self.latch.is_open() {
            return;
        }
        let this = NonNull::from(self);
        let mut done = false;
        while !done {
            // Made before the lock is taken, so that it is dropped, and wakes those
            // in it, after it.
            let mut batch = WakeList::new();
            let locked = self.tree.lock();
            // SAFETY: we have the lock.
            done = unsafe { cancel_some(this, &mut batch) };
            drop(locked);
            batch.wake_all();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _locked = self.tree.lock();
        // SAFETY: we have the lock, and the node is alive until we return.
        unsafe { remove(NonNull::from(&*self)) };
    }
}

/// A copy of a node's links.
///
/// # Safety
///
/// The node is alive and the tree's lock held.
unsafe fn links(node: NonNull<Node>) -> Links {
    // SAFETY: alive, says the caller.
    let node = unsafe { node.as_ref() };
    // SAFETY: nobody writes without the lock.
    node.links.with(|links| unsafe { *links })
}

/// Changes a node's links.
///
/// # Safety
///
/// As of [`links`].
unsafe fn update(node: NonNull<Node>, change: impl FnOnce(&mut Links)) {
    // SAFETY: alive, says the caller.
    let node = unsafe { node.as_ref() };
    node.links.with_mut(|links| {
        // SAFETY: nobody reads or writes without the lock.
        let links = unsafe { &mut *links };
        change(links);
    });
}

/// Makes `child`, which is not linked, the first child of `parent`.
///
/// # Safety
///
/// Both are alive and the tree's lock held.
unsafe fn link(parent: NonNull<Node>, child: NonNull<Node>) {
    // SAFETY: the caller vouches for the parent.
    let next = unsafe { links(parent) }.first_child;
    let change = |links: &mut Links| {
        links.parent = Some(parent);
        links.previous = None;
        links.next = next;
    };
    // SAFETY: the caller vouches for the child.
    unsafe { update(child, change) };
    if let Some(next) = next {
        // SAFETY: linked, so alive (invariant 2).
        unsafe { update(next, |links| links.previous = Some(child)) };
    }
    // SAFETY: as above.
    unsafe { update(parent, |links| links.first_child = Some(child)) };
}

/// Takes `node` out of its parent's children.
///
/// # Safety
///
/// It is alive and the tree's lock held.
unsafe fn unlink(node: NonNull<Node>) {
    // SAFETY: the caller vouches for it.
    let links = unsafe { links(node) };
    let (previous, next) = (links.previous, links.next);
    let Some(parent) = links.parent else { return };
    match previous {
        // SAFETY: linked, so alive (invariant 2).
        Some(previous) => unsafe { update(previous, |links| links.next = next) },
        // SAFETY: as above.
        None => unsafe { update(parent, |links| links.first_child = next) },
    }
    if let Some(next) = next {
        // SAFETY: as above.
        unsafe { update(next, |links| links.previous = previous) };
    }
    let alone = |links: &mut Links| {
        links.parent = None;
        links.previous = None;
        links.next = None;
    };
    // SAFETY: the caller vouches for it.
    unsafe { update(node, alone) };
}

/// Hands all children of `node` to `heir`, or to nobody.
///
/// # Safety
///
/// Both are alive and the tree's lock held.
unsafe fn hand_children(node: NonNull<Node>, heir: Option<NonNull<Node>>) {
    loop {
        // SAFETY: the caller vouches for it.
        let Some(child) = unsafe { links(node) }.first_child else {
            return;
        };
        // SAFETY: linked, so alive (invariant 2).
        unsafe { unlink(child) };
        if let Some(heir) = heir {
            // SAFETY: as above, and the caller vouches for the heir.
            unsafe { link(heir, child) };
        }
    }
}

/// Takes `node` out of the tree; its children become its parent's.
///
/// # Safety
///
/// It is alive and the tree's lock held.
unsafe fn remove(node: NonNull<Node>) {
    // SAFETY: the caller vouches for it.
    let parent = unsafe { links(node) }.parent;
    // SAFETY: a parent is alive: else it would have handed its children on.
    unsafe { hand_children(node, parent) };
    // SAFETY: as above.
    unsafe { unlink(node) };
}

/// Cancels `node` and, one after the other, those below it, until the batch is
/// full; `true` if all are done.
///
/// # Safety
///
/// It is alive and the tree's lock held.
unsafe fn cancel_some(node: NonNull<Node>, batch: &mut WakeList) -> bool {
    // SAFETY: the caller vouches for it.
    if !unsafe { node.as_ref() }.latch.open_into(batch) {
        return false;
    }
    // SAFETY: as above.
    unsafe { unlink(node) };
    loop {
        // SAFETY: as above.
        let Some(child) = unsafe { links(node) }.first_child else {
            return true;
        };
        // SAFETY: linked, so alive (invariant 2).
        if !unsafe { child.as_ref() }.latch.open_into(batch) {
            return false;
        }
        // Its children come next, as children of the node.
        // SAFETY: as above.
        unsafe { remove(child) };
    }
}
