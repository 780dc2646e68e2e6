//! The `mio` crate: epoll with `EPOLLRDHUP`, kqueue.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Events, Poll, Registry, Token, Waker};

use super::Event;
use crate::{Interest, Ready};

/// The key of the waker. No source has it: see `registry::key`.
const KICK: Token = Token(usize::MAX);

#[derive(Debug)]
pub(crate) struct Mio {
    /// Locked by who waits. One thread does at a time; the lock says so to the
    /// compiler and costs an uncontended exchange.
    poll: Mutex<Poll>,
    registry: Registry,
    kick: Waker,
}

impl Mio {
    pub(super) fn new() -> io::Result<Mio> {
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let kick = Waker::new(&registry, KICK)?;
        Ok(Mio {
            poll: Mutex::new(poll),
            registry,
            kick,
        })
    }

    pub(super) fn buffer(events: usize) -> Events {
        Events::with_capacity(events)
    }

    pub(super) fn add(&self, fd: BorrowedFd<'_>, key: usize, interest: Interest) -> io::Result<()> {
        let fd = fd.as_raw_fd();
        self.registry
            .register(&mut SourceFd(&fd), Token(key), wish(interest))
    }

    pub(super) fn delete(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        self.registry.deregister(&mut SourceFd(&fd.as_raw_fd()))
    }

    pub(super) fn kick(&self) {
        // Fails only if the waker's own descriptor is gone, which it is not.
        let _ = self.kick.wake();
    }

    pub(super) fn wait(&self, buffer: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        let mut poll = self.poll.lock().unwrap_or_else(PoisonError::into_inner);
        match poll.poll(buffer, timeout) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            other => other,
        }
    }
}

/// What the last wait has told.
pub(super) fn events(buffer: &Events) -> impl Iterator<Item = Event> {
    let sources = buffer.iter().filter(|event| event.token() != KICK);
    sources.map(|event| Event {
        key: event.token().0,
        ready: ready(event),
    })
}

/// A wish for errors alone cannot be said: they are always told.
fn wish(interest: Interest) -> mio::Interest {
    let mut wishes = Vec::new();
    if interest.is_readable() {
        wishes.push(mio::Interest::READABLE);
    }
    if interest.is_writable() {
        wishes.push(mio::Interest::WRITABLE);
    }
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if interest.is_priority() {
        wishes.push(mio::Interest::PRIORITY);
    }
    let all = wishes.into_iter().reduce(mio::Interest::add);
    all.unwrap_or(mio::Interest::READABLE)
}

fn ready(event: &mio::event::Event) -> Ready {
    let mut ready = Ready::EMPTY;
    if event.is_readable() {
        ready |= Ready::READABLE;
    }
    if event.is_writable() {
        ready |= Ready::WRITABLE;
    }
    if event.is_read_closed() {
        ready |= Ready::READ_CLOSED;
    }
    if event.is_write_closed() {
        ready |= Ready::WRITE_CLOSED;
    }
    if event.is_priority() {
        ready |= Ready::PRIORITY;
    }
    if event.is_error() {
        // As with epoll: whichever operation comes first fetches the error.
        ready |= Ready::ERROR | Ready::READABLE | Ready::WRITABLE;
    }
    ready
}
