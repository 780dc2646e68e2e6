//! Taking a lock in turn: the phases of the future, which all locks share.
//!
//! A lock says how its word is changed; [`Acquiring`] tries without the queue, then
//! again with the queue's lock held, joins the queue, and gives up its place when it
//! is dropped.
//!
//! # Invariants
//!
//! 1. *Popped is a holder*: the lock takes itself for a waiter before it pops it. So an
//!    [`Acquiring`] that is queued no more has the lock, and lets go of it when it is
//!    dropped.
//! 2. A future has one place at most, and is in the queue of no lock but its own.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use sinew_core::coop;
use sinew_core::leaf::Kind;
use sinew_core::wait_list::{WaitList, Waiter};

/// A lock that is taken in turn.
pub(crate) trait InTurn {
    /// How it can be asked for.
    type Mode: Copy;

    /// Who waits for it.
    fn waiters(&self) -> &WaitList<(), Self::Mode>;

    /// Takes the lock in `mode` if that is possible and nobody is before us.
    fn try_take(&self, mode: Self::Mode) -> bool;

    /// With the list's lock held: as [`try_take`](Self::try_take), and if that is not
    /// possible, notes that somebody waits.
    fn take_or_wait(&self, mode: Self::Mode) -> bool;

    /// Lets go of the lock, which the caller holds in `mode`.
    fn release(&self, mode: Self::Mode);

    /// Whether who asks in `mode` goes before all others in the queue.
    #[inline]
    fn goes_first(_: Self::Mode) -> bool {
        false
    }

    /// Who asked in `mode` is gone, without having been handed the lock: leaves its
    /// `place` in the queue, or lets go of the lock that it was popped with. Without a
    /// place it had not asked yet.
    fn give_up(&self, mode: Self::Mode, place: Option<Pin<&Waiter<Self::Mode>>>);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Start,
    /// Pushed; perhaps popped meanwhile, and then a holder.
    Queued,
    /// The lock has been handed to the caller.
    Done,
}

pin_project! {
    /// Takes a lock, in turn.
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct Acquiring<'a, L: InTurn> {
        lock: &'a L,
        mode: L::Mode,
        phase: Phase,
        #[pin]
        waiter: Waiter<L::Mode>,
    }

    impl<L: InTurn> PinnedDrop for Acquiring<'_, L> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            if this.phase != Phase::Done {
                this.give_up();
            }
        }
    }
}

impl<'a, L: InTurn> Acquiring<'a, L> {
    /// Asks for `lock` in `mode` when it is polled. Says that it waits at `location`.
    #[inline]
    pub(crate) fn at(location: &'static Location<'static>, lock: &'a L, mode: L::Mode) -> Self {
        Acquiring {
            lock,
            mode,
            phase: Phase::Start,
            waiter: Waiter::at(location, mode),
        }
    }

    #[cold]
    #[inline(never)]
    fn give_up(self: Pin<&mut Self>) {
        let this = self.project();
        let place = (*this.phase == Phase::Queued).then_some(this.waiter.as_ref());
        this.lock.give_up(*this.mode, place);
    }

    /// Joins the queue, or sees to it that its place there wakes this task.
    #[inline(never)]
    fn wait(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let waits = match self.phase {
            Phase::Start => self.as_mut().queue(cx),
            Phase::Queued => {
                let waiters = self.lock.waiters();
                waiters.still_waiting(self.as_ref().project_ref().waiter, cx.waker())
            }
            Phase::Done => panic!("polled after it was ready"),
        };
        if waits {
            let resource = ptr::from_ref(self.lock).addr() as u64;
            return self.waiter.pending(Kind::Lock, resource);
        }
        self.finish(cx)
    }

    /// Joins the queue; `false` if the lock has become free and is ours.
    fn queue(self: Pin<&mut Self>, cx: &Context<'_>) -> bool {
        let this = self.project();
        // Before the list is locked: a clone may run any code.
        let waker = cx.waker().clone();
        let mut locked = this.lock.waiters().lock();
        if this.lock.take_or_wait(*this.mode) {
            drop(locked);
            drop(waker);
            return false;
        }
        *this.phase = Phase::Queued;
        let waiter = this.waiter.as_ref();
        if L::goes_first(*this.mode) {
            // SAFETY: the future borrows the lock, so that the list stays in place,
            // and gives up its place when it is dropped.
            unsafe { locked.queue.push_front(waiter, waker) };
        } else {
            // SAFETY: as above.
            unsafe { locked.queue.push_back(waiter, waker) };
        }
        true
    }

    /// Hands the lock, which is ours, to the caller, if the task has budget left.
    #[inline]
    fn finish(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Poll::Ready(proceed) = coop::poll_proceed(cx) else {
            self.postpone();
            return Poll::Pending;
        };
        *self.project().phase = Phase::Done;
        proceed.made_progress();
        Poll::Ready(())
    }

    /// The task's turn is over. What it had to wait for it keeps until the next; what
    /// was free it leaves to others, who would all have to wait for that turn.
    #[cold]
    fn postpone(self: Pin<&mut Self>) {
        let this = self.project();
        if *this.phase == Phase::Queued {
            return;
        }
        if L::goes_first(*this.mode) {
            *this.phase = Phase::Queued;
        } else {
            this.lock.release(*this.mode);
        }
    }
}

impl<L: InTurn> Future for Acquiring<'_, L> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // The place in the queue first, the budget after it: who has used up his
        // budget is not overtaken by those who come later.
        let ours = match self.phase {
            Phase::Start => self.lock.try_take(self.mode),
            // Invariant 1.
            Phase::Queued => !self.waiter.is_queued(),
            Phase::Done => false,
        };
        if ours {
            return self.finish(cx);
        }
        self.wait(cx)
    }
}
