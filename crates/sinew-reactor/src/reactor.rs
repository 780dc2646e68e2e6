//! The reactor: asks the system what is ready and wakes who waits for it.

use std::fmt;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::Waker;

use sinew_core::{Ambient, Entered, Slot};

use crate::Interest;
use crate::backend::{Backend, BackendKind, EVENTS};
use crate::error;
use crate::readiness::Readiness;
use crate::registry::Registry;

mod fallback;
mod turn;

use fallback::Drivers;
pub use fallback::Driving;
pub use turn::Turn;
use turn::Turner;

thread_local!(static SLOT: Slot<Reactor> = const { Slot::new() });
static REACTOR: Ambient<Reactor> = Ambient::new(&SLOT, fallback::start);

/// Watches descriptors and wakes the tasks that wait for them.
///
/// A reactor does nothing by itself: some thread has to [turn](Turn::turn) it.
/// Only the process's default reactor has a thread of its own for that.
/// Sources are registered by making a [`Source`](crate::Source) or an
/// [`Async`](crate::Async).
///
/// ```
/// use sinew_reactor::{Interest, Reactor, Source};
/// use std::io::Write;
/// use std::os::unix::net::UnixStream;
///
/// # fn main() -> std::io::Result<()> {
/// let reactor = Reactor::new()?;
/// let (mut near, far) = UnixStream::pair()?;
/// let source = Source::new(&reactor, &far)?;
///
/// near.write_all(b"hello")?;
/// while !source.event().ready().is_readable() {
///     reactor.lock().turn(None)?;
/// }
/// # Ok(())
/// # }
/// ```
pub struct Reactor {
    backend: Backend,
    registry: Mutex<Registry>,
    turner: Mutex<Turner>,
    /// Whether a [`notify`](Reactor::notify) has not ended a blocking turn yet.
    /// While it is set, the backend has been kicked or a blocking turn will not
    /// block, so more kicks are not needed.
    notified: AtomicBool,
    /// Set once, with the registry locked: a source is either registered before
    /// and told, or refused.
    shut_down: AtomicBool,
    /// Events that found their source. Written by who turns, read by anyone.
    delivered: AtomicU64,
    /// Who turns it, if it is the process's default one.
    drivers: Drivers,
}

impl Reactor {
    /// A reactor over the [default](BackendKind::default) interface of this
    /// system: epoll on Linux, what the `polling` crate chooses elsewhere, and
    /// mio with the feature of that name.
    ///
    /// # Errors
    ///
    /// The process is out of descriptors, or the system has no edge-triggered
    /// events ([`io::ErrorKind::Unsupported`]).
    pub fn new() -> io::Result<Arc<Reactor>> {
        Reactor::with_backend(BackendKind::default())
    }

    /// A reactor over the interface of one's choice.
    ///
    /// # Errors
    ///
    /// As [`new`](Reactor::new).
    pub fn with_backend(kind: BackendKind) -> io::Result<Arc<Reactor>> {
        Reactor::with_events(kind, EVENTS)
    }

    /// A reactor that takes at most `events` events in one turn; the rest stays
    /// with the system until the next. 1024 if not set.
    ///
    /// # Errors
    ///
    /// As [`new`](Reactor::new).
    ///
    /// # Panics
    ///
    /// When `events` is zero.
    #[track_caller]
    pub fn with_events(kind: BackendKind, events: usize) -> io::Result<Arc<Reactor>> {
        assert!(events > 0, "a turn must take at least one event");
        Backend::new(kind).map(|backend| Reactor::over(backend, events))
    }

    /// From now on, takes at most `events` events in a turn that does not wait, so
    /// that a thread with other work gets back to it sooner. What is left comes with
    /// the next turn. If not set, such a turn takes as many as any other.
    ///
    /// # Panics
    ///
    /// When `events` is zero.
    #[track_caller]
    pub fn set_busy_events(&self, events: usize) {
        assert!(events > 0, "a turn must take at least one event");
        self.lock().limit_busy(events);
    }

    /// The interface that it asks.
    #[must_use]
    pub fn backend(&self) -> BackendKind {
        self.backend.kind()
    }

    fn over(backend: Backend, events: usize) -> Arc<Reactor> {
        let turner = Mutex::new(Turner::new(&backend, events));
        Arc::new(Reactor {
            backend,
            registry: Mutex::new(Registry::new()),
            turner,
            notified: AtomicBool::new(false),
            shut_down: AtomicBool::new(false),
            delivered: AtomicU64::new(0),
            drivers: Drivers::default(),
        })
    }

    /// The reactor entered on this thread, else the process's default one, which
    /// is started on first use with a thread named `sinew-reactor` that turns it.
    ///
    /// # Errors
    ///
    /// The default reactor cannot be started: the process is out of descriptors
    /// or threads. The next call tries again.
    pub fn current() -> io::Result<Arc<Reactor>> {
        REACTOR.current()
    }

    /// Makes this the current reactor of this thread until the guard is dropped.
    #[must_use = "the reactor is left again when the guard is dropped"]
    pub fn enter(self: Arc<Self>) -> Entered<Reactor> {
        Slot::enter(&SLOT, self)
    }

    /// The right to turn the reactor, if no other thread has it.
    #[inline]
    #[must_use]
    pub fn try_lock(&self) -> Option<Turn<'_>> {
        let turner = match self.turner.try_lock() {
            Ok(turner) => turner,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        Some(Turn::new(self, turner))
    }

