//! Who asks the operating system: one face, three ways.
//!
//! The epoll way (Linux) makes one system call for each wait and asks for
//! `EPOLLRDHUP`; the portable way is the `polling` crate in edge mode; the third
//! is the `mio` crate (feature `mio`). All are edge-triggered with one
//! registration for the life of a source, and all run through the same tests.

use std::fmt;
use std::io;
use std::os::fd::{BorrowedFd, RawFd};
use std::time::Duration;

use crate::{Interest, Ready};

#[cfg(target_os = "linux")]
mod epoll;
#[cfg(feature = "mio")]
mod mio;
mod portable;

/// How many events one wait takes at most, unless told otherwise. The rest stays with the system and
/// is taken by the next wait, so this bounds memory and not what is delivered.
pub(crate) const EVENTS: usize = 1024;

/// What a reactor asks the operating system with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BackendKind {
    /// epoll, called directly: one system call for each turn, timeouts in
    /// nanoseconds.
    #[cfg(target_os = "linux")]
    Epoll,
    /// The `polling` crate, in edge mode.
    Polling,
    /// The `mio` crate; timeouts in milliseconds, rounded up.
    #[cfg(feature = "mio")]
    Mio,
}

impl BackendKind {
    /// All that this build has.
    pub const ALL: &'static [BackendKind] = &[
        #[cfg(target_os = "linux")]
        BackendKind::Epoll,
        BackendKind::Polling,
        #[cfg(feature = "mio")]
        BackendKind::Mio,
    ];
}

impl Default for BackendKind {
    /// mio if the feature is on, else epoll on Linux and polling elsewhere.
    fn default() -> BackendKind {
        #[cfg(feature = "mio")]
        return BackendKind::Mio;
        #[cfg(all(target_os = "linux", not(feature = "mio")))]
        return BackendKind::Epoll;
        #[cfg(not(any(target_os = "linux", feature = "mio")))]
        return BackendKind::Polling;
    }
}

/// One event: the key of the source and what it is ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) key: usize,
    pub(crate) ready: Ready,
}

#[derive(Debug)]
pub(crate) enum Backend {
    #[cfg(target_os = "linux")]
    Epoll(epoll::Epoll),
    #[cfg(feature = "mio")]
    Mio(Box<mio::Mio>),
    /// Behind a trait object, so that a program which never makes one, as most
    /// on Linux, does not carry its code.
    Portable(Box<dyn Portable>),
}

/// What `Backend` asks of the one that runs everywhere.
pub(crate) trait Portable: fmt::Debug + Send + Sync {
    /// A buffer for so many events.
    fn buffer(&self, events: usize) -> polling::Events;

    /// # Safety
    ///
    /// As [`Backend::add`].
    unsafe fn add(&self, fd: BorrowedFd<'_>, key: usize, interest: Interest) -> io::Result<()>;

    fn delete(&self, fd: BorrowedFd<'_>) -> io::Result<()>;

    fn wait(&self, buffer: &mut polling::Events, timeout: Option<Duration>) -> io::Result<()>;

    fn kick(&self);
}

/// Where the system writes its events; belongs to the backend that made it.
pub(crate) enum Buffer {
    #[cfg(target_os = "linux")]
    Epoll(epoll::Buffer),
    #[cfg(feature = "mio")]
    Mio(::mio::Events),
    Portable(polling::Events),
}

impl Buffer {
    /// What the last wait has told.
    #[inline]
    pub(crate) fn for_each(&self, told: impl FnMut(Event)) {
        match self {
            #[cfg(target_os = "linux")]
            Buffer::Epoll(buffer) => buffer.events().for_each(told),
            #[cfg(feature = "mio")]
            Buffer::Mio(buffer) => mio::events(buffer).for_each(told),
            Buffer::Portable(buffer) => portable::events(buffer).for_each(told),
        }
    }

    /// Whether it has told nothing, not even that it was kicked.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            #[cfg(target_os = "linux")]
            Buffer::Epoll(buffer) => buffer.is_empty(),
            #[cfg(feature = "mio")]
            Buffer::Mio(buffer) => buffer.is_empty(),
            Buffer::Portable(buffer) => buffer.is_empty(),
        }
    }
}

impl Backend {
    pub(crate) fn new(kind: BackendKind) -> io::Result<Backend> {
        match kind {
            #[cfg(target_os = "linux")]
            BackendKind::Epoll => epoll::Epoll::new().map(Backend::Epoll),
            #[cfg(feature = "mio")]
            BackendKind::Mio => Ok(Backend::Mio(Box::new(mio::Mio::new()?))),
            BackendKind::Polling => Ok(Backend::Portable(Box::new(portable::Polling::new()?))),
        }
    }

