//! What keeps a loop around `accept` from spinning when descriptors run out.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use sinew_time::{Instant, Sleep, sleep_until};

use crate::sys;

/// How long accepting rests after a resource error. Long enough that a loop
/// around it costs nothing, short enough that nobody notices the recovery.
const REST: Duration = Duration::from_millis(10);

/// A listener's note that resources have run out.
///
/// All accesses of `on` are `Relaxed`: it only spares the look at `until`,
/// whose lock orders everything else. Who does not see it set yet tries one
/// accept more.
#[derive(Debug, Default)]
pub(crate) struct Brake {
    on: AtomicBool,
    until: Mutex<Option<Instant>>,
}

/// One waiter's way of waiting for the brake.
#[derive(Debug, Default)]
pub(crate) struct Rest(Option<Pin<Box<Sleep>>>);

impl Brake {
    fn until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the brake on if `error` means that resources have run out.
    #[cold]
    pub(crate) fn note(&self, error: &io::Error) {
        if sys::is_exhaustion(error) {
            *self.until() = Some(Instant::now() + REST);
            self.on.store(true, Ordering::Relaxed);
        }
    }

    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    /// Waits until the brake is off.
    #[cold]
    pub(crate) fn poll(&self, cx: &mut Context<'_>, rest: &mut Rest) -> Poll<()> {
        loop {
            let Some(until) = self.remaining() else {
                rest.0 = None;
                return Poll::Ready(());
            };
            if rest
                .0
                .as_ref()
                .is_none_or(|sleep| sleep.deadline() != until)
            {
                rest.0 = Some(Box::pin(sleep_until(until)));
            }
            if let Some(sleep) = &mut rest.0 {
                ready!(sleep.as_mut().poll(cx));
            }
        }
    }

    /// When the brake comes off; takes it off when that has passed.
    fn remaining(&self) -> Option<Instant> {
        let mut until = self.until();
        if until.is_none_or(|until| until <= Instant::now()) {
            *until = None;
            self.on.store(false, Ordering::Relaxed);
        }
        *until
    }
}
