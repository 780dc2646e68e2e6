//! A borrowed descriptor and its readiness: the reactor's low face.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::readiness::Snapshot;
use crate::registration::Registration;
use crate::{Interest, Reactor, Ready};

/// What a source was ready for when it was looked at. From [`Source::event`].
///
/// Remembers when that was, so that [`Source::clear`] never clears what came later.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ReadyEvent(Snapshot);

impl ReadyEvent {
    /// What the source was ready for.
    #[must_use]
    pub fn ready(self) -> Ready {
        self.0.ready()
    }

    /// Whether the reactor has been shut down: there will be no more events.
    #[must_use]
    pub fn is_shutdown(self) -> bool {
        self.0.is_shut_down()
    }
}

impl fmt::Debug for ReadyEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadyEvent")
            .field("ready", &self.ready())
            .field("is_shutdown", &self.is_shutdown())
            .finish()
    }
}

/// A borrowed descriptor that a reactor watches.
///
/// This is the low face of the crate, for event loops of one's own. It does no
/// IO and does not touch the descriptor's flags; most programs want
/// [`Async`](crate::Async).
///
/// Events are edges: after an event, use the descriptor until it would block,
/// then [`clear`](Source::clear) the event. A descriptor can be registered with
/// one reactor once at a time; with several reactors as often as there are.
/// Dropping the source deregisters it.
///
/// # Examples
///
/// An event loop that blocks until one of several objects is ready, as the
/// async book sketches it:
///
/// ```
/// use sinew_reactor::{Interest, Reactor, Ready, Source};
/// use std::io::{self, Write};
/// use std::os::fd::AsFd;
/// use std::os::unix::net::UnixStream;
/// use std::sync::Arc;
///
/// struct Event {
///     id: usize,
///     signals: Ready,
/// }
///
/// struct IoBlocker<'io> {
///     reactor: Arc<Reactor>,
///     interests: Vec<(usize, Interest, Source<'io>)>,
/// }
///
/// impl<'io> IoBlocker<'io> {
///     fn add_io_event_interest(
///         &mut self,
///         io_object: &'io impl AsFd,
///         id: usize,
///         signals: Interest,
///     ) -> io::Result<()> {
///         let source = Source::new(&self.reactor, io_object)?;
///         self.interests.push((id, signals, source));
///         Ok(())
///     }
///
///     fn block(&self) -> io::Result<Event> {
///         loop {
///             for (id, interest, source) in &self.interests {
///                 let event = source.event();
///                 let signals = event.ready().intersection(*interest);
///                 if !signals.is_empty() {
///                     source.clear(event);
///                     return Ok(Event { id: *id, signals });
///                 }
///             }
///             self.reactor.lock().turn(None)?;
///         }
///     }
/// }
///
/// # fn main() -> io::Result<()> {
/// let (socket_1, _peer_1) = UnixStream::pair()?;
/// let (socket_2, mut peer_2) = UnixStream::pair()?;
/// let mut blocker = IoBlocker { reactor: Reactor::new()?, interests: Vec::new() };
/// blocker.add_io_event_interest(&socket_1, 1, Interest::READABLE)?;
/// blocker.add_io_event_interest(&socket_2, 2, Interest::READABLE)?;
///
/// peer_2.write_all(b"!")?;
/// let event = blocker.block()?;
/// assert_eq!(event.id, 2);
/// assert!(event.signals.is_readable());
/// # Ok(())
/// # }
/// ```
pub struct Source<'fd> {
    registration: Registration,
    fd: BorrowedFd<'fd>,
}

impl<'fd> Source<'fd> {
    /// Has `reactor` watch `io` until the source is dropped.
    ///
    /// # Errors
    ///
    /// The reactor is shut down; the descriptor is of a kind that has no
    /// readiness, like a regular file; it is registered with this reactor
    /// already; or the system is out of memory or watches.
    #[track_caller]
    pub fn new(reactor: &Arc<Reactor>, io: &'fd (impl AsFd + ?Sized)) -> io::Result<Source<'fd>> {
        let fd = io.as_fd();
        // SAFETY: the descriptor is open for as long as it is borrowed, and
        // `drop` deregisters. A source that is forgotten instead leaves its
        // registration behind, which epoll and kqueue, the only systems with
        // edge-triggered events, remove when the descriptor is closed.
        let registration =
            unsafe { Registration::new(reactor.clone(), fd, Interest::all(), Location::caller()) }?;
        Ok(Source { registration, fd })
    }

    /// What the source is ready for, as far as the reactor knows. Does not wait.
    #[must_use]
    pub fn event(&self) -> ReadyEvent {
        ReadyEvent(self.registration.readiness().snapshot())
    }

    /// Takes the readiness of `event` away, all of it, unless there has been
    /// another event since.
    pub fn clear(&self, event: ReadyEvent) {
        let readiness = self.registration.readiness();
        // It is never muted: that is for who clears by operations only.
        let _ = readiness.clear(event.0, event.ready());
    }

    /// Waits until the source is ready for any of `interest`. Ready again and
    /// again until the event is cleared.
    ///
    /// Any number of tasks may wait in this way, each is woken.
    ///
    /// # Errors
    ///
    /// The reactor is shut down.
    pub fn poll_ready(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
    ) -> Poll<io::Result<ReadyEvent>> {
        let seen = ready!(self.registration.poll_interest(cx, interest))?;
        Poll::Ready(Ok(ReadyEvent(seen)))
    }

    /// Waits until the source is ready for any of `interest`.
    ///
    /// # Errors
    ///
    /// The reactor is shut down.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: the readiness stays.
    pub async fn ready(&self, interest: Interest) -> io::Result<ReadyEvent> {
        self.registration.wait(interest).await.map(ReadyEvent)
    }

    /// The reactor that watches it.
    #[must_use]
    pub fn reactor(&self) -> &Arc<Reactor> {
        self.registration.reactor()
    }
}

impl AsFd for Source<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd
    }
}

impl Drop for Source<'_> {
    fn drop(&mut self) {
        // Fails when the descriptor was closed underneath; then the system has
        // forgotten it.
        let _ = self.registration.deregister(&self.fd);
    }
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("fd", &self.fd)
            .field("event", &self.event())
            .finish()
    }
}
