//! `local::Notify`.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;
use sinew_core::coop;
use sinew_core::leaf::Kind;
use sinew_core::wait_list::{Left, Waiter};

use crate::local::list::List;
use crate::notify::{End, Told};

/// Tells futures to go on; carries no data.
///
/// See [`Notify`](crate::Notify); this one stays on its thread.
pub struct Notify {
    /// A notification for the next who waits. Nobody waits while it is there.
    stored: Cell<bool>,
    /// How often all were notified; wraps.
    calls: Cell<u64>,
    list: List<(), Told>,
    not_send: PhantomData<*const ()>,
}

impl Notify {
    /// Without a notification.
    #[must_use]
    pub const fn new() -> Notify {
        Notify {
            stored: Cell::new(false),
            calls: Cell::new(0),
            list: List::new(()),
            not_send: PhantomData,
        }
    }

    /// Waits to be notified. See [`Notify::notified`](crate::Notify::notified).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up its place in the queue. A notification that it
    /// got and has not seen goes to the next in line, or is stored.
    #[inline]
    #[track_caller]
    pub fn notified(&self) -> Notified<'_> {
        self.wait_as(Kind::Notify, Location::caller())
    }

    /// As [`notified`](Self::notified), for something that is built on this and
    /// waits as `kind`.
    #[inline]
    pub(super) fn wait_as(&self, kind: Kind, location: &'static Location<'static>) -> Notified<'_> {
        Notified {
            notify: self,
            calls: self.calls.get(),
            phase: Phase::Start,
            kind,
            waiter: Waiter::at(location, Told::Nothing),
        }
    }

    /// Notifies the future that has waited longest; if none waits, the next one.
    #[inline]
    pub fn notify_one(&self) {
        self.notify(End::First);
    }

    /// Notifies the future that has come last; if none waits, the next one.
    #[inline]
    pub fn notify_last(&self) {
        self.notify(End::Last);
    }

    #[inline]
    fn notify(&self, end: End) {
        // The borrow ends before the waker runs.
        match self.pop(end) {
            Some(waker) => waker.wake(),
            None => self.stored.set(true),
        }
    }

    #[inline]
    fn pop(&self, end: End) -> Option<Waker> {
        let queue = &mut self.list.borrow().queue;
        let tell = |told: &mut Told| *told = Told::One(end);
        match end {
            End::First => queue.pop_front(tell),
            End::Last => queue.pop_back(tell),
        }
    }

    /// Notifies all futures that wait, and all that [`notified`](Self::notified)
    /// has returned so far.
    pub fn notify_waiters(&self) {
        self.calls.set(self.calls.get().wrapping_add(1));
        self.list.borrow().queue.detach_all();
        loop {
            // The borrow ends before the waker runs.
            let popped = self
                .list
                .borrow()
                .queue
                .pop_detached(|told| *told = Told::All);
            match popped {
                Some(waker) => waker.wake(),
                None => return,
            }
        }
    }
}

impl Default for Notify {
    fn default() -> Notify {
        Notify::new()
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notify")
            .field("notified", &self.stored.get())
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Start,
    /// Pushed; perhaps popped meanwhile. Or notified without having waited, which
    /// the waiter's data says, when the task's budget is used up.
    Queued,
    Done,
}

pin_project! {
    /// Waits to be notified. Made by [`Notify::notified`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Notified<'a> {
        notify: &'a Notify,
        calls: u64,
        phase: Phase,
        kind: Kind,
        #[pin]
        waiter: Waiter<Told>,
    }

    impl PinnedDrop for Notified<'_> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            if this.phase == Phase::Queued {
                this.leave();
            }
        }
    }
}

impl Notified<'_> {
    /// Takes its place in the queue now, without a poll; `true` if it is notified
    /// already.
    pub fn enable(mut self: Pin<&mut Self>) -> bool {
        let notified = self.as_mut().advance(Waker::noop());
        if notified {
            *self.project().phase = Phase::Done;
        }
        notified
    }

    /// Gives the place up, and passes on what it got and has not seen.
    #[cold]
    fn leave(self: Pin<&mut Self>) {
        let this = self.project();
        let left = this.notify.list.leave(this.waiter.as_ref());
        if let (Left::Granted, Some(Told::One(end))) = (left, this.waiter.data().copied()) {
            this.notify.notify(end);
        }
    }

    /// What there is for it without waiting.
    #[inline]
    fn told(&self) -> Option<Told> {
        if self.notify.calls.get() != self.calls {
            return Some(Told::All);
        }
        let stored = self.notify.stored.take();
        stored.then_some(Told::One(End::First))
    }

    /// Whether it is notified. If not, it is in the queue afterwards, and `waker` will
    /// be woken.
    fn advance(mut self: Pin<&mut Self>, waker: &Waker) -> bool {
        let told = match self.phase {
            Phase::Done => return true,
            Phase::Start => match self.told() {
                Some(told) => told,
                None => match self.as_mut().start(waker) {
                    Some(told) => told,
                    None => return false,
                },
            },
            Phase::Queued => {
                let list = &self.notify.list;
                if !list.still_waiting(self.as_ref().project_ref().waiter, waker) {
                    return true;
                }
                if self.notify.calls.get() == self.calls {
                    return false;
                }
                // Told already, though not woken yet: `notify_waiters` is at it.
                list.leave(self.as_ref().project_ref().waiter);
                Told::All
            }
        };
        let this = self.project();
        *this.phase = Phase::Queued;
        if let Some(data) = this.waiter.data() {
            *data = told;
        }
        true
    }

    #[inline(never)]
    fn wait(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.as_mut().advance(cx.waker()) {
            return self.finish(None, cx);
        }
        let resource = ptr::from_ref(self.notify).addr() as u64;
        self.waiter.pending(self.kind, resource)
    }

    /// Tells the caller that it is notified, if the task has budget left. `told` is
    /// what is not in the waiter yet.
    #[inline]
    fn finish(self: Pin<&mut Self>, told: Option<Told>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let Poll::Ready(proceed) = coop::poll_proceed(cx) else {
            *this.phase = Phase::Queued;
            if let (Some(data), Some(told)) = (this.waiter.data(), told) {
                *data = told;
            }
            return Poll::Pending;
        };
        *this.phase = Phase::Done;
        proceed.made_progress();
        Poll::Ready(())
    }

    /// Gets into the queue, unless it is told something meanwhile.
    fn start(self: Pin<&mut Self>, waker: &Waker) -> Option<Told> {
        // Before the borrow, and before the last look: a clone may run any code.
        let waker = waker.clone();
        if let Some(told) = self.told() {
            return Some(told);
        }
        let this = self.project();
        let queue = &mut this.notify.list.borrow().queue;
        // SAFETY: the future borrows the `Notify`, so that the list stays in place,
        // and leaves the queue when it is dropped.
        unsafe { queue.push_back(this.waiter.as_ref(), waker) };
        *this.phase = Phase::Queued;
        None
    }
}

impl Future for Notified<'_> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // The place in the queue first, the budget after it: who has used up his
        // budget is not overtaken because of that.
        if self.phase == Phase::Start {
            if let Some(told) = self.told() {
                return self.finish(Some(told), cx);
            }
        }
        self.wait(cx)
    }
}

impl fmt::Debug for Notified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notified")
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}
