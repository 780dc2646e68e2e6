//! Waiting for the next value.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;
use sinew_core::coop;
use sinew_core::leaf::Kind;
use sinew_core::wait_list::Waiter;

use super::error::{RecvError, TryRecvError};
use super::receiver::Receiver;

pin_project! {
    /// Future of the next value.
    pub(super) struct Recv<'a, T> {
        receiver: &'a mut Receiver<T>,
        queued: bool,
        #[pin]
        waiter: Waiter<()>,
    }

    impl<T> PinnedDrop for Recv<'_, T> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            if this.queued {
                this.leave();
            }
        }
    }
}

impl<'a, T> Recv<'a, T> {
    #[inline]
    pub(super) fn new(receiver: &'a mut Receiver<T>, location: &'static Location<'static>) -> Self {
        Recv {
            receiver,
            queued: false,
            waiter: Waiter::at(location, ()),
        }
    }
}

impl<T> Recv<'_, T> {
    /// Gives up the place in the queue.
    #[cold]
    #[inline(never)]
    fn leave(self: Pin<&mut Self>) {
        let this = self.project();
        // All are woken together, so a wake-up need not be passed on.
        let tail = &this.receiver.shared().tail;
        tail.leave(this.waiter.as_ref(), |_| {});
    }
}

impl<T: Clone> Future for Recv<'_, T> {
    type Output = Result<T, RecvError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let proceed = ready!(coop::poll_proceed(cx));
        let this = self.project();
        let (receiver, waiter) = (&mut **this.receiver, this.waiter.as_ref());
        let resource = receiver.resource();
        if *this.queued && receiver.shared().tail.still_waiting(waiter, cx.waker()) {
            return waiter.pending(Kind::Channel, resource);
        }
        *this.queued = false;
        let place = Place {
            waiter,
            waker: cx.waker(),
            queued: this.queued,
        };
        let received = match receiver.receive(T::clone, Some(place)) {
            Ok(value) => Ok(value),
            Err(TryRecvError::Lagged(missed)) => Err(RecvError::Lagged(missed)),
            Err(TryRecvError::Closed) => Err(RecvError::Closed),
            Err(TryRecvError::Empty) => return waiter.pending(Kind::Channel, resource),
        };
        proceed.made_progress();
        Poll::Ready(received)
    }
}

/// Where to wait if there is nothing to receive.
pub(super) struct Place<'a> {
    pub(super) waiter: Pin<&'a Waiter<()>>,
    pub(super) waker: &'a Waker,
    /// Is set when `waiter` was put into the queue.
    pub(super) queued: &'a mut bool,
}
