//! What a wait for readiness gives: the readiness, to be cleared or not.

use std::fmt;
use std::io;
use std::os::fd::AsFd;

use super::{AsyncFd, TryIoError};
use crate::error::is_would_block;
use crate::readiness::Snapshot;
use crate::{Interest, Ready};

/// Readiness that was seen, and how much of it this guard has not cleared.
#[derive(Clone, Copy)]
struct Held {
    seen: Snapshot,
    left: Ready,
}

impl Held {
    fn new(seen: Snapshot, interest: Interest) -> Held {
        let left = seen.ready().intersection(interest);
        Held { seen, left }
    }

    fn clear<T: AsFd>(&mut self, fd: &AsyncFd<T>, what: Ready) {
        let what = self.left & what;
        // It is never muted: that is for who clears by operations only.
        let _ = fd.registration.readiness().clear(self.seen, what);
        self.left = self.left - what;
    }
}

/// Readiness of an [`AsyncFd`], which is borrowed.
///
/// Dropping the guard leaves the readiness as it is.
#[must_use = "say whether the readiness is over by a method of the guard"]
pub struct AsyncFdReadyGuard<'a, T: AsFd> {
    fd: &'a AsyncFd<T>,
    held: Held,
}

/// Readiness of an [`AsyncFd`], which is borrowed exclusively.
///
/// Dropping the guard leaves the readiness as it is.
#[must_use = "say whether the readiness is over by a method of the guard"]
pub struct AsyncFdReadyMutGuard<'a, T: AsFd> {
    fd: &'a mut AsyncFd<T>,
    held: Held,
}

/// What both guards can do.
macro_rules! guard {
    ($Guard:ident) => {
        impl<T: AsFd> $Guard<'_, T> {
            /// The descriptor was found not ready: the next wait waits for an event.
            /// What has become ready since the guard was made stays.
            ///
            /// Only if the descriptor itself said that it would block: else a wait
            /// may last for ever. That a direction is closed is not cleared, because
            /// it is not told twice; [`try_io`](Self::try_io) clears it too, if the
            /// descriptor says that it would block all the same.
            pub fn clear_ready(&mut self) {
                self.clear_ready_matching(Ready::ALL);
            }

            /// As [`clear_ready`](Self::clear_ready), for a part of the readiness.
            pub fn clear_ready_matching(&mut self, ready: Ready) {
                let closed = Ready::READ_CLOSED | Ready::WRITE_CLOSED;
                self.held.clear(self.fd, ready - closed);
            }

            /// Leaves the readiness as it is, as dropping the guard does.
            pub fn retain_ready(&mut self) {}

            /// What the object was ready for, without what this guard has cleared.
            #[must_use]
            pub fn ready(&self) -> Ready {
                self.held.left
            }
        }

        impl<T: AsFd + fmt::Debug> fmt::Debug for $Guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Guard))
                    .field("async_fd", &self.fd)
                    .field("ready", &self.held.left)
                    .finish()
            }
        }
    };
}

guard!(AsyncFdReadyGuard);
guard!(AsyncFdReadyMutGuard);

impl<'a, T: AsFd> AsyncFdReadyGuard<'a, T> {
    pub(super) fn new(fd: &'a AsyncFd<T>, seen: Snapshot, interest: Interest) -> Self {
        AsyncFdReadyGuard {
            fd,
            held: Held::new(seen, interest),
        }
    }

    /// Tries `f`; if it fails with [`WouldBlock`](io::ErrorKind::WouldBlock),
    /// clears the readiness.
    ///
    /// # Errors
    ///
    /// That `f` would block. Its other results are the value.
    pub fn try_io<R>(
        &mut self,
        f: impl FnOnce(&'a AsyncFd<T>) -> io::Result<R>,
    ) -> Result<io::Result<R>, TryIoError> {
        match f(self.fd) {
            Err(error) if is_would_block(&error) => {
                self.held.clear(self.fd, Ready::ALL);
                Err(TryIoError(()))
            }
            done => Ok(done),
        }
    }

    /// Whose readiness it is.
    #[must_use]
    pub fn get_ref(&self) -> &'a AsyncFd<T> {
        self.fd
    }

    /// The object.
    #[must_use]
    pub fn get_inner(&self) -> &'a T {
        self.fd.get_ref()
    }
}

impl<'a, T: AsFd> AsyncFdReadyMutGuard<'a, T> {
    pub(super) fn new(fd: &'a mut AsyncFd<T>, seen: Snapshot, interest: Interest) -> Self {
        AsyncFdReadyMutGuard {
            fd,
            held: Held::new(seen, interest),
        }
    }

    /// Tries `f`; if it fails with [`WouldBlock`](io::ErrorKind::WouldBlock),
    /// clears the readiness.
    ///
    /// # Errors
    ///
    /// That `f` would block. Its other results are the value.
    pub fn try_io<R>(
        &mut self,
        f: impl FnOnce(&mut AsyncFd<T>) -> io::Result<R>,
    ) -> Result<io::Result<R>, TryIoError> {
        match f(self.fd) {
            Err(error) if is_would_block(&error) => {
                self.held.clear(self.fd, Ready::ALL);
                Err(TryIoError(()))
            }
            done => Ok(done),
        }
    }

    /// Whose readiness it is.
    #[must_use]
    pub fn get_ref(&self) -> &AsyncFd<T> {
        self.fd
    }

    /// Whose readiness it is.
    pub fn get_mut(&mut self) -> &mut AsyncFd<T> {
        self.fd
    }

    /// The object.
    #[must_use]
    pub fn get_inner(&self) -> &T {
        self.fd.get_ref()
    }

    /// The object.
    pub fn get_inner_mut(&mut self) -> &mut T {
        self.fd.get_mut()
    }
}
