//! The IO traits, and the descriptor.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use super::{Socket, TcpStream};
use crate::Interest;

// The calls that move bytes, on a shared reference.

fn recv(mut stream: &net::TcpStream, buf: &mut [u8]) -> io::Result<usize> {
    stream.read(buf)
}

fn send(mut stream: &net::TcpStream, buf: &[u8]) -> io::Result<usize> {
    stream.write(buf)
}

impl TcpStream {
    pub(crate) fn poll_read_shared(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match &self.socket {
            Socket::Os(io) => io.poll_read_bytes(cx, buf, recv),
            Socket::Virtual(stream) => stream.poll_read(cx, buf),
        }
    }

    pub(crate) fn poll_read_vectored_shared(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        match &self.socket {
            Socket::Os(io) => io.poll_read_with(cx, |mut stream| stream.read_vectored(bufs)),
            Socket::Virtual(stream) => stream.poll_with(cx, Interest::READABLE, |io| io.read(bufs)),
        }
    }

    pub(crate) fn poll_write_shared(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &self.socket {
            Socket::Os(io) => io.poll_write_bytes(cx, buf, send),
            Socket::Virtual(stream) => stream.poll_write(cx, buf),
        }
    }

    pub(crate) fn poll_write_vectored_shared(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &self.socket {
            Socket::Os(io) => io.poll_write_with(cx, |mut stream| stream.write_vectored(bufs)),
            Socket::Virtual(stream) => {
                stream.poll_with(cx, Interest::WRITABLE, |io| io.write(bufs))
            }
        }
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().socket {
            Socket::Os(io) => io.poll_read_bytes_exclusive(cx, buf, recv),
            Socket::Virtual(stream) => stream.poll_read(cx, buf),
        }
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_read_vectored_shared(cx, bufs)
    }
}

impl AsyncRead for &TcpStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_read_shared(cx, buf)
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_read_vectored_shared(cx, bufs)
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().socket {
            Socket::Os(io) => io.poll_write_bytes_exclusive(cx, buf, send),
            Socket::Virtual(stream) => stream.poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored_shared(cx, bufs)
    }

    /// There is nothing to flush: what was written is the system's to send.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Closes the sending direction. Again is fine, and a connection that is
    /// gone already counts as closed.
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.shutdown_write())
    }
}

impl AsyncWrite for &TcpStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_shared(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored_shared(cx, bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.shutdown_write())
    }
}

/// # Panics
///
/// At the caller's line, when the stream belongs to a virtual network: it has
/// no descriptor, and any that could be given instead would be somebody else's.
impl AsFd for TcpStream {
    #[track_caller]
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.socket {
            Socket::Os(io) => io.get_ref().as_fd(),
            Socket::Virtual(_) => panic!("a TcpStream of a virtual network has no descriptor"),
        }
    }
}

/// # Panics
///
/// As its [`AsFd`].
impl AsRawFd for TcpStream {
    #[track_caller]
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

impl TryFrom<net::TcpStream> for TcpStream {
    type Error = io::Error;

    /// As [`TcpStream::from_std`].
    #[track_caller]
    fn try_from(stream: net::TcpStream) -> io::Result<TcpStream> {
        TcpStream::from_std(stream)
    }
}

impl AsRef<TcpStream> for TcpStream {
    fn as_ref(&self) -> &TcpStream {
        self
    }
}
