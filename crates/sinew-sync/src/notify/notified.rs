//! The futures of `Notify`.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::ptr;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;
use sinew_core::coop;
use sinew_core::leaf::Kind;
use sinew_core::wait_list::{Left, Waiter};

use crate::notify::{End, Notify, Told};

/// How far the wait has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Not in the queue yet.
    Start,
    /// Pushed; perhaps popped meanwhile. Or notified without having waited, which
    /// the waiter's data says, when the task's budget is used up.
    Queued,
    /// Notified, and the caller knows.
    Done,
}

pin_project! {
    /// The part that does not know how the `Notify` is held.
    pub(super) struct Place {
        phase: Phase,
        // How often all had been notified when this was made.
        calls: usize,
        #[pin]
        waiter: Waiter<Told>,
    }
}

impl Place {
    pub(super) fn new(calls: usize, location: &'static Location<'static>) -> Place {
        Place {
            phase: Phase::Start,
            calls,
            waiter: Waiter::at(location, Told::Nothing),
        }
    }

    /// Whether it is notified. If not, it is in the queue afterwards, and `waker`
    /// will be woken.
    #[inline]
    fn advance(self: Pin<&mut Self>, notify: &Notify, waker: &Waker) -> bool {
        let this = self.project();
        let told = match this.phase {
            Phase::Done => return true,
            Phase::Start => match start(notify, *this.calls, this.waiter.as_ref(), waker) {
                Told::Nothing => {
                    *this.phase = Phase::Queued;
                    return false;
                }
                told => told,
            },
            Phase::Queued => {
                if !notify.waiters.still_waiting(this.waiter.as_ref(), waker) {
                    return true;
                }
                if notify.state.load().calls() == *this.calls {
                    return false;
                }
                // Told already, though not woken yet: `notify_waiters` is at it.
                notify.waiters.leave(this.waiter.as_ref(), |_| {});
                Told::All
            }
        };
        *this.phase = Phase::Queued;
        if let Some(data) = this.waiter.data() {
            *data = told;
        }
        true
    }

    #[inline]
    fn poll(self: Pin<&mut Self>, notify: &Notify, cx: &mut Context<'_>) -> Poll<()> {
        // The place in the queue first, the budget after it: who has used up his
        // budget is not overtaken because of that.
        if self.phase == Phase::Start && notify.state.take_notification(self.calls) {
            return self.finish(Some(Told::One(End::First)), cx);
        }
        self.wait(notify, cx)
    }

    #[inline(never)]
    fn wait(mut self: Pin<&mut Self>, notify: &Notify, cx: &mut Context<'_>) -> Poll<()> {
        if self.as_mut().advance(notify, cx.waker()) {
            return self.finish(None, cx);
        }
        let resource = ptr::from_ref(notify).addr() as u64;
        self.waiter.pending(Kind::Notify, resource)
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

    fn enable(mut self: Pin<&mut Self>, notify: &Notify) -> bool {
        let notified = self.as_mut().advance(notify, Waker::noop());
        if notified {
            *self.project().phase = Phase::Done;
        }
        notified
    }

    /// Gives the place up, and passes on what it got and has not seen.
    #[inline]
    fn leave(self: Pin<&mut Self>, notify: &Notify) {
        if self.phase == Phase::Queued {
            self.withdraw(notify);
        }
    }

    #[cold]
    fn withdraw(self: Pin<&mut Self>, notify: &Notify) {
        let this = self.project();
        let left = notify.waiters.leave(this.waiter.as_ref(), |guarded| {
            // Also empty, with the mode `Empty` or `Notified` then, if all were set
            // apart to be woken and this was one of them.
            if guarded.queue.is_empty() {
                notify.state.stop_waiting_if_so();
            }
        });
        if left == Left::Granted {
            if let Some(Told::One(end)) = this.waiter.data().copied() {
                notify.notify(end);
            }
        }
    }
}

/// Puts the waiter into the queue, unless it is told something at once.
#[inline]
fn start(notify: &Notify, calls: usize, waiter: Pin<&Waiter<Told>>, waker: &Waker) -> Told {
    // Before the lock: a clone may run any code.
    let waker = waker.clone();
    let mut locked = notify.waiters.lock();
    let told = notify.state.start_waiting(calls);
    if told == Told::Nothing {
        // SAFETY: the futures below hold the `Notify`, so that it stays in place,
        // and call `leave` when they are dropped.
        unsafe { locked.queue.push_back(waiter, waker) };
    }
    told
}

pin_project! {
    /// Waits to be notified. Made by [`Notify::notified`].
    ///
    /// Once it is ready it stays so.
    #[must_use = "futures do nothing unless polled"]
    pub struct Notified<'a> {
        pub(super) notify: &'a Notify,
        #[pin]
        pub(super) place: Place,
    }

    impl PinnedDrop for Notified<'_> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.place.leave(this.notify);
        }
    }
}

impl Notified<'_> {
    /// Takes its place in the queue now, without a poll; `true` if it is notified
    /// already.
    ///
    /// For a check that must not miss a [`notify_one`](Notify::notify_one) between
    /// looking and waiting: enable first, look, then await.
    ///
    /// ```
    /// use sinew_sync::Notify;
    /// use std::pin::pin;
    ///
    /// # sinew_core::block_on(async {
    /// let notify = Notify::new();
    /// let mut notified = pin!(notify.notified());
    /// assert!(!notified.as_mut().enable());
    /// notify.notify_one(); // goes to `notified`, is not stored
    /// notified.await;
    /// # });
    /// ```
    pub fn enable(self: Pin<&mut Self>) -> bool {
        let this = self.project();
        this.place.enable(this.notify)
    }
}

impl Future for Notified<'_> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        this.place.poll(this.notify, cx)
    }
}

impl fmt::Debug for Notified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notified")
            .field("phase", &self.place.phase)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// Waits to be notified, and borrows nothing. Made by [`Notify::notified_owned`].
    ///
    /// Once it is ready it stays so.
    #[must_use = "futures do nothing unless polled"]
    pub struct OwnedNotified {
        pub(super) notify: Arc<Notify>,
        #[pin]
        pub(super) place: Place,
    }

    impl PinnedDrop for OwnedNotified {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.place.leave(this.notify);
        }
    }
}

impl OwnedNotified {
    /// As [`Notified::enable`].
    pub fn enable(self: Pin<&mut Self>) -> bool {
        let this = self.project();
        this.place.enable(this.notify)
    }
}

impl Future for OwnedNotified {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        this.place.poll(this.notify, cx)
    }
}

impl fmt::Debug for OwnedNotified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedNotified")
            .field("phase", &self.place.phase)
            .finish_non_exhaustive()
    }
}
