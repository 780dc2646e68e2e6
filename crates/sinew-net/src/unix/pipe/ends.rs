//! The two ends of a pipe.

use std::fmt;
use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BufMut;
use futures_io::{AsyncRead, AsyncWrite};
use sinew_reactor::Async;

use super::open::{expect_access, expect_pipe};
use crate::{Interest, Ready, splice, sys};

/// The writing end of a pipe.
///
/// Writing fails with [`BrokenPipe`](io::ErrorKind::BrokenPipe) when all receivers
/// are gone. Dropping it, or [closing](AsyncWrite::poll_close) it, lets the
/// receiver see the end once all senders are gone.
///
/// # Cancel safety
///
/// A write that is dropped before it is done has written nothing.
pub struct Sender {
    pub(crate) io: Async<OwnedFd>,
}

/// The reading end of a pipe.
///
/// Reading gives 0 when all senders are gone. Of a pipe with a name, a new sender
/// may then come, and there is something to read again.
///
/// # Cancel safety
///
/// A read that is dropped before it is done has taken nothing.
pub struct Receiver {
    pub(crate) io: Async<OwnedFd>,
}

/// What both ends can do.
macro_rules! end {
    ($End:ident, $reading:literal, $interest:expr) => {
        impl $End {
            /// Takes over a file that is a pipe and open for this direction. It is
            /// switched to non-blocking mode.
            ///
            /// # Errors
            ///
            /// [`InvalidInput`](io::ErrorKind::InvalidInput) when it is not; when the
            /// reactor cannot be started or does not take the descriptor.
            #[track_caller]
            pub fn from_file(file: File) -> io::Result<Self> {
                Self::from_owned_fd(file.into())
            }

            /// Takes over a descriptor that is a pipe and open for this direction.
            /// It is switched to non-blocking mode.
            ///
            /// # Errors
            ///
            /// As [`from_file`](Self::from_file).
            #[track_caller]
            pub fn from_owned_fd(fd: OwnedFd) -> io::Result<Self> {
                expect_access(&fd, $reading)?;
                let file = File::from(fd);
                expect_pipe(&file)?;
                Self::from_owned_fd_unchecked(file.into())
            }

            /// As [`from_file`](Self::from_file), for what behaves like a pipe.
            ///
            /// # Errors
            ///
            /// When the reactor cannot be started or does not take the descriptor.
            #[track_caller]
            pub fn from_file_unchecked(file: File) -> io::Result<Self> {
                Self::from_owned_fd_unchecked(file.into())
            }

            /// As [`from_owned_fd`](Self::from_owned_fd), for what behaves like a pipe.
            ///
            /// # Errors
            ///
            /// When the reactor cannot be started or does not take the descriptor.
            #[track_caller]
            pub fn from_owned_fd_unchecked(fd: OwnedFd) -> io::Result<Self> {
                splice::offer();
                let io = Async::new(fd)?;
                Ok($End { io })
            }

            pub(super) fn from_nonblocking(
                fd: OwnedFd,
                location: &'static Location<'static>,
            ) -> io::Result<Self> {
                splice::offer();
                let io = Async::new_nonblocking_at(fd, location)?;
                Ok($End { io })
            }

            /// Waits until the pipe is ready for any part of `interest`, and says for
            /// which. Readiness may be false.
            ///
            /// # Errors
            ///
            /// When the reactor has been shut down.
            ///
            /// # Cancel safety
            ///
            /// Nothing is lost: readiness stays until an operation finds it false.
            pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
                self.io.ready(interest).await
            }

            /// Does an operation of one's own if the end is ready. When `f` fails with
            /// `WouldBlock`, the readiness counts as false and the next wait is a
            /// real one. So `f` must try the operation on this very pipe, and fail
            /// with `WouldBlock` in no other case.
            ///
            /// # Errors
            ///
            /// [`WouldBlock`](io::ErrorKind::WouldBlock) without calling `f` when the
            /// end is not ready; otherwise the error of `f`.
            pub fn try_io<R>(&self, f: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
                self.io.try_io($interest, |_| f())
            }

            /// Gives the descriptor back, in blocking mode, as child processes want it.
            ///
            /// # Errors
            ///
            /// When the reactor does not let the descriptor go, or the system call
            /// fails.
            pub fn into_blocking_fd(self) -> io::Result<OwnedFd> {
                let fd = self.into_nonblocking_fd()?;
                rustix::io::ioctl_fionbio(&fd, false)?;
                Ok(fd)
            }

            /// Gives the descriptor back, in non-blocking mode.
            ///
            /// # Errors
            ///
            /// When the reactor does not let the descriptor go.
            pub fn into_nonblocking_fd(self) -> io::Result<OwnedFd> {
                self.io.into_inner()
            }
        }

        impl fmt::Debug for $End {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let fd = self.as_raw_fd();
                f.debug_struct(stringify!($End)).field("fd", &fd).finish()
            }
        }

        impl AsFd for $End {
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.io.as_fd()
            }
        }

        impl AsRawFd for $End {
            fn as_raw_fd(&self) -> RawFd {
                self.as_fd().as_raw_fd()
            }
        }
    };
}