    /// The right to turn the reactor; waits until no other thread has it.
    ///
    /// Another thread may have it for long: the default reactor's own thread
    /// hardly ever lets go. Deadlocks on a thread that has it already, for
    /// example in a waker.
    pub fn lock(&self) -> Turn<'_> {
        let turner = self.turner.lock().unwrap_or_else(PoisonError::into_inner);
        Turn::new(self, turner)
    }

    /// Ends the blocking turn under way, or the next one. May be called from any
    /// thread. Several calls before a turn count as one; a turn with a timeout
    /// of zero does not use them up.
    pub fn notify(&self) {
        // ORDERING: Release pairs with the Acquire at the end of a blocking
        // turn, so that the turning thread then sees what was done before the
        // call, also when the call finds the mark set and leaves it at that.
        if !self.notified.swap(true, Ordering::AcqRel) {
            self.backend.kick();
        }
    }

    /// Ends all waits: those under way and those to come fail with an
    /// [`io::Error`] that says that the runtime was shut down. Sources can still
    /// be dropped; no new ones can be made; turns fail.
    ///
    /// Whoever owns a reactor calls this when nobody will turn it any more, so
    /// that no task waits for ever. Not meant for the process's default reactor:
    /// there is no second one.
    pub fn shutdown(&self) {
        let mut wakers = Vec::new();
        let registry = self.registry();
        self.shut_down.store(true, Ordering::Relaxed);
        for source in registry.sources() {
            source.shut_down(&mut wakers);
        }
        drop(registry);
        self.notify();
        wake_all(&mut wakers);
    }

    /// Whether [`shutdown`](Reactor::shutdown) was called.
    #[must_use]
    pub fn is_shutdown(&self) -> bool {
        self.shut_down.load(Ordering::Relaxed)
    }

    /// How many sources are registered.
    #[must_use]
    pub fn source_count(&self) -> usize {
        self.registry().len()
    }

    /// What it has done so far.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        let registry = self.registry();
        let registered = registry.count() as u64;
        Metrics {
            registered,
            deregistered: registered - registry.len() as u64,
            events: self.delivered.load(Ordering::Relaxed),
        }
    }

    #[inline]
    pub(crate) fn tells_closed(&self) -> bool {
        self.backend.tells_closed()
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts to watch a descriptor; returns its key and what is known of it, which
    /// is its own until it is deregistered.
    ///
    /// # Safety
    ///
    /// As `Backend::add`, with `deregister` for `delete`.
    pub(crate) unsafe fn register(
        &self,
        fd: BorrowedFd<'_>,
        interest: Interest,
    ) -> io::Result<(usize, &'static Readiness)> {
        let mut registry = self.registry();
        if self.is_shutdown() {
            return Err(error::shut_down());
        }
        let (key, source) = registry.insert()?;
        // With the lock held, here and in `deregister`, so that who owns a number
        // is known to everybody as soon as the system knows it.
        // SAFETY: what `Backend::add` asks for is what this function asks for.
        let added = unsafe { self.backend.add(fd, key, interest) };
        if let Err(error) = added {
            // Nobody can have waited for it yet.
            drop(registry.remove(key));
            return Err(error);
        }
        registry.own(fd.as_raw_fd(), key);
        Ok((key, source))
    }

    /// Whether what a source is told of can be [modified](Self::modify).
    #[inline]
    pub(crate) fn modifies(&self) -> bool {
        self.backend.modifies()
    }

    /// Has a source that was registered as `number` told of what `interest` says from now
    /// on, and at once of what it is ready for already. One is changed at a time, and
    /// `interest` is asked in between.
    ///
    /// # Errors
    ///
    /// The system's own; or another source has its number by now, since its owner has
    /// closed or exchanged its descriptor.
    pub(crate) fn modify(
        &self,
        key: usize,
        number: RawFd,
        interest: impl FnOnce() -> Option<Interest>,
    ) -> io::Result<()> {
        let registry = self.registry();
        if !registry.owns(number, key) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let interest = interest();
        interest.map_or(Ok(()), |interest| {
            self.backend.modify(number, key, interest)
        })
    }

    /// Forgets a source, which was registered as `number`. With `None` for a
    /// descriptor that its owner has closed or exchanged: the system has then
    /// forgotten it already. The same if another source has its number by now.
    pub(crate) fn deregister(
        &self,
        key: usize,
        number: RawFd,
        fd: Option<BorrowedFd<'_>>,
    ) -> io::Result<()> {
        let mut registry = self.registry();
        let waiters = registry.remove(key);
        let fd = fd.filter(|_| waiters.is_some() && registry.disown(number, key));
        let deleted = fd.map_or(Ok(()), |fd| self.backend.delete(fd));
        drop(registry);
        // With the lock released: wakers may run any code when they are dropped.
        drop(waiters);
        deleted
    }
}

/// What a reactor has done since it was made. From [`Reactor::metrics`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// Sources that were registered.
    pub registered: u64,
    /// Sources that were deregistered again.
    pub deregistered: u64,
    /// Events that were delivered to a source.
    pub events: u64,
}

impl fmt::Debug for Reactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reactor")
            .field("backend", &self.backend)
            .field("sources", &self.source_count())
            .field("shutdown", &self.is_shutdown())
            .finish()
    }
}

/// Wakes and removes all. Should a waker panic, the rest is woken while unwinding.
fn wake_all(wakers: &mut Vec<Waker>) {
    struct Rest<'a>(std::vec::Drain<'a, Waker>);

    impl Drop for Rest<'_> {
        fn drop(&mut self) {
            for waker in self.0.by_ref() {
                waker.wake();
            }
        }
    }

    let mut rest = Rest(wakers.drain(..));
    for waker in rest.0.by_ref() {
        waker.wake();
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
