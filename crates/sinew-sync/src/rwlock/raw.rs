//! A reader-writer lock without data.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use sinew_core::coop;
use sinew_core::leaf::Kind;
use sinew_core::wait_list::{Guarded, Left, WaitList, Waiter};
use sinew_core::waker::WakeList;

use crate::primitives::const_fn;
use crate::rwlock::state::{Mode, Released, StateCell};

pub(crate) struct RawRwLock {
    state: StateCell,
    max_readers: u32,
    waiters: WaitList<(), Mode>,
}

impl RawRwLock {
    const_fn! {
        pub(crate) const fn new(max_readers: u32) -> RawRwLock {
            RawRwLock {
                state: StateCell::new(),
                max_readers,
                waiters: WaitList::new(()),
            }
        }
    }

    #[inline]
    fn max_readers(&self) -> usize {
        self.max_readers as usize
    }

    #[inline]
    pub(super) fn try_take(&self, mode: Mode) -> bool {
        self.state.try_take(mode, self.max_readers())
    }

    /// Takes the lock in `mode`, in turn. For [`Mode::Upgrade`] the caller gives its
    /// upgradable lock to the future.
    #[inline]
    #[track_caller]
    pub(super) fn take(&self, mode: Mode) -> Take<'_> {
        self.take_at(Location::caller(), mode)
    }

    #[inline]
    pub(super) fn take_at(&self, location: &'static Location<'static>, mode: Mode) -> Take<'_> {
        Take {
            lock: self,
            mode,
            phase: Phase::Start,
            waiter: Waiter::at(location, mode),
        }
    }

    /// Only for who holds the lock in `mode`.
    #[inline]
    pub(super) fn release(&self, mode: Mode) {
        let released = self.state.release(mode, self.max_readers());
        self.follow_up(released);
    }

    /// Only for who holds the lock to write; then it is held to read.
    pub(super) fn downgrade(&self) {
        self.follow_up(self.state.downgrade());
    }

    /// Only for who holds the lock upgradable; then it is held to read.
    pub(super) fn forgo_upgrade(&self) {
        self.follow_up(self.state.forgo_upgrade());
    }

    #[inline]
    fn follow_up(&self, released: Released) {
        if released == Released::ServeQueue {
            self.serve_queue();
        }
    }

    #[cold]
    #[inline(never)]
    fn serve_queue(&self) {
        loop {
            // Made before the list is locked, so that it is dropped after it.
            let mut batch = WakeList::new();
            let mut locked = self.waiters.lock();
            let served = self.serve(&mut locked, &mut batch);
            drop(locked);
            batch.wake_all();
            if served == Served::All {
                return;
            }
        }
    }

    /// Gives the lock to those at the front of the queue who can have it.
    fn serve(&self, guarded: &mut Guarded<(), Mode>, batch: &mut WakeList) -> Served {
        let queue = &mut guarded.queue;
        while let Some(mode) = queue.front().copied() {
            if !batch.can_push() {
                return Served::FullBatch;
            }
            if !self.state.take_for_waiter(mode, self.max_readers()) {
                return Served::All;
            }
            if let Some(waker) = queue.pop_front(|_| {}) {
                batch.push(waker);
            }
        }
        self.state.stop_waiting();
        Served::All
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Served {
    All,
    /// There may be more to serve; wake these first.
    FullBatch,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Start,
    /// Pushed; perhaps popped meanwhile, and then a holder. Or a holder without
    /// having waited, when the task's budget is used up.
    Queued,
    /// The lock has been handed to the caller.
    Done,
}

pin_project! {
    /// Takes the lock, in turn.
    #[must_use = "futures do nothing unless polled"]
    pub(super) struct Take<'a> {
        lock: &'a RawRwLock,
        mode: Mode,
        phase: Phase,
        #[pin]
        waiter: Waiter<Mode>,
    }

    impl PinnedDrop for Take<'_> {
        fn drop(this: Pin<&mut Self>) {
            // An upgrade holds the lock from the start.
            if this.phase == Phase::Queued
                || (this.mode == Mode::Upgrade && this.phase == Phase::Start)
            {
                this.leave();
            }
        }
    }
}

impl Take<'_> {
    #[cold]
    fn leave(self: Pin<&mut Self>) {
        let (lock, mode, phase) = (self.lock, self.mode, self.phase);
        let mut served = Served::All;
        let mut batch = WakeList::new();
        let left = match phase {
            // Who stood behind us may be able to go on.
            Phase::Queued => lock
                .waiters
                .leave(self.project().waiter.as_ref(), |guarded| {
                    served = lock.serve(guarded, &mut batch);
                }),
            Phase::Start | Phase::Done => Left::Waiting,
        };
        batch.wake_all();
        if served == Served::FullBatch {
            lock.serve_queue();
        }
        match (left, mode) {
            (Left::Granted, mode) => lock.release(mode),
            (Left::Waiting, Mode::Upgrade) => lock.release(Mode::Upgradable),
            (Left::Waiting, _) => {}
        }
    }

    /// Joins the queue, or looks what has become of the place in it.
    #[inline(never)]
    fn wait(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let waits = match self.phase {
            Phase::Start => self.as_mut().queue(cx),
            Phase::Queued => {
                let waiters = &self.lock.waiters;
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

    /// Joins the queue; `false` if the lock could be taken after all.
    fn queue(self: Pin<&mut Self>, cx: &Context<'_>) -> bool {
        let this = self.project();
        let lock = *this.lock;
        // Before the list is locked: a clone may run any code.
        let waker = cx.waker().clone();
        let mut locked = lock.waiters.lock();
        if lock.state.take_or_wait(*this.mode, lock.max_readers()) {
            drop(locked);
            drop(waker);
            return false;
        }
        *this.phase = Phase::Queued;
        let waiter = this.waiter.as_ref();
        if *this.mode == Mode::Upgrade {
            // Before all others: they wait for this reader to leave.
            // SAFETY: the future borrows the lock, so that the list stays in place,
            // and leaves the queue when it is dropped.
            unsafe { locked.queue.push_front(waiter, waker) };
        } else {
            // SAFETY: as above.
            unsafe { locked.queue.push_back(waiter, waker) };
        }
        true
    }
}

impl Future for Take<'_> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // The place in the queue first, the budget after it: who has used up his
        // budget is not overtaken because of that.
        if self.phase == Phase::Start && self.lock.try_take(self.mode) {
            return self.finish(cx);
        }
        self.wait(cx)
    }
}
