//! Waiting for places in a bounded channel.

use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use sinew_core::coop;
use sinew_core::leaf::Kind;
use sinew_core::wait_list::Waiter;

use super::bounded::Sender;
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
    pub(crate) struct Take<T, H: Handle<T>> {
        handle: H,
        value: PhantomData<fn(T)>,
        places: usize,
        step: Step,
        #[pin]
        waiter: Waiter<Want>,
    }

    impl<T, H: Handle<T>> PinnedDrop for Take<T, H> {
        fn drop(this: Pin<&mut Self>) {
            if this.step == Step::Queued {
                this.withdraw();
            }
        }
    }
}

/// What leads to a channel and keeps it in place.
pub(crate) trait Handle<T> {
    fn chan(&self) -> &Chan<T, Bounded>;
}

impl<T> Handle<T> for &Chan<T, Bounded> {
    #[inline]
    fn chan(&self) -> &Chan<T, Bounded> {
        self
    }
}

impl<T> Handle<T> for Option<Sender<T>> {
    fn chan(&self) -> &Chan<T, Bounded> {
        match self {
            Some(sender) => sender.chan(),
            None => unreachable!("the sender is given out once, after the places have come"),
        }
    }
}

impl<T> Take<T, Option<Sender<T>>> {
    /// The sender, from a future that was ready.
    pub(crate) fn into_sender(self: Pin<&mut Self>) -> Option<Sender<T>> {
        let this = self.project();
        debug_assert_eq!(*this.step, Step::Over);
        this.handle.take()
    }
}

impl<T, H: Handle<T>> Take<T, H> {
    #[inline]
    pub(crate) fn new(handle: H, places: usize, location: &'static Location<'static>) -> Self {
        let want = Want { missing: places };
        Take {
            handle,
            value: PhantomData,
            places,
            step: Step::First,
            waiter: Waiter::at(location, want),
        }
    }

    /// Leaves the queue and gives back what has come so far.
    #[cold]
    fn withdraw(self: Pin<&mut Self>) {
        let this = self.project();
        *this.step = Step::Over;
        this.handle.chan().capacity().withdraw(this.waiter.as_ref());
        if let Some(want) = this.waiter.data() {
            this.handle.chan().give_back(*this.places - want.missing);
        }
    }
}

impl<T, H: Handle<T>> Future for Take<T, H> {
    type Output = Result<(), Closed>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        let proceed = ready!(coop::poll_proceed(cx));
        let mut this = self.as_mut().project();
        let capacity = this.handle.chan().capacity();
        let outcome = match *this.step {
            Step::First => match capacity.try_take(*this.places) {
                Ok(()) => Ok(()),
                Err(Refused::Closed) => Err(Closed),
                Err(Refused::Full) => {
                    let (waiter, waker) = (this.waiter.as_mut(), cx.waker().clone());
                    // SAFETY: the handle keeps the channel, and its list, in place,
                    // and leave the queue when dropped.
                    match unsafe { capacity.take_or_wait(*this.places, waiter, waker) } {
                        Some(outcome) => outcome,
                        None => {
                            *this.step = Step::Queued;
                            let resource = this.handle.chan().resource();
                            return this.waiter.pending(Kind::Channel, resource);
                        }
                    }
                }
            },
            Step::Queued => {
                let waiter = this.waiter.as_ref();
                if capacity.still_waiting(waiter, cx.waker()) {
                    return waiter.pending(Kind::Channel, this.handle.chan().resource());
                }
                // Closed meanwhile: what was granted is of no use either.
                if capacity.is_closed() {
                    self.as_mut().withdraw();
                    Err(Closed)
                } else {
                    Ok(())
                }
            }
            Step::Over => panic!("a future was polled after it was ready"),
        };
        *self.project().step = Step::Over;
        proceed.made_progress();
        Poll::Ready(outcome)
    }
}
