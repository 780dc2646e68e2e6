//! The futures of permits.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use sinew_core::coop;
use sinew_core::leaf::Kind;
use sinew_core::wait_list::Waiter;

use crate::semaphore::permits::Claim;
use crate::semaphore::raw::{RawSemaphore, Want};
use crate::{AcquireError, Semaphore, SemaphorePermit};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Start,
    /// Pushed; perhaps popped meanwhile.
    Queued,
    /// The permits have been handed to the caller, or there are none.
    Done,
}

pin_project! {
    /// The part that does not know how the semaphore is held.
    struct Place {
        wanted: usize,
        phase: Phase,
        #[pin]
        waiter: Waiter<Want>,
    }
}

impl Place {
    #[inline]
    fn new(location: &'static Location<'static>, wanted: usize) -> Place {
        let want = Want {
            needed: wanted,
            closed: false,
        };
        Place {
            wanted,
            phase: Phase::Start,
            waiter: Waiter::at(location, want),
        }
    }

    #[inline]
    fn poll(
        mut self: Pin<&mut Self>,
        semaphore: &RawSemaphore,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), AcquireError>> {
        // The place in the queue first, the budget after it: who has used up his
        // budget is not overtaken by those who come later.
        let ours = match self.phase {
            Phase::Start => semaphore.state.take(self.wanted).is_ok(),
            Phase::Queued => self.as_mut().is_served(),
            Phase::Done => false,
        };
        if ours {
            return self.finish(semaphore, cx);
        }
        self.wait(semaphore, cx)
    }

    /// Takes the permits or a place in the queue, or looks what has become of it.
    #[inline(never)]
    fn wait(
        mut self: Pin<&mut Self>,
        semaphore: &RawSemaphore,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), AcquireError>> {
        let claim = match self.phase {
            Phase::Start => self.as_mut().queue(semaphore, cx),
            Phase::Queued => self.as_mut().look(semaphore, cx),
            Phase::Done => panic!("polled after it was ready"),
        };
        match claim {
            Claim::Taken => self.finish(semaphore, cx),
            Claim::Closed => {
                if self.phase == Phase::Queued {
                    self.withdraw(semaphore);
                }
                Poll::Ready(Err(AcquireError::closed()))
            }
            Claim::Queue { .. } => {
                let resource = ptr::from_ref(semaphore).addr() as u64;
                self.waiter.pending(Kind::Semaphore, resource)
            }
        }
    }

    /// Takes the permits, or else a place in the queue.
    fn queue(self: Pin<&mut Self>, semaphore: &RawSemaphore, cx: &Context<'_>) -> Claim {
        let mut this = self.project();
        // Before the lock: a clone may run any code.
        let waker = cx.waker().clone();
        let mut locked = semaphore.waiters.lock();
        let claim = semaphore.state.take_or_queue(*this.wanted);
        if let Claim::Queue { needed } = claim {
            if let Some(want) = this.waiter.as_mut().data() {
                want.needed = needed;
            }
            *this.phase = Phase::Queued;
            // SAFETY: the futures below borrow the semaphore, so that the list stays in
            // place, and leave the queue when they are dropped.
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

    fn look(self: Pin<&mut Self>, semaphore: &RawSemaphore, cx: &Context<'_>) -> Claim {
        let waiters = &semaphore.waiters;
        if waiters.still_waiting(self.as_ref().project_ref().waiter, cx.waker()) {
            return Claim::Queue { needed: 0 };
        }
        match self.is_served() {
            true => Claim::Taken,
            false => Claim::Closed,
        }
    }

    /// Hands the permits to the caller, if the task has budget left.
    #[inline]
    fn finish(
        self: Pin<&mut Self>,
        semaphore: &RawSemaphore,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), AcquireError>> {
        let Poll::Ready(proceed) = coop::poll_proceed(cx) else {
            self.postpone(semaphore);
            return Poll::Pending;
        };
        *self.project().phase = Phase::Done;
        proceed.made_progress();
        Poll::Ready(Ok(()))
    }

    /// The task's turn is over. What it had to wait for it keeps until the next; what
    /// was free it leaves to others, who might have to wait for that turn.
    #[cold]
    fn postpone(self: Pin<&mut Self>, semaphore: &RawSemaphore) {
        if self.phase == Phase::Start {
            semaphore.release(self.wanted);
        }
    }

    /// For the `drop` of the future.
    #[inline]
    fn leave(self: Pin<&mut Self>, semaphore: &RawSemaphore) {
        if self.phase == Phase::Queued {
            self.withdraw(semaphore);
        }
    }

    /// Gives up the place in the queue, and gives back what has come so far.
    #[cold]
    fn withdraw(self: Pin<&mut Self>, semaphore: &RawSemaphore) {
        let this = self.project();
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
}

pin_project! {
    /// Takes permits, in turn.
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct Taking<'a> {
        semaphore: &'a RawSemaphore,
        #[pin]
        place: Place,
    }

    impl PinnedDrop for Taking<'_> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.place.leave(this.semaphore);
        }
    }
}

impl<'a> Taking<'a> {
    #[inline]
    pub(super) fn new(
        semaphore: &'a RawSemaphore,
        location: &'static Location<'static>,
        wanted: usize,
    ) -> Taking<'a> {
        Taking {
            semaphore,
            place: Place::new(location, wanted),
        }
    }
}

impl Future for Taking<'_> {
    type Output = Result<(), AcquireError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.place.poll(this.semaphore, cx)
    }
}

pin_project! {
    /// Takes permits that give themselves back, in turn.
    #[must_use = "futures do nothing unless polled"]
    pub(super) struct AcquireMany<'a> {
        semaphore: &'a Semaphore,
        #[pin]
        place: Place,
    }

    impl PinnedDrop for AcquireMany<'_> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.place.leave(&this.semaphore.raw);
        }
    }
}

impl<'a> AcquireMany<'a> {
    #[inline]
    #[track_caller]
    pub(super) fn new(semaphore: &'a Semaphore, wanted: usize) -> AcquireMany<'a> {
        AcquireMany {
            semaphore,
            place: Place::new(Location::caller(), wanted),
        }
    }
}

impl<'a> Future for AcquireMany<'a> {
    type Output = Result<SemaphorePermit<'a>, AcquireError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let permits = this.place.wanted;
        ready!(this.place.poll(&this.semaphore.raw, cx))?;
        Poll::Ready(Ok(SemaphorePermit {
            semaphore: this.semaphore,
            permits,
        }))
    }
}
