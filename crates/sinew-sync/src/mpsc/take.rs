//! Waiting for places in a bounded channel.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use sinew_core::coop;
use sinew_core::leaf::Kind;
use sinew_core::wait_list::Waiter;

use super::capacity::{Bounded, Refused, Want};
use super::chan::Chan;
use super::list::Closed;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    First,
    Queued,
    Over,
}

pin_project! {
    /// Future of some places. Dropped, it gives back what it was granted.
    pub(super) struct Take<'a, T> {
        chan: &'a Chan<T, Bounded>,
        places: usize,
        step: Step,
        #[pin]
        waiter: Waiter<Want>,
    }

    impl<T> PinnedDrop for Take<'_, T> {
        fn drop(this: Pin<&mut Self>) {
            if this.step == Step::Queued {
                this.withdraw();
            }
        }
    }
}

impl<'a, T> Take<'a, T> {
    #[inline]
    pub(super) fn new(
        chan: &'a Chan<T, Bounded>,
        places: usize,
        location: &'static Location<'static>,
    ) -> Self {
        let want = Want {
            places,
            granted: false,
        };
        Take {
            chan,
            places,
            step: Step::First,
            waiter: Waiter::at(location, want),
        }
    }

    #[cold]
    fn withdraw(self: Pin<&mut Self>) {
        let this = self.project();
        let capacity = this.chan.capacity();
        *this.step = Step::Over;
        if capacity.withdraw(this.waiter.as_ref()) {
            return;
        }
        let granted = this.waiter.data().is_some_and(|want| want.granted);
        if granted {
            this.chan.give_back(*this.places);
        }
    }
}

impl<T> Future for Take<'_, T> {
    type Output = Result<(), Closed>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        let proceed = ready!(coop::poll_proceed(cx));
        let this = self.project();
        let capacity = this.chan.capacity();
        let outcome = match *this.step {
            Step::First => match capacity.try_take(*this.places) {
                Ok(()) => Ok(()),
                Err(Refused::Closed) => Err(Closed),
                Err(Refused::Full) => {
                    let (waiter, waker) = (this.waiter.as_ref(), cx.waker().clone());
                    // SAFETY: we borrow the channel, so the list stays in place,
                    // and leave the queue when dropped.
                    match unsafe { capacity.take_or_wait(*this.places, waiter, waker) } {
                        Some(outcome) => outcome,
                        None => {
                            *this.step = Step::Queued;
                            return waiter.pending(Kind::Channel, this.chan.resource());
                        }
                    }
                }
            },
            Step::Queued => {
                let waiter = this.waiter.as_ref();
                if capacity.still_waiting(waiter, cx.waker()) {
                    return waiter.pending(Kind::Channel, this.chan.resource());
                }
                match this.waiter.data() {
                    Some(want) if want.granted => Ok(()),
                    _ => Err(Closed),
                }
            }
            Step::Over => panic!("a future was polled after it was ready"),
        };
        *this.step = Step::Over;
        proceed.made_progress();
        Poll::Ready(outcome)
    }
}
