//! The parent's ends of a child's standard streams.

use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};
use rustix::io::{ioctl_fionbio, read, readv, write, writev};
use sinew_reactor::Async;

/// One end of a pipe, non-blocking. The other end is not: that property belongs
/// to an end, not to the pipe, so the child sees an ordinary stream.
struct Pipe(Async<OwnedFd>);

// A read or write that a panic broke off was done or was not, as with an error;
// what keeps the compiler from seeing this by itself are the wakers in the source.
impl UnwindSafe for Pipe {}
impl RefUnwindSafe for Pipe {}

impl Pipe {
    fn new(fd: OwnedFd, location: &'static Location<'static>) -> io::Result<Pipe> {
        ioctl_fionbio(&fd, true)?;
        Async::new_nonblocking_at(fd, location).map(Pipe)
    }

    fn into_blocking_fd(self) -> io::Result<OwnedFd> {
        let fd = self.0.into_inner()?;
        ioctl_fionbio(&fd, false)?;
        Ok(fd)
    }

    // Not `poll_read_bytes`: a child may exchange its end for something that
    // reads short with more to come, such as a packet-mode pipe.
    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.0
            .poll_read_with_exclusive(cx, |fd| Ok(read(fd, &mut *buf)?))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.0
            .poll_write_with_exclusive(cx, |fd| Ok(write(fd, buf)?))
    }

    fn poll_read_vectored(
        &mut self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.0
            .poll_read_with_exclusive(cx, |fd| Ok(readv(fd, bufs)?))
    }

    fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.0
            .poll_write_with_exclusive(cx, |fd| Ok(writev(fd, bufs)?))
    }
}

macro_rules! stream {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name(Pipe);

        impl $name {
            /// Takes over a pipe of a child that `std` started.
            ///
            /// # Errors
            ///
            /// The reactor cannot be started or refuses the descriptor.
            #[track_caller]
            pub fn from_std(inner: std::process::$name) -> io::Result<$name> {
                $name::at(inner, Location::caller())
            }

            pub(crate) fn at(
                inner: std::process::$name,
                location: &'static Location<'static>,
            ) -> io::Result<$name> {
                Pipe::new(OwnedFd::from(inner), location).map($name)
            }

            /// The descriptor, blocking again.
            ///
            /// # Errors
            ///
            /// The system's, in taking it from the reactor; it is closed then.
            pub fn into_owned_fd(self) -> io::Result<OwnedFd> {
                self.0.into_blocking_fd()
            }
        }

        /// For the standard stream of another child. The descriptor is blocking
        /// again, as programs expect.
        impl TryFrom<$name> for Stdio {
            type Error = io::Error;

            fn try_from(stream: $name) -> io::Result<Stdio> {
                stream.into_owned_fd().map(Stdio::from)
            }
        }

        impl AsFd for $name {
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.0.0.as_fd()
            }
        }

        impl AsRawFd for $name {
            fn as_raw_fd(&self) -> RawFd {
                self.as_fd().as_raw_fd()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.as_raw_fd()).finish()
            }
        }
    };
}

stream! {
    /// Writes to a child's standard input. The child sees the end of its input when
    /// this is dropped; closing it does nothing.
    ///
    /// # Cancel safety
    ///
    /// A write that is dropped while it waits has written nothing.
    ChildStdin
}

stream! {
    /// Reads from a child's standard output.
    ///
    /// # Cancel safety
    ///
    /// A read that is dropped while it waits has taken nothing.
    ChildStdout
}

stream! {
    /// Reads from a child's standard error.
    ///
    /// # Cancel safety
    ///
    /// A read that is dropped while it waits has taken nothing.
    ChildStderr
}

impl AsyncWrite for ChildStdin {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_write_vectored(cx, bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    // A pipe is closed by dropping it, as in tokio and std; there is no half of
    // it to shut down.
    fn poll_close(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What the two readers have in common.
macro_rules! reader {
    ($name:ident) => {
        impl AsyncRead for $name {
            fn poll_read(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                self.0.poll_read(cx, buf)
            }

            fn poll_read_vectored(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                self.0.poll_read_vectored(cx, bufs)
            }
        }
    };
}

reader!(ChildStdout);
reader!(ChildStderr);
