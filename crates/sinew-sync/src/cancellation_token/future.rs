//! The futures of a token.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use sinew_core::coop;
use sinew_core::leaf::Kind;

use crate::CancellationToken;
use crate::latch::Place;

fn poll(token: &CancellationToken, place: Pin<&mut Place>, cx: &mut Context<'_>) -> Poll<()> {
    let proceed = ready!(coop::poll_proceed(cx));
    // SAFETY: the futures below hold the token, and leave when they are dropped.
    ready!(unsafe { place.poll(token.latch(), Kind::Cancellation, cx) });
    proceed.made_progress();
    Poll::Ready(())
}

pin_project! {
    /// Waits until a [`CancellationToken`] is cancelled. Made by
    /// [`CancellationToken::cancelled`].
    ///
    /// Once it is ready it stays so.
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitForCancellationFuture<'a> {
        pub(super) token: &'a CancellationToken,
        #[pin]
        pub(super) place: Place,
    }

    impl PinnedDrop for WaitForCancellationFuture<'_> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.place.leave(this.token.latch());
        }
    }
}

impl Future for WaitForCancellationFuture<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        poll(this.token, this.place, cx)
    }
}

impl fmt::Debug for WaitForCancellationFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancellationFuture")
            .field("token", self.token)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// Waits until a [`CancellationToken`] is cancelled, and borrows nothing. Made
    /// by [`CancellationToken::cancelled_owned`].
    ///
    /// Once it is ready it stays so.
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitForCancellationFutureOwned {
        pub(super) token: CancellationToken,
        #[pin]
        pub(super) place: Place,
    }

    impl PinnedDrop for WaitForCancellationFutureOwned {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.place.leave(this.token.latch());
        }
    }
}

impl Future for WaitForCancellationFutureOwned {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        poll(this.token, this.place, cx)
    }
}

impl fmt::Debug for WaitForCancellationFutureOwned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancellationFutureOwned")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// Runs a future until the token is cancelled.
    pub(super) struct Run<'a, F> {
        #[pin]
        pub(super) cancelled: WaitForCancellationFuture<'a>,
        #[pin]
        pub(super) future: F,
        pub(super) started: bool,
    }
}

impl<F: Future> Future for Run<'_, F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let this = self.project();
        if !*this.started && this.cancelled.token.is_cancelled() {
            return Poll::Ready(None);
        }
        *this.started = true;
        // The future first: what is ready is not thrown away.
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Some(output));
        }
        this.cancelled.poll(cx).map(|()| None)
    }
}
