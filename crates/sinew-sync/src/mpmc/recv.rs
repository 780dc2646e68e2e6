//! Waiting for a value.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use sinew_core::coop;
use sinew_core::leaf::Kind;
use sinew_core::wait_list::Waiter;

use super::chan::Chan;
use super::error::RecvError;

pin_project! {
    /// Future of a value, again and again: after it was ready it can be polled for
    /// the next one.
    pub(super) struct Recv<C: AsRef<Chan<T>>, T> {
        chan: C,
        queued: bool,
        value: std::marker::PhantomData<fn() -> T>,
        #[pin]
        waiter: Waiter<()>,
    }

    impl<C: AsRef<Chan<T>>, T> PinnedDrop for Recv<C, T> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            if this.queued {
                this.leave();
            }
        }
    }
}

impl<C: AsRef<Chan<T>>, T> Recv<C, T> {
    pub(super) fn new(chan: C, location: &'static Location<'static>) -> Self {
        Recv {
            chan,
            queued: false,
            value: std::marker::PhantomData,
            waiter: Waiter::at(location, ()),
        }
    }

    /// Gives up the place in the queue.
    #[cold]
    #[inline(never)]
    fn leave(self: Pin<&mut Self>) {
        let this = self.project();
        this.chan.as_ref().leave_receiving(this.waiter.as_ref());
    }
}

impl<C: AsRef<Chan<T>>, T> Future for Recv<C, T> {
    type Output = Result<T, RecvError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let proceed = ready!(coop::poll_proceed(cx));
        let this = self.project();
        let chan = (*this.chan).as_ref();
        let waiter = this.waiter.as_ref();
        if *this.queued && chan.still_receiving(waiter, cx.waker()) {
            return waiter.pending(Kind::Channel, chan.resource());
        }
        *this.queued = false;
        // SAFETY: the handle keeps the channel, so the queue stays in place, and we
        // leave it when dropped.
        match unsafe { chan.recv_or_wait(waiter, cx.waker()) } {
            Some(received) => {
                proceed.made_progress();
                Poll::Ready(received)
            }
            None => {
                *this.queued = true;
                waiter.pending(Kind::Channel, chan.resource())
            }
        }
    }
}
