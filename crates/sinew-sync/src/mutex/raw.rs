//! A lock without data.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use sinew_core::coop;
use sinew_core::leaf::Kind;
use sinew_core::wait_list::{Left, WaitList, Waiter};

use crate::mutex::state::StateCell;
use crate::primitives::const_fn;

pub(crate) struct RawMutex {
    state: StateCell,
    waiters: WaitList<(), ()>,
}

impl RawMutex {
    const_fn! {
        pub(crate) const fn new() -> RawMutex {
            RawMutex {
                state: StateCell::new(),
                waiters: WaitList::new(()),
            }
        }
    }

    #[inline]
    pub(crate) fn try_lock(&self) -> bool {
        self.state.try_lock()
    }

    #[inline]
    #[track_caller]
    pub(crate) fn lock(&self) -> Lock<'_> {
        self.lock_at(Location::caller())
    }

    #[inline]
    pub(crate) fn lock_at(&self, location: &'static Location<'static>) -> Lock<'_> {
        Lock {
            mutex: self,
            phase: Phase::Start,
            waiter: Waiter::at(location, ()),
        }
    }

    /// Only for who holds the lock.
    #[inline]
    pub(crate) fn unlock(&self) {
        if !self.state.unlock() {
            self.hand_over();
        }
    }

    /// Passes the lock, which stays locked, to who has waited longest.
    #[cold]
    #[inline(never)]
    fn hand_over(&self) {
        let mut locked = self.waiters.lock();
        let next = locked.queue.pop_front(|()| {});
        if next.is_none() {
            // All have left since we looked.
            self.state.unlock_held();
        } else if locked.queue.is_empty() {
            self.state.stop_waiting();
        }
        drop(locked);
        if let Some(waker) = next {
            waker.wake();
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Start,
    /// Pushed; perhaps popped meanwhile, and then the holder. Or the holder without
    /// having waited, when the task's budget is used up.
    Queued,
    /// The lock has been handed to the caller.
    Done,
}

pin_project! {
    /// Takes the lock, in turn.
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct Lock<'a> {
        mutex: &'a RawMutex,
        phase: Phase,
        #[pin]
        waiter: Waiter<()>,
    }

    impl PinnedDrop for Lock<'_> {
        fn drop(this: Pin<&mut Self>) {
            if this.phase == Phase::Queued {
                this.leave();
            }
        }
    }
}

impl Lock<'_> {
    #[cold]
    fn leave(self: Pin<&mut Self>) {
        let mutex = self.mutex;
        let left = mutex
            .waiters
            .leave(self.project().waiter.as_ref(), |guarded| {
                if guarded.queue.is_empty() {
                    mutex.state.stop_waiting();
                }
            });
        if left == Left::Granted {
            mutex.unlock();
        }
    }

    /// Joins the queue, or looks what has become of the place in it.
    #[inline(never)]
    fn wait(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let waits = match self.phase {
            Phase::Start => self.as_mut().queue(cx),
            Phase::Queued => {
                let waiters = &self.mutex.waiters;
                waiters.still_waiting(self.as_ref().project_ref().waiter, cx.waker())
            }
            Phase::Done => panic!("polled after it was ready"),
        };
        if waits {
            let resource = ptr::from_ref(self.mutex).addr() as u64;
            return self.waiter.pending(Kind::Lock, resource);
        }
        self.finish(cx)
    }

    /// Hands the lock, which is ours, to the caller, if the task has budget left.
    #[inline]
    fn finish(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let phase = self.project().phase;
        let Poll::Ready(proceed) = coop::poll_proceed(cx) else {
            *phase = Phase::Queued;
            return Poll::Pending;
        };
        *phase = Phase::Done;
        proceed.made_progress();
        Poll::Ready(())
    }

    /// Joins the queue; `false` if the lock has become free and is ours.
    fn queue(self: Pin<&mut Self>, cx: &Context<'_>) -> bool {
        let this = self.project();
        // Before the lock: a clone may run any code.
        let waker = cx.waker().clone();
        let mut locked = this.mutex.waiters.lock();
        if !this.mutex.state.wait_or_lock() {
            drop(locked);
            drop(waker);
            return false;
        }
        // SAFETY: the future borrows the mutex, so that the list stays in place, and
        // leaves the queue when it is dropped.
        unsafe { locked.queue.push_back(this.waiter.as_ref(), waker) };
        *this.phase = Phase::Queued;
        true
    }
}

impl Future for Lock<'_> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // The place in the queue first, the budget after it: who has used up his
        // budget is not overtaken because of that.
        if self.phase == Phase::Start && self.mutex.try_lock() {
            return self.finish(cx);
        }
        self.wait(cx)
    }
}
