//! A latch: closed, then open for good. Under `SetOnce`, `WaitGroup` and
//! `CancellationToken`.
//!
//! # Invariants
//!
//! 1. `open` goes from false to true once, with the list's lock held, and then the
//!    whole queue is woken.
//! 2. Who joins the queue has seen it closed with the lock held. So whoever is in
//!    the queue will be woken.

use std::panic::Location;
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use sinew_core::leaf::Kind;
use sinew_core::wait_list::{WaitList, Waiter};
use sinew_core::waker::WakeList;

use crate::primitives::{AtomicBool, Ordering, const_fn};

pub(crate) struct Latch {
    open: AtomicBool,
    waiters: WaitList<(), ()>,
}

impl Latch {
    const_fn! {
        pub(crate) const fn new(open: bool) -> Latch {
            Latch {
                open: AtomicBool::new(open),
                waiters: WaitList::new(()),
            }
        }
    }

    /// What was done before the opening is visible once this is true.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `open_with`.
        self.open.load(Ordering::Acquire)
    }

    /// Opens the latch after `first`, and wakes all; `false`, without `first`, if
    /// it is open already.
    pub(crate) fn open_with(&self, first: impl FnOnce()) -> bool {
        let locked = self.waiters.lock();
        // ORDERING: Relaxed: it changes with the lock held only.
        if self.open.load(Ordering::Relaxed) {
            return false;
        }
        first();
        // ORDERING: Release pairs with the Acquire in `is_open`.
        self.open.store(true, Ordering::Release);
        self.waiters.wake_all(locked, |()| {});
        true
    }

    /// Opens the latch and moves the wakers of those who wait to `batch`; those who
    /// find no room in it are moved by another call. `false` if some are left.
    pub(crate) fn open_into(&self, batch: &mut WakeList) -> bool {
        let mut locked = self.waiters.lock();
        // ORDERING: Release pairs with the Acquire in `is_open`.
        self.open.store(true, Ordering::Release);
        while batch.can_push() {
            match locked.queue.pop_front(|()| {}) {
                Some(waker) => batch.push(waker),
                None => return true,
            }
        }
        locked.queue.is_empty()
    }
}

pin_project! {
    /// The part of a wait for a latch that does not know how the latch is held.
    pub(crate) struct Place {
        queued: bool,
        #[pin]
        waiter: Waiter<()>,
    }
}

impl Place {
    #[inline]
    #[track_caller]
    pub(crate) fn new() -> Place {
        Place::at(Location::caller())
    }

    #[inline]
    pub(crate) fn at(location: &'static Location<'static>) -> Place {
        Place {
            queued: false,
            waiter: Waiter::at(location, ()),
        }
    }

    /// Waits until `latch`, always the same one, is open.
    ///
    /// # Safety
    ///
    /// The caller holds the latch so that it stays in place, and calls
    /// [`leave`](Self::leave) before it lets go of it.
    #[inline]
    pub(crate) unsafe fn poll(
        self: Pin<&mut Self>,
        latch: &Latch,
        kind: Kind,
        cx: &Context<'_>,
    ) -> Poll<()> {
        if latch.is_open() {
            return Poll::Ready(());
        }
        // SAFETY: the caller vouches for it.
        unsafe { self.wait(latch, kind, cx) }
    }

    /// # Safety
    ///
    /// As of [`poll`](Self::poll).
    unsafe fn wait(self: Pin<&mut Self>, latch: &Latch, kind: Kind, cx: &Context<'_>) -> Poll<()> {
        let this = self.project();
        let waiter = this.waiter.as_ref();
        if *this.queued {
            if !latch.waiters.still_waiting(waiter, cx.waker()) {
                return Poll::Ready(());
            }
        } else {
            // Before the lock: a clone may run any code.
            let waker = cx.waker().clone();
            let mut locked = latch.waiters.lock();
            if latch.is_open() {
                drop(locked);
                drop(waker);
                return Poll::Ready(());
            }
            // SAFETY: the caller keeps the latch in place until it calls `leave`.
            unsafe { locked.queue.push_back(waiter, waker) };
            *this.queued = true;
        }
        this.waiter
            .pending(kind, ptr::from_ref(latch).addr() as u64)
    }

    /// Gives up the place in the queue.
    #[inline]
    pub(crate) fn leave(self: Pin<&mut Self>, latch: &Latch) {
        if self.queued {
            latch.waiters.leave(self.project().waiter.as_ref(), |_| {});
        }
    }
}

#[cfg(test)]
mod tests;
