//! One place in a queue.

use std::fmt;
use std::marker::PhantomPinned;
use std::mem::MaybeUninit;
use std::panic::Location;
use std::pin::Pin;
use std::ptr::{self, NonNull};
use std::task::{Poll, Waker};

use crate::leaf::{self, Kind, Wait};
use crate::wait_list::primitives::{AtomicPtr, Ordering, UnsafeCell};

/// A place in a [`WaitList`](crate::wait_list::WaitList), and what the primitive
/// keeps with it: how much is asked for, what was granted.
///
/// Lives inside of the future that waits, so a wait allocates nothing. Made
/// outside of every queue; [`Queue::push_back`](crate::wait_list::Queue::push_back)
/// puts it into one.
///
/// Dropping it while it is in a queue aborts the process, because the queue would
/// go on using the memory: a future removes its waiter in its own `drop`.
pub struct Waiter<T> {
    /// The queue that it is in, null for none. See invariant 1 of the module.
    pub(super) owner: AtomicPtr<()>,
    /// See invariant 2 of the module.
    pub(super) node: UnsafeCell<Node<T>>,
    location: &'static Location<'static>,
    _pinned: PhantomPinned,
}

pub(super) struct Node<T> {
    /// Written when the waiter gets into a queue, and only of meaning while it is in
    /// one: most waiters never are.
    pub(super) links: MaybeUninit<Links<T>>,
    pub(super) data: T,
}

pub(super) struct Links<T> {
    pub(super) previous: NonNull<Waiter<T>>,
    pub(super) next: NonNull<Waiter<T>>,
    pub(super) waker: Waker,
    /// The id of the task that waits; 0 outside of any task.
    pub(super) task: u64,
}

// SAFETY: the raw pointers lead to waiters in the same queue, which are followed
// only by who holds the queue's lock (invariant 2); the data moves with it.
unsafe impl<T: Send> Send for Waiter<T> {}
// SAFETY: through a shared reference the node can be reached only by way of the
// queue, whose lock admits one thread at a time, so `T: Send` is enough.
unsafe impl<T: Send> Sync for Waiter<T> {}

impl<T> Waiter<T> {
    /// A waiter that remembers its caller as the place that waits.
    #[inline]
    #[track_caller]
    pub fn new(data: T) -> Waiter<T> {
        Waiter::at(Location::caller(), data)
    }

    /// A waiter that remembers `location` as the place that waits. For async
    /// functions, whose bodies do not see their caller.
    #[inline]
    pub fn at(location: &'static Location<'static>, data: T) -> Waiter<T> {
        Waiter {
            owner: AtomicPtr::new(ptr::null_mut()),
            node: UnsafeCell::new(Node {
                links: MaybeUninit::uninit(),
                data,
            }),
            location,
            _pinned: PhantomPinned,
        }
    }

    /// Whether it is in a queue. Once this is `false` after a push, all that was
    /// written before the waiter was popped is visible here.
    #[inline]
    pub fn is_queued(&self) -> bool {
        // ORDERING: Acquire pairs with the Release store in `Queue::release`.
        !self.owner.load(Ordering::Acquire).is_null()
    }

    /// The place that waits.
    #[inline]
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// The data, for the owner of a waiter that is in no queue; `None` while it
    /// is in one, because then the data belongs to the holder of the lock.
    #[inline]
    pub fn data(self: Pin<&mut Self>) -> Option<&mut T> {
        if self.is_queued() {
            return None;
        }
        let node = self.as_ref().get_ref().node.with_mut(|node| node);
        // SAFETY: invariant 2: the waiter is in no queue, and cannot get into one
        // while its owner lends it to us exclusively, so nobody else uses the node.
        let node = unsafe { &mut *node };
        Some(&mut node.data)
    }

    /// Ends an unfinished poll: tells the leaf hook that this place waits for
    /// `resource`, and is `Pending`. See [`leaf::pending`].
    #[inline]
    pub fn pending<R>(&self, kind: Kind, resource: u64) -> Poll<R> {
        leaf::pending(&Wait {
            kind,
            resource,
            location: self.location,
        })
    }
}

impl<T> Drop for Waiter<T> {
    #[inline]
    fn drop(&mut self) {
        if self.is_queued() {
            dropped_in_queue(self.location);
        }
    }
}

#[cold]
fn dropped_in_queue(location: &Location<'_>) -> ! {
    eprintln!("a waiter made at {location} was dropped while it was in a queue");
    std::process::abort();
}

impl<T> fmt::Debug for Waiter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter")
            .field("queued", &self.is_queued())
            .field("location", &format_args!("{}", self.location))
            .finish_non_exhaustive()
    }
}
