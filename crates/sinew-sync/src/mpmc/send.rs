//! Waiting for room.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use sinew_core::coop;
use sinew_core::leaf::Kind;
use sinew_core::wait_list::Waiter;

use super::chan::Chan;
use super::error::{SendError, TrySendError};

pin_project! {
    /// Future of a value that is sent.
    pub(super) struct Send<C: AsRef<Chan<T>>, T> {
        chan: C,
        queued: bool,
        // Holds the value.
        #[pin]
        waiter: Waiter<Option<T>>,
    }

    impl<C: AsRef<Chan<T>>, T> PinnedDrop for Send<C, T> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            if this.queued {
                this.leave();
            }
        }
    }
}

impl<C: AsRef<Chan<T>>, T> Send<C, T> {
    pub(super) fn new(chan: C, value: T, location: &'static Location<'static>) -> Self {
        Send {
            chan,
            queued: false,
            waiter: Waiter::at(location, Some(value)),
        }
    }

    /// Gives up the place in the queue.
    #[cold]
    #[inline(never)]
    fn leave(self: Pin<&mut Self>) {
        let this = self.project();
        this.chan.as_ref().leave_sending(this.waiter.as_ref());
    }
}

impl<C: AsRef<Chan<T>>, T> Future for Send<C, T> {
    type Output = Result<(), SendError<T>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let proceed = ready!(coop::poll_proceed(cx));
        let mut this = self.project();
        let chan = (*this.chan).as_ref();
        let sent = if *this.queued {
            let waiter = this.waiter.as_ref();
            if chan.still_sending(waiter, cx.waker()) {
                return waiter.pending(Kind::Channel, chan.resource());
            }
            *this.queued = false;
            // Invariant 3: with the value still here, it was closed.
            let value = this.waiter.as_mut().data().and_then(Option::take);
            value.map_or(Ok(()), |value| Err(SendError(value)))
        } else {
            let Some(slot) = this.waiter.as_mut().data() else {
                unreachable!("it is in no queue");
            };
            let Some(value) = slot.take() else {
                panic!("a future was polled after it was ready");
            };
            match chan.try_send(value) {
                Ok(()) => Ok(()),
                Err(TrySendError::Closed(value)) => Err(SendError(value)),
                Err(TrySendError::Full(value)) => {
                    *slot = Some(value);
                    let waker = cx.waker().clone();
                    // SAFETY: the handle keeps the channel, so the queue stays in
                    // place, and we leave it when dropped.
                    match unsafe { chan.send_or_wait(this.waiter.as_mut(), waker) } {
                        Some(sent) => sent,
                        None => {
                            *this.queued = true;
                            return this.waiter.pending(Kind::Channel, chan.resource());
                        }
                    }
                }
            }
        };
        proceed.made_progress();
        Poll::Ready(sent)
    }
}
