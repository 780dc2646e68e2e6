//! A semaphore without the permits that give themselves back.

use std::panic::Location;
use std::task::Waker;

use sinew_core::wait_list::{Locked, Queue, WaitList};
use sinew_core::waker::WakeList;

use crate::AcquireError;
use crate::primitives::const_fn;
use crate::semaphore::acquire::Taking;
use crate::semaphore::permits::{Given, Refusal, Snapshot, StateCell};

pub(crate) struct RawSemaphore {
    pub(super) state: StateCell,
    pub(super) waiters: WaitList<(), Want>,
}

/// What a waiter wants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Want {
    /// How many permits are still to come.
    pub(super) needed: usize,
    /// It was popped because the semaphore was closed.
    pub(super) closed: bool,
}

impl RawSemaphore {
    const_fn! {
        pub(crate) const fn new(permits: usize) -> RawSemaphore {
            RawSemaphore {
                state: StateCell::new(permits),
                waiters: WaitList::new(()),
            }
        }
    }

    const_fn! {
        /// Closed, without permits.
        pub(crate) const fn new_closed() -> RawSemaphore {
            RawSemaphore {
                state: StateCell::closed(),
                waiters: WaitList::new(()),
            }
        }
    }

    /// One permit, if it can be had at once.
    pub(crate) fn try_permit(&self) -> Result<RawPermit<'_>, Refusal> {
        self.try_acquire(1).map(|()| RawPermit(self))
    }

    /// One permit, in turn.
    pub(crate) async fn permit_at(
        &self,
        location: &'static Location<'static>,
    ) -> Result<RawPermit<'_>, AcquireError> {
        self.acquire_at(location, 1).await?;
        Ok(RawPermit(self))
    }

    #[inline]
    pub(super) fn load(&self) -> Snapshot {
        self.state.load()
    }

    #[inline]
    pub(super) fn try_acquire(&self, n: usize) -> Result<(), Refusal> {
        self.state.take(n)
    }

    #[inline]
    pub(crate) fn acquire_at(&self, location: &'static Location<'static>, n: usize) -> Taking<'_> {
        Taking::new(self, location, n)
    }

    #[inline]
    #[track_caller]
    pub(crate) fn release(&self, n: usize) {
        if n == 0 {
            return;
        }
        if let Given::ToWaiters = self.state.give(n) {
            self.hand_out(n);
        }
    }

    /// Gives `left` permits to those who wait, first come first, and puts the rest
    /// back.
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn hand_out(&self, mut left: usize) {
        let mut locked = self.waiters.lock();
        // Mostly all goes to one, for whom no batch is needed. Nothing panics between
        // here and the wake-up: `give` has seen to it that `left` is no overflow.
        let first = serve_first(&mut locked.queue, &mut left);
        if locked.queue.is_empty() {
            self.state.settle(left);
            left = 0;
        }
        if left > 0 {
            return self.hand_out_rest(locked, first, left);
        }
        drop(locked);
        if let Some(waker) = first {
            waker.wake();
        }
    }

    /// Goes on with those behind the `first`, who is still to be woken.
    #[inline(never)]
    #[track_caller]
    fn hand_out_rest<'a>(
        &'a self,
        mut locked: Locked<'a, (), Want>,
        first: Option<Waker>,
        mut left: usize,
    ) {
        let mut batch = WakeList::new();
        if let Some(waker) = first {
            batch.push(waker);
        }
        loop {
            while left > 0 && batch.can_push() {
                let Some(waker) = serve_first(&mut locked.queue, &mut left) else {
                    break;
                };
                batch.push(waker);
            }
            if locked.queue.is_empty() {
                self.state.settle(left);
                left = 0;
            }
            drop(locked);
            batch.wake_all();
            if left == 0 {
                return;
            }
            locked = self.waiters.lock();
        }
    }

    pub(crate) fn close(&self) {
        let locked = self.waiters.lock();
        self.state.close();
        self.waiters.wake_all(locked, |want| want.closed = true);
    }

    pub(super) fn forget(&self, n: usize) -> usize {
        self.state.forget(n)
    }
}

/// One permit; given back when dropped.
pub(crate) struct RawPermit<'a>(&'a RawSemaphore);

impl RawPermit<'_> {
    pub(crate) fn forget(self) {
        std::mem::forget(self);
    }
}

impl Drop for RawPermit<'_> {
    fn drop(&mut self) {
        self.0.release(1);
    }
}

/// Gives the first in the queue what there is, and takes it out if that was all it
/// asked for.
#[inline]
fn serve_first(queue: &mut Queue<Want>, left: &mut usize) -> Option<Waker> {
    let first = queue.front()?;
    let given = first.needed.min(*left);
    first.needed -= given;
    *left -= given;
    match first.needed {
        0 => queue.pop_front(|_| {}),
        _ => None,
    }
}
