//! `local::Notify`.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll, Waker, ready};

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
    list: List<State, Told>,
    not_send: PhantomData<*const ()>,
}

struct State {
    /// A notification for the next who waits.
    stored: bool,
    /// How often all were notified; wraps.
    calls: u64,
}

impl Notify {
    /// Without a notification.
    #[must_use]
    pub const fn new() -> Notify {
        Notify {
            list: List::new(State {
                stored: false,
                calls: 0,
            }),
            not_send: PhantomData,
        }
    }

    /// Waits to be notified. See [`Notify::notified`](crate::Notify::notified).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up its place in the queue. A notification that it
    /// got and has not seen goes to the next in line, or is stored.
    #[track_caller]
    pub fn notified(&self) -> Notified<'_> {
        self.wait_as(Kind::Notify, Location::caller())
    }

    /// As [`notified`](Self::notified), for something that is built on this and
    /// waits as `kind`.
    pub(super) fn wait_as(&self, kind: Kind, location: &'static Location<'static>) -> Notified<'_> {
        Notified {
            notify: self,
            calls: self.list.borrow().state.calls,
            phase: Phase::Start,
            kind,
            waiter: Waiter::at(location, Told::Nothing),
        }
    }

    /// Notifies the future that has waited longest; if none waits, the next one.
    pub fn notify_one(&self) {
        self.notify(End::First);
    }

    /// Notifies the future that has come last; if none waits, the next one.
    pub fn notify_last(&self) {
        self.notify(End::Last);
    }

    fn notify(&self, end: End) {
        let popped = {
            let guarded = &mut *self.list.borrow();
            let tell = |told: &mut Told| *told = Told::One(end);
            let popped = match end {
                End::First => guarded.queue.pop_front(tell),
                End::Last => guarded.queue.pop_back(tell),
            };
            guarded.state.stored |= popped.is_none();
            popped
        };
        if let Some(waker) = popped {
            waker.wake();
        }
    }

    /// Notifies all futures that wait, and all that [`notified`](Self::notified)
    /// has returned so far.
    pub fn notify_waiters(&self) {
        {
            let guarded = &mut *self.list.borrow();
            guarded.state.calls = guarded.state.calls.wrapping_add(1);
            guarded.queue.detach_all();
        }
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
        let stored = self.list.borrow().state.stored;
        f.debug_struct("Notify")
            .field("notified", &stored)
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
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if *this.phase != Phase::Queued {
                return;
            }
            let left = this.notify.list.leave(this.waiter.as_ref());
            if let (Left::Granted, Some(Told::One(end))) = (left, this.waiter.data().copied()) {
                this.notify.notify(end);
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

    fn advance(self: Pin<&mut Self>, waker: &Waker) -> bool {
        let this = self.project();
        let list = &this.notify.list;
        let told = match this.phase {
            Phase::Done => return true,
            Phase::Queued if !list.still_waiting(this.waiter.as_ref(), waker) => return true,
            Phase::Queued if list.borrow().state.calls == *this.calls => return false,
            Phase::Queued => {
                // Told already, though not woken yet: `notify_waiters` is at it.
                list.leave(this.waiter.as_ref());
                Told::All
            }
            Phase::Start => {
                // Before the borrow: a clone may run any code.
                let waker = waker.clone();
                let guarded = &mut *list.borrow();
                if guarded.state.calls != *this.calls {
                    Told::All
                } else if std::mem::take(&mut guarded.state.stored) {
                    Told::One(End::First)
                } else {
                    // SAFETY: the future borrows the `Notify`, so that the list
                    // stays in place, and leaves the queue when it is dropped.
                    unsafe { guarded.queue.push_back(this.waiter.as_ref(), waker) };
                    *this.phase = Phase::Queued;
                    return false;
                }
            }
        };
        *this.phase = Phase::Queued;
        if let Some(data) = this.waiter.data() {
            *data = told;
        }
        true
    }
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.as_mut().advance(cx.waker()) {
            let proceed = ready!(coop::poll_proceed(cx));
            *self.project().phase = Phase::Done;
            proceed.made_progress();
            return Poll::Ready(());
        }
        let resource = ptr::from_ref(self.notify).addr() as u64;
        self.waiter.pending(self.kind, resource)
    }
}

impl fmt::Debug for Notified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notified")
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}
