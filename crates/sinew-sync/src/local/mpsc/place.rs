//! Waiting for places.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::chan::{Chan, WAITS};
use crate::AcquireError;
use crate::local::semaphore;

pin_project! {
    /// Takes places, in turn. Given up, it gives back what it got, and the receiver
    /// looks whether that was what it waited for.
    #[must_use = "futures do nothing unless polled"]
    pub(super) struct Place<'a, T> {
        #[pin]
        place: semaphore::Place,
        // Dropped after the place has been left.
        told: Told<'a, T>,
    }

    impl<T> PinnedDrop for Place<'_, T> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.place.leave(&this.told.0.places);
        }
    }
}

struct Told<'a, T>(&'a Chan<T>);

impl<T> Drop for Told<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.0.wake_if_drained();
    }
}

impl<'a, T> Place<'a, T> {
    #[inline]
    pub(super) fn new(
        chan: &'a Chan<T>,
        places: usize,
        location: &'static Location<'static>,
    ) -> Self {
        Place {
            place: semaphore::Place::new(location, places),
            told: Told(chan),
        }
    }
}

impl<T> Future for Place<'_, T> {
    type Output = Result<(), AcquireError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.place.poll(&this.told.0.places, WAITS, cx)
    }
}
