//! The `polling` crate in edge mode: epoll with its own notifier, kqueue.

use std::io;
use std::num::NonZeroUsize;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

use polling::{Events, PollMode, Poller};

use super::{Event, Portable};
use crate::{Interest, Ready};

#[derive(Debug)]
pub(crate) struct Polling(Poller);

impl Polling {
    pub(super) fn new() -> io::Result<Polling> {
        let poller = Poller::new()?;
        if !poller.supports_edge() {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "this system has no edge-triggered readiness events",
            ));
        }
        Ok(Polling(poller))
    }
}

impl Portable for Polling {
    fn buffer(&self, events: usize) -> Events {
        Events::with_capacity(NonZeroUsize::new(events).unwrap_or(NonZeroUsize::MIN))
    }

    unsafe fn add(&self, fd: BorrowedFd<'_>, key: usize, interest: Interest) -> io::Result<()> {
        let mut wish = polling::Event::new(key, interest.is_readable(), interest.is_writable());
        if interest.is_priority() {
            // Without a wish for it, kqueue and `poll` keep quiet about urgent data.
            wish.set_priority(true);
        }
        // SAFETY: the descriptor is open because it is borrowed, and the caller
        // has it deleted before it is closed, or the system does it then.
        unsafe { self.0.add_with_mode(fd.as_raw_fd(), wish, PollMode::Edge) }
    }

    fn delete(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        self.0.delete(fd)
    }

    fn kick(&self) {
        // Fails only if the poller's own eventfd or pipe is gone, which it is
        // not while the poller lives.
        let _ = self.0.notify();
    }

    fn wait(&self, buffer: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        buffer.clear();
        self.0.wait(buffer, timeout).map(drop)
    }
}

/// What the last wait has told.
pub(super) fn events(buffer: &Events) -> impl Iterator<Item = Event> {
    buffer.iter().map(|event| Event {
        key: event.key,
        ready: ready(&event),
    })
}

/// `polling` counts hang-ups and errors as both readable and writable.
fn ready(event: &polling::Event) -> Ready {
    let mut ready = Ready::EMPTY;
    if event.readable {
        ready |= Ready::READABLE;
    }
    if event.writable {
        ready |= Ready::WRITABLE;
    }
    if event.is_priority() {
        ready |= Ready::PRIORITY;
    }
    if event.is_interrupt() {
        ready |= Ready::READ_CLOSED | Ready::WRITE_CLOSED;
    }
    if event.is_err() == Some(true) {
        ready |= Ready::ERROR | Ready::READABLE | Ready::WRITABLE;
    }
    ready
}
