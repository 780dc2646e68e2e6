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

use super::{Semaphore, SemaphorePermit, WAITERS, Want};
use crate::{AcquireError, TryAcquireError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Start,
    /// Pushed; perhaps popped meanwhile.
    Queued,
    /// The permits have been handed to the caller.
    Done,
}

pin_project! {
    /// The wait for permits, in turn, for a future that knows how the semaphore is held.
    pub(in crate::local) struct Place {
        permits: usize,
        phase: Phase,
        #[pin]
        waiter: Waiter<Want>,
    }
}

impl Place {
    /// To wait for so many, made at `location`.
    #[inline]
    pub(in crate::local) fn new(location: &'static Location<'static>, permits: usize) -> Place {
        let want = Want {
            needed: permits,
            closed: false,
        };
        Place {
            permits,
            phase: Phase::Start,
            waiter: Waiter::at(location, want),
        }
    }

    /// The poll of the future, which waits as `kind`.
    #[inline]
    pub(in crate::local) fn poll(
        mut self: Pin<&mut Self>,
        semaphore: &Semaphore,
        kind: Kind,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), AcquireError>> {
        // The place in the queue first, the budget after it: who has used up his
        // budget is not overtaken by those who come later.
        let ours = match self.phase {
            Phase::Start => semaphore.try_take(self.permits).is_ok(),
            Phase::Queued => self.as_mut().is_served(),
            Phase::Done => false,
        };
        if ours {
            return self.finish(semaphore, cx);
        }
        self.wait(semaphore, kind, cx)
    }

    /// For the `drop` of the future. Gives up the place in the queue, and passes on what
    /// it got.
    #[inline]
    pub(in crate::local) fn leave(self: Pin<&mut Self>, semaphore: &Semaphore) {
        if self.phase == Phase::Queued {
            self.withdraw(semaphore);
        }
    }

    #[cold]
    fn withdraw(self: Pin<&mut Self>, semaphore: &Semaphore) {
        let this = self.project();
        semaphore.list.leave(this.waiter.as_ref());
        semaphore.note_leaving(&semaphore.list.borrow().queue);
        *this.phase = Phase::Done;
        // Still waiting or served: what it got is what is no longer needed.
        if let Some(want) = this.waiter.data() {
            semaphore.add_permits(*this.permits - want.needed);
        }
    }

    /// Takes the permits, or what there is of them and a place in the queue; whether it
    /// waits now.
    fn queue(
        self: Pin<&mut Self>,
        semaphore: &Semaphore,
        cx: &Context<'_>,
    ) -> Result<bool, AcquireError> {
        let mut this = self.project();
        // Before anything is looked at: a clone may run any code.
        let waker = cx.waker().clone();
        match semaphore.try_take(*this.permits) {
            Ok(()) => return Ok(false),
            Err(TryAcquireError::Closed) => return Err(AcquireError::closed()),
            Err(TryAcquireError::NoPermits) => {}
        }
        if let Some(want) = this.waiter.as_mut().data() {
            want.needed = *this.permits - semaphore.available_permits();
        }
        semaphore.word.set(WAITERS);
        let waiter = this.waiter.as_ref();
        // SAFETY: the futures that have a place borrow the semaphore, so that the list
        // stays in place, and leave the queue when they are dropped.
        unsafe { semaphore.list.borrow().queue.push_back(waiter, waker) };
        *this.phase = Phase::Queued;
        Ok(true)
    }

    /// Whether it was popped, and with all that it wants.
    #[inline]
    fn is_served(self: Pin<&mut Self>) -> bool {
        let want = self.project().waiter.data();
        want.is_some_and(|want| !want.closed)
    }

    /// Whether it waits, after it has joined the queue.
    fn look(
        mut self: Pin<&mut Self>,
        semaphore: &Semaphore,
        cx: &Context<'_>,
    ) -> Result<bool, AcquireError> {
        let list = &semaphore.list;
        if list.still_waiting(self.as_ref().project_ref().waiter, cx.waker()) {
            return Ok(true);
        }
        if self.as_mut().is_served() {
            return Ok(false);
        }
        self.withdraw(semaphore);
        Err(AcquireError::closed())
    }

    /// Takes the permits or a place in the queue, or looks what has become of it.
    #[inline(never)]
    fn wait(
        mut self: Pin<&mut Self>,
        semaphore: &Semaphore,
        kind: Kind,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), AcquireError>> {
        let waits = match self.phase {
            Phase::Start => self.as_mut().queue(semaphore, cx),
            Phase::Queued => self.as_mut().look(semaphore, cx),
            Phase::Done => panic!("polled after it was ready"),
        };
        match waits {
            Ok(true) => {
                let resource = ptr::from_ref(semaphore).addr() as u64;
                self.waiter.pending(kind, resource)
            }
            Ok(false) => self.finish(semaphore, cx),
            Err(closed) => Poll::Ready(Err(closed)),
        }
    }

    /// Hands the permits to the caller, if the task has budget left.
    #[inline]
    fn finish(
        self: Pin<&mut Self>,
        semaphore: &Semaphore,
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
    fn postpone(self: Pin<&mut Self>, semaphore: &Semaphore) {
        if self.phase == Phase::Start {
            semaphore.add_permits(self.permits);
        }
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
            this.place.leave(this.semaphore);
        }
    }
}

impl<'a> AcquireMany<'a> {
    #[inline]
    #[track_caller]
    pub(super) fn new(semaphore: &'a Semaphore, permits: usize) -> AcquireMany<'a> {
        AcquireMany {
            semaphore,
            place: Place::new(Location::caller(), permits),
        }
    }
}

impl<'a> Future for AcquireMany<'a> {
    type Output = Result<SemaphorePermit<'a>, AcquireError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let permits = this.place.permits;
        ready!(this.place.poll(this.semaphore, Kind::Semaphore, cx))?;
        Poll::Ready(Ok(SemaphorePermit {
            semaphore: this.semaphore,
            permits,
        }))
    }
}
