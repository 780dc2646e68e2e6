//! A semaphore without the permits that give themselves back.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use sinew_core::coop;
use sinew_core::leaf::Kind;
use sinew_core::wait_list::{Queue, WaitList, Waiter};
use sinew_core::waker::WakeList;

use crate::AcquireError;
use crate::primitives::const_fn;
use crate::semaphore::permits::{Claim, Given, Refusal, Snapshot, StateCell};

pub(crate) struct RawSemaphore {
    state: StateCell,
    waiters: WaitList<(), Want>,
}

/// What a waiter wants.
#[derive(Clone, Copy, Debug)]
struct Want {
    /// How many permits are still to come.
    needed: usize,
    /// It was popped because the semaphore was closed.
    closed: bool,
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
    #[track_caller]
    pub(crate) fn acquire(&self, n: usize) -> Taking<'_> {
        self.acquire_at(Location::caller(), n)
    }

    #[inline]
    pub(crate) fn acquire_at(&self, location: &'static Location<'static>, n: usize) -> Taking<'_> {
        let want = Want {
            needed: n,
            closed: false,
        };
        Taking {
            semaphore: self,
            wanted: n,
            phase: Phase::Start,
            waiter: Waiter::at(location, want),
        }
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
        while left > 0 {
            // Made before the lock is taken, so that it is dropped after it.
            let mut batch = WakeList::new();
            let mut locked = self.waiters.lock();
            grant(&mut locked.queue, &mut left, &mut batch);
            if locked.queue.is_empty() {
                self.state.settle(left);
                left = 0;
            }
            drop(locked);
            batch.wake_all();
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

/// Serves from the front of the queue until the permits, the queue or the batch
/// come to an end.
fn grant(queue: &mut Queue<Want>, left: &mut usize, batch: &mut WakeList) {
    while *left > 0 && batch.can_push() {
        let Some(first) = queue.front() else { return };
        let given = first.needed.min(*left);
        first.needed -= given;
        *left -= given;
        if first.needed > 0 {
            return;
        }
        if let Some(waker) = queue.pop_front(|_| {}) {
            batch.push(waker);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Start,
    /// Pushed; perhaps popped meanwhile.
    Queued,
    /// The permits have been handed to the caller, or there are none.
    Done,
}

pin_project! {
    /// Takes permits, in turn.
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct Taking<'a> {
        semaphore: &'a RawSemaphore,
        wanted: usize,
        phase: Phase,
        #[pin]
        waiter: Waiter<Want>,
    }

    impl PinnedDrop for Taking<'_> {
        fn drop(this: Pin<&mut Self>) {
            if this.phase == Phase::Queued {
                this.leave();
            }
        }
    }
}

impl Taking<'_> {
    /// Gives up the place in the queue, and gives back what has come so far.
    #[cold]
    fn leave(self: Pin<&mut Self>) {
        let this = self.project();
        let semaphore = *this.semaphore;
        // Still waiting or popped: what has come is what is no longer needed.
        semaphore.waiters.leave(this.waiter.as_ref(), |guarded| {
            if guarded.queue.is_empty() {
                semaphore.state.settle(0);
            }
        });
        *this.phase = Phase::Done;
        if let Some(want) = this.waiter.data() {
            semaphore.release(*this.wanted - want.needed);
        }
    }

    /// Takes the permits, or else a place in the queue.
    fn queue(self: Pin<&mut Self>, cx: &Context<'_>) -> Claim {
        let mut this = self.project();
        // Before the lock: a clone may run any code.
        let waker = cx.waker().clone();
        let mut locked = this.semaphore.waiters.lock();
        let claim = this.semaphore.state.take_or_queue(*this.wanted);
        if let Claim::Queue { needed } = claim {
            if let Some(want) = this.waiter.as_mut().data() {
                want.needed = needed;
            }
            *this.phase = Phase::Queued;
            // SAFETY: the future borrows the semaphore, so that the list stays in
            // place, and leaves the queue when it is dropped.
            unsafe { locked.queue.push_back(this.waiter.as_ref(), waker) };
        }
        claim
    }

    /// Whether it was popped, and with all that it wants.
    #[inline]
    fn is_served(self: Pin<&mut Self>) -> bool {
        let want = self.project().waiter.data();
        want.is_some_and(|want| !want.closed)
    }

    fn look(self: Pin<&mut Self>, cx: &Context<'_>) -> Claim {
        let waiters = &self.semaphore.waiters;
        if waiters.still_waiting(self.as_ref().project_ref().waiter, cx.waker()) {
            return Claim::Queue { needed: 0 };
        }
        match self.is_served() {
            true => Claim::Taken,
            false => Claim::Closed,
        }
    }

    /// Takes the permits or a place in the queue, or looks what has become of it.
    #[inline(never)]
    fn wait(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), AcquireError>> {
        let claim = match self.phase {
            Phase::Start => self.as_mut().queue(cx),
            Phase::Queued => self.as_mut().look(cx),
            Phase::Done => panic!("polled after it was ready"),
        };
        match claim {
            Claim::Taken => self.finish(cx),
            Claim::Closed => {
                if self.phase == Phase::Queued {
                    self.leave();
                }
                Poll::Ready(Err(AcquireError::closed()))
            }
            Claim::Queue { .. } => {
                let resource = ptr::from_ref(self.semaphore).addr() as u64;
                self.waiter.pending(Kind::Semaphore, resource)
            }
        }
    }

    /// Hands the permits to the caller, if the task has budget left.
    #[inline]
    fn finish(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), AcquireError>> {
        let Poll::Ready(proceed) = coop::poll_proceed(cx) else {
            self.postpone();
            return Poll::Pending;
        };
        *self.project().phase = Phase::Done;
        proceed.made_progress();
        Poll::Ready(Ok(()))
    }

    /// The task's turn is over. What it had to wait for it keeps until the next; what
    /// was free it leaves to others, who might have to wait for that turn.
    #[cold]
    fn postpone(self: Pin<&mut Self>) {
        if self.phase == Phase::Start {
            self.semaphore.release(self.wanted);
        }
    }
}

impl Future for Taking<'_> {
    type Output = Result<(), AcquireError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // The place in the queue first, the budget after it: who has used up his
        // budget is not overtaken by those who come later.
        let ours = match self.phase {
            Phase::Start => self.semaphore.state.take(self.wanted).is_ok(),
            Phase::Queued => self.as_mut().is_served(),
            Phase::Done => false,
        };
        if ours {
            return self.finish(cx);
        }
        self.wait(cx)
    }
}
