//! The IO traits on `Async<T>`, for a `T` that has std's.
//!
//! The operations are std's own calls on the object, tried when the direction is
//! ready. A short count says nothing about readiness here, because `T` may be a
//! terminal, a socket that stops at descriptors sent along, or anything else: see
//! [`Async::poll_read_bytes`].

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
use rustix::net::Shutdown;

use super::Async;
use crate::error::is_would_block;
use crate::readiness::{Direction, Waiting};

/// Nothing here is ever pinned in place: the object is only used through
/// references.
impl<T: AsFd> Unpin for Async<T> {}

impl<T: AsFd> Async<T> {
    /// As `poll_with`, for an operation that wants the object to itself.
    ///
    /// Only std's traits on `T` are called with it. They are `T`'s own code, which
    /// could exchange its descriptor through `&T` as well; `Registration` notices.
    fn poll_own<R>(
        &mut self,
        cx: &mut Context<'_>,
        direction: Direction,
        mut op: impl FnMut(&mut T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        let io = self.io.as_mut();
        let io = io.expect("the object is here until into_inner");
        self.registration
            .poll_op(cx, direction, Waiting::Alone, |_| op(io))
    }

    /// Tells the peer of a socket that no more will come. What is no socket has no
    /// such thing; a connection that is gone counts as ended.
    fn end_writing(&self) -> io::Result<()> {
        use rustix::io::Errno;

        match rustix::net::shutdown(self.get_ref().as_fd(), Shutdown::Write) {
            Err(Errno::NOTSOCK | Errno::NOTCONN) => Ok(()),
            done => Ok(done?),
        }
    }
}

/// Reads as [`Read`] does on the object, which it has to itself.
impl<T: AsFd + Read> AsyncRead for Async<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_own(cx, Direction::Read, |io| io.read(buf))
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_own(cx, Direction::Read, |io| io.read_vectored(bufs))
    }
}

/// Reads as [`Read`] does on a shared reference to the object. Several tasks may
/// read; each byte goes to one of them.
impl<T: AsFd> AsyncRead for &Async<T>
where
    for<'a> &'a T: Read,
{
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_read_with(cx, |mut io| io.read(buf))
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_read_with(cx, |mut io| io.read_vectored(bufs))
    }
}

/// Writes as [`Write`] does on the object, which it has to itself. Closing flushes,
/// and shuts down the sending direction if the object is a socket. The descriptor
/// of anything else is closed when the object is dropped.
impl<T: AsFd + Write> AsyncWrite for Async<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_own(cx, Direction::Write, |io| io.write(buf))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_own(cx, Direction::Write, |io| io.write_vectored(bufs))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Not only once it is writable: most objects have nothing to flush.
        let io = self.io.as_mut();
        match io.expect("the object is here until into_inner").flush() {
            Err(error) if is_would_block(&error) => self.poll_own(cx, Direction::Write, T::flush),
            done => Poll::Ready(done),
        }
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_flush(cx))?;
        Poll::Ready(self.end_writing())
    }
}

/// Writes as [`Write`] does on a shared reference to the object, and closes as
/// `Async<T>` does. Several tasks may write; what they write in one call each stays
/// together as far as the descriptor promises it.
impl<T: AsFd> AsyncWrite for &Async<T>
where
    for<'a> &'a T: Write,
{
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_with(cx, |mut io| io.write(buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_with(cx, |mut io| io.write_vectored(bufs))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut io = Async::get_ref(*self);
        match io.flush() {
            Err(error) if is_would_block(&error) => self.poll_write_with(cx, |mut io| io.flush()),
            done => Poll::Ready(done),
        }
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_flush(cx))?;
        Poll::Ready(self.end_writing())
    }
}

#[cfg(feature = "tokio-io")]
mod tokio_io {
    use super::*;

    sinew_io::impl_tokio_read!([T: AsFd + Read] Async<T>);
    sinew_io::impl_tokio_read!([T: AsFd] &Async<T> where for<'a> &'a T: Read);
    sinew_io::impl_tokio_write!([T: AsFd + Write] Async<T>);
    sinew_io::impl_tokio_write!([T: AsFd] &Async<T> where for<'a> &'a T: Write);
}

#[cfg(feature = "hyper")]
mod hyper_io {
    use super::*;

    sinew_io::impl_hyper_read!([T: AsFd + Read] Async<T>);
    sinew_io::impl_hyper_read!([T: AsFd] &Async<T> where for<'a> &'a T: Read);
    sinew_io::impl_hyper_write!([T: AsFd + Write] Async<T>);
    sinew_io::impl_hyper_write!([T: AsFd] &Async<T> where for<'a> &'a T: Write);
}
