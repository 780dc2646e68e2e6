//! Waiting for another version.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use sinew_core::leaf::Kind;
use sinew_core::wait_list::Waiter;

use super::Shared;
use super::error::RecvError;
use super::state::Version;

pin_project! {
    /// Ready when there is another version than the one seen, which it notes, or
    /// no sender any more.
    pub(super) struct Changed<'a, T> {
        shared: &'a Shared<T>,
        seen: &'a mut Version,
        queued: bool,
        #[pin]
        waiter: Waiter<()>,
    }

    impl<T> PinnedDrop for Changed<'_, T> {
        fn drop(this: Pin<&mut Self>) {
            if this.queued {
                let this = this.project();
                // All are woken together, so a wake-up need not be passed on.
                this.shared.waiting.leave(this.waiter.as_ref(), |_| {});
            }
        }
    }
}

impl<'a, T> Changed<'a, T> {
    pub(super) fn new(
        shared: &'a Shared<T>,
        seen: &'a mut Version,
        location: &'static Location<'static>,
    ) -> Self {
        Changed {
            shared,
            seen,
            queued: false,
            waiter: Waiter::at(location, ()),
        }
    }
}

impl<T> Shared<T> {
    /// What `changed` gives, if it is ready.
    pub(super) fn changed(&self, seen: &mut Version) -> Option<Result<(), RecvError>> {
        let state = self.state.load();
        if state.version() != *seen {
            *seen = state.version();
            return Some(Ok(()));
        }
        state.is_closed().then_some(Err(RecvError(())))
    }
}

impl<T> Future for Changed<'_, T> {
    type Output = Result<(), RecvError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let shared = *this.shared;
        let resource = std::ptr::from_ref(shared) as usize as u64;
        loop {
            if let Some(outcome) = shared.changed(this.seen) {
                return Poll::Ready(outcome);
            }
            let waiter = this.waiter.as_ref();
            if *this.queued && shared.waiting.still_waiting(waiter, cx.waker()) {
                return waiter.pending(Kind::Channel, resource);
            }
            *this.queued = false;
            let waker = cx.waker().clone();
            let mut locked = shared.waiting.lock();
            if shared.state.start_waiting(**this.seen) {
                // SAFETY: we borrow the channel, so the list stays in place, and
                // leave the queue when dropped.
                unsafe { locked.queue.push_back(waiter, waker) };
                drop(locked);
                *this.queued = true;
                return waiter.pending(Kind::Channel, resource);
            }
        }
    }
}
