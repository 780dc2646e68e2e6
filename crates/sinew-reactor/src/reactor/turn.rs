//! One turn of the reactor: wait, note, wake.

use std::fmt;
use std::io;
use std::sync::MutexGuard;
use std::sync::atomic::Ordering;
use std::task::Waker;
use std::time::Duration;

use super::{Reactor, wake_all};
use crate::backend::{Backend, Buffer, Event};
use crate::error;

/// What a turn works with, kept from turn to turn so that a turn allocates nothing.
pub(super) struct Turner {
    buffer: Buffer,
    /// For turns that do not wait, if they are to take fewer events.
    busy: Option<Buffer>,
    events: Vec<Event>,
    wakers: Vec<Waker>,
}

impl Turner {
    pub(super) fn new(backend: &Backend, events: usize) -> Turner {
        Turner {
            buffer: backend.buffer(events),
            busy: None,
            events: Vec::new(),
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
        if self.reactor.is_shutdown() {
            return Err(error::shut_down());
        }
        self.wait(timeout)?;
        Ok(self.deliver())
    }

    pub(super) fn limit_busy(&mut self, events: usize) {
        self.turner.set_busy(&self.reactor.backend, events);
    }

    fn wait(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        let Reactor {
            backend, notified, ..
        } = self.reactor;
        let Turner {
            buffer,
            busy,
            events,
            ..
        } = &mut *self.turner;
        events.clear();
        let busy_buffer = busy.as_mut();
        if timeout == Some(Duration::ZERO) {
            // Without sources nothing can be ready: a busy scheduler, which looks every
            // now and then, is spared the call.
            if self.reactor.source_count() == 0 {
                return Ok(());
            }
            return backend.wait(busy_buffer.unwrap_or(buffer), events, timeout);
        }
        // A poll since then may have taken the event of the kick; the mark says
        // that it was meant for this turn. If it comes after this look, the kick
        // that follows it ends the wait.
        let (timeout, buffer) = if notified.load(Ordering::Relaxed) {
            (Some(Duration::ZERO), busy_buffer.unwrap_or(buffer))
        } else {
            (timeout, buffer)
        };
        let waited = backend.wait(buffer, events, timeout);
        // ORDERING: Acquire pairs with the Release in `Reactor::notify`: the
        // caller will see what was done before each notification that this takes.
        notified.swap(false, Ordering::AcqRel);
        waited
    }

    fn deliver(&mut self) -> usize {
        let Turner { events, wakers, .. } = &mut *self.turner;
        if events.is_empty() {
            return 0;
        }
        let mut count: u64 = 0;
        // The sources' own locks come after this one, and wakers are only moved
        // here: nothing foreign runs with a lock held.
        let registry = self.reactor.registry();
        for event in events.iter() {
            if let Some(source) = registry.get(event.key) {
                source.arrive(event.ready, wakers);
                count += 1;
            }
        }
        drop(registry);
        // Only who turns adds, and one thread turns at a time.
        let delivered = &self.reactor.delivered;
        let so_far = delivered.load(Ordering::Relaxed);
        delivered.store(so_far + count, Ordering::Relaxed);
        wake_all(wakers);
        count as usize
    }
}

impl fmt::Debug for Turn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn")
            .field("reactor", &self.reactor)
            .finish_non_exhaustive()
    }
}
