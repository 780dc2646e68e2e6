//! One turn of the reactor: wait, note, wake.

use std::fmt;
use std::io;
use std::sync::MutexGuard;
use std::sync::atomic::Ordering;
use std::task::Waker;
use std::time::Duration;

use super::{Reactor, wake_all};
use crate::backend::{Backend, Buffer};
use crate::error;

/// What a turn works with, kept from turn to turn so that a turn allocates nothing.
pub(super) struct Turner {
    buffer: Buffer,
    /// For turns that do not wait, if they are to take fewer events.
    busy: Option<Buffer>,
    wakers: Vec<Waker>,
}

impl Turner {
    pub(super) fn new(backend: &Backend, events: usize) -> Turner {
        Turner {
            buffer: backend.buffer(events),
            busy: None,
            wakers: Vec::new(),
        }
    }

    pub(super) fn set_busy(&mut self, backend: &Backend, events: usize) {
        self.busy = Some(backend.buffer(events));
    }
}

/// The right to turn a reactor. One thread has it at a time.
///
/// From [`Reactor::lock`] or [`Reactor::try_lock`].
#[must_use = "the right is given back when this is dropped"]
pub struct Turn<'a> {
    reactor: &'a Reactor,
    turner: MutexGuard<'a, Turner>,
}

impl<'a> Turn<'a> {
    #[inline]
    pub(super) fn new(reactor: &'a Reactor, turner: MutexGuard<'a, Turner>) -> Turn<'a> {
        Turn { reactor, turner }
    }

    /// Waits for events and wakes the tasks that they concern. Returns the
    /// number of events.
    ///
    /// Waits until there is an event, [`Reactor::notify`] is called, or `timeout`
    /// has passed, to the nanosecond where the system can; with `None` there is
    /// no timeout, and with a timeout of zero nothing is waited for. A turn may
    /// also end early for no reason, with 0: a signal was handled, or what is
    /// left of a notification came late. A caller that waits for something looks
    /// for it and turns again.
    ///
    /// # Errors
    ///
    /// The reactor was shut down, or the system's own error.
    ///
    /// # Panics
    ///
    /// Passes on the panic of a waker, after all other tasks have been woken.
    pub fn turn(&mut self, timeout: Option<Duration>) -> io::Result<usize> {
        let Reactor {
            backend, notified, ..
        } = self.reactor;
        if self.reactor.is_shutdown() {
            return Err(error::shut_down());
        }
        let polls = timeout == Some(Duration::ZERO);
        // Without sources nothing can be ready: a busy scheduler, which looks every
        // now and then, is spared the call.
        if polls && self.reactor.source_count() == 0 {
            return Ok(0);
        }
        // A poll since then may have taken the event of the kick; the mark says
        // that it was meant for this turn. If it comes after this look, the kick
        // that follows it ends the wait.
        let hurries = polls || notified.load(Ordering::Relaxed);
        let Turner {
            buffer,
            busy,
            wakers,
        } = &mut *self.turner;
        let (buffer, timeout) = match (hurries, busy) {
            (false, _) => (buffer, timeout),
            (true, None) => (buffer, Some(Duration::ZERO)),
            (true, Some(busy)) => (busy, Some(Duration::ZERO)),
        };
        let waited = backend.wait(buffer, timeout);
        if !polls && notified.load(Ordering::Relaxed) {
            // ORDERING: Acquire pairs with the Release in `Reactor::notify`: the
            // caller will see what was done before each notification that this takes.
            notified.swap(false, Ordering::AcqRel);
        }
        waited?;
        if buffer.is_empty() {
            return Ok(0);
        }
        Ok(deliver(self.reactor, buffer, wakers))
    }

    pub(super) fn limit_busy(&mut self, events: usize) {
        self.turner.set_busy(&self.reactor.backend, events);
    }
}

/// Notes what is in `buffer` and wakes the tasks that it concerns. Returns the number of
/// events.
#[inline]
fn deliver(reactor: &Reactor, buffer: &Buffer, wakers: &mut Vec<Waker>) -> usize {
    let mut count: u64 = 0;
    // The sources' own locks come after this one, and wakers are only moved
    // here: nothing foreign runs with a lock held.
    let registry = reactor.registry();
    buffer.for_each(|event| {
        if let Some(source) = registry.get(event.key) {
            source.arrive(event.ready, wakers);
            count += 1;
        }
    });
    drop(registry);
    // Only who turns adds, and one thread turns at a time.
    let so_far = reactor.delivered.load(Ordering::Relaxed);
    reactor.delivered.store(so_far + count, Ordering::Relaxed);
    match wakers.len() {
        0 => {}
        1 => wakers.pop().into_iter().for_each(Waker::wake),
        _ => wake_all(wakers),
    }
    count as usize
}

impl fmt::Debug for Turn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn")
            .field("reactor", &self.reactor)
            .finish_non_exhaustive()
    }
}