end!(Sender, false, Interest::WRITABLE);
end!(Receiver, true, Interest::READABLE);

// The calls that move bytes.

fn read(fd: &OwnedFd, buf: &mut [u8]) -> io::Result<usize> {
    Ok(rustix::io::read(fd, buf)?)
}

fn read_vectored(fd: &OwnedFd, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
    Ok(rustix::io::readv(fd, bufs)?)
}

fn write(fd: &OwnedFd, buf: &[u8]) -> io::Result<usize> {
    Ok(rustix::io::write(fd, buf)?)
}

fn write_vectored(fd: &OwnedFd, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    Ok(rustix::io::writev(fd, bufs)?)
}

impl Sender {
    /// The end of a new pipe, in which there is room.
    pub(super) fn fresh(fd: OwnedFd, location: &'static Location<'static>) -> io::Result<Self> {
        splice::offer();
        let io = Async::new_with_room_at(fd, location)?;
        Ok(Sender { io })
    }

    /// Waits until there is room to write, or all receivers are gone.
    ///
    /// # Errors
    ///
    /// When the reactor has been shut down.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: readiness stays.
    pub async fn writable(&self) -> io::Result<()> {
        self.io.writable().await
    }

    /// As [`writable`](Self::writable), for those who write futures by hand.
    ///
    /// # Errors
    ///
    /// As [`writable`](Self::writable).
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_writable(cx)
    }

    /// Writes what there is room for, without waiting, and says how much. Of up to
    /// `PIPE_BUF` bytes (4096 on Linux), all or nothing.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room, also when
    /// the reactor has not heard of it yet: wait for [`writable`](Self::writable)
    /// first. [`BrokenPipe`](io::ErrorKind::BrokenPipe) when all receivers are gone.
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |fd| write(fd, buf))
    }

    /// As [`try_write`](Self::try_write), from several buffers, one after the other.
    ///
    /// # Errors
    ///
    /// As [`try_write`](Self::try_write).
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.io
            .try_io(Interest::WRITABLE, |fd| write_vectored(fd, bufs))
    }
}

impl AsyncWrite for Sender {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut()
            .io
            .poll_write_with_exclusive(cx, |fd| write(fd, buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let io = &mut self.get_mut().io;
        io.poll_write_with_exclusive(cx, |fd| write_vectored(fd, bufs))
    }

    /// There is nothing to flush.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Does nothing: a pipe's end is closed by dropping it.
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Receiver {
    /// Waits until there is something to read, or all senders are gone.
    ///
    /// # Errors
    ///
    /// When the reactor has been shut down.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: readiness stays.
    pub async fn readable(&self) -> io::Result<()> {
        self.io.readable().await
    }

    /// As [`readable`](Self::readable), for those who write futures by hand.
    ///
    /// # Errors
    ///
    /// As [`readable`](Self::readable).
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_readable(cx)
    }

    /// Reads what has arrived, without waiting. Returns 0 when all senders are gone,
    /// or `buf` is empty.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing is there, also when the
    /// reactor has not heard of it yet: wait for [`readable`](Self::readable) first.
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |fd| read(fd, buf))
    }

    /// As [`try_read`](Self::try_read), into several buffers, one after the other.
    ///
    /// # Errors
    ///
    /// As [`try_read`](Self::try_read).
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.io
            .try_io(Interest::READABLE, |fd| read_vectored(fd, bufs))
    }

    /// As [`try_read`](Self::try_read), into the spare room of `buf`.
    ///
    /// # Errors
    ///
    /// As [`try_read`](Self::try_read).
    pub fn try_read_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.io
            .try_io(Interest::READABLE, |fd| sys::read_buf(fd, buf))
    }
}

impl AsyncRead for Receiver {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let io = &mut self.get_mut().io;
        // Not taking a short read for an empty pipe: one in packet mode stops at
        // the end of each packet.
        io.poll_read_with_exclusive(cx, |fd| read(fd, buf))
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let io = &mut self.get_mut().io;
        io.poll_read_with_exclusive(cx, |fd| read_vectored(fd, bufs))
    }
}