    pub(crate) fn kind(&self) -> BackendKind {
        match self {
            #[cfg(target_os = "linux")]
            Backend::Epoll(_) => BackendKind::Epoll,
            #[cfg(feature = "mio")]
            Backend::Mio(_) => BackendKind::Mio,
            Backend::Portable(_) => BackendKind::Polling,
        }
    }

    pub(crate) fn buffer(&self, events: usize) -> Buffer {
        match self {
            #[cfg(target_os = "linux")]
            Backend::Epoll(_) => Buffer::Epoll(epoll::Buffer::new(events)),
            #[cfg(feature = "mio")]
            Backend::Mio(_) => Buffer::Mio(mio::Mio::buffer(events)),
            Backend::Portable(portable) => Buffer::Portable(portable.buffer(events)),
        }
    }

    /// Whether a source hears of the end of a stream apart from its data, which
    /// is what makes it right to take a short read for an empty queue.
    #[inline]
    pub(crate) fn tells_closed(&self) -> bool {
        match self {
            #[cfg(target_os = "linux")]
            Backend::Epoll(_) => true,
            // It asks epoll for `EPOLLRDHUP`, and kqueue tells of it unasked.
            #[cfg(feature = "mio")]
            Backend::Mio(_) => true,
            Backend::Portable(_) => false,
        }
    }

    /// Whether what a source is told of can be [changed](Self::modify).
    #[inline]
    pub(crate) fn modifies(&self) -> bool {
        match self {
            #[cfg(target_os = "linux")]
            Backend::Epoll(_) => true,
            _ => false,
        }
    }

    /// From now on tells the source of `key`, which was added with descriptor `number`, of
    /// `interest`, beginning with what it is ready for already.
    pub(crate) fn modify(&self, number: RawFd, key: usize, interest: Interest) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Backend::Epoll(epoll) => epoll.modify(number, key, interest),
            _ => {
                let _ = (number, key, interest);
                unreachable!("{:?} was asked for a change", self.kind())
            }
        }
    }

    /// Starts to watch a descriptor, edge-triggered.
    ///
    /// # Safety
    ///
    /// `delete` is called for the descriptor before it is closed, or the system
    /// forgets closed descriptors by itself. Both systems that have edge-triggered
    /// events, epoll and kqueue, do so; `delete` is still needed where another
    /// descriptor keeps the same open file alive.
    pub(crate) unsafe fn add(
        &self,
        fd: BorrowedFd<'_>,
        key: usize,
        interest: Interest,
    ) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Backend::Epoll(epoll) => epoll.add(fd, key, interest),
            #[cfg(feature = "mio")]
            Backend::Mio(mio) => mio.add(fd, key, interest),
            Backend::Portable(portable) => {
                // SAFETY: what `Portable::add` asks for is what this function asks for.
                unsafe { portable.add(fd, key, interest) }
            }
        }
    }

    pub(crate) fn delete(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Backend::Epoll(epoll) => epoll.delete(fd),
            #[cfg(feature = "mio")]
            Backend::Mio(mio) => mio.delete(fd),
            Backend::Portable(portable) => portable.delete(fd),
        }
    }

    /// Waits for events, which are in `buffer` then. May return early with none. If it
    /// fails there are none in it.
    #[inline]
    pub(crate) fn wait(&self, buffer: &mut Buffer, timeout: Option<Duration>) -> io::Result<()> {
        match (self, buffer) {
            #[cfg(target_os = "linux")]
            (Backend::Epoll(epoll), Buffer::Epoll(buffer)) => epoll.wait(buffer, timeout),
            #[cfg(feature = "mio")]
            (Backend::Mio(mio), Buffer::Mio(buffer)) => mio.wait(buffer, timeout),
            (Backend::Portable(portable), Buffer::Portable(buffer)) => {
                portable.wait(buffer, timeout)
            }
            #[cfg(any(target_os = "linux", feature = "mio"))]
            (_, _) => unreachable!("a buffer is used with the backend that made it"),
        }
    }

    /// Ends the wait under way, or the next one.
    pub(crate) fn kick(&self) {
        match self {
            #[cfg(target_os = "linux")]
            Backend::Epoll(epoll) => epoll.kick(),
            #[cfg(feature = "mio")]
            Backend::Mio(mio) => mio.kick(),
            Backend::Portable(portable) => portable.kick(),
        }
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
