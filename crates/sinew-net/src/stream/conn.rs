//! A connection, whoever's it is.

use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;
use std::task::{Context, Poll};

use bytes::BufMut;
use sinew_reactor::Async;

use super::{Transport, Virtual};
use crate::error::no_descriptor;
use crate::{Interest, Ready, splice, sys};

/// A connection.
pub(crate) struct Conn<T: Transport> {
    pub(crate) socket: Socket<T>,
}

/// Whose connection it is. Decided when it is made.
pub(crate) enum Socket<T: Transport> {
    Os(Async<T>),
    // Boxed, so that it adds nothing to the size of the other arm.
    Virtual(Box<Virtual<T::Addr>>),
}

impl<T: Transport> Conn<T> {
    pub(crate) fn os(io: Async<T>) -> Self {
        splice::offer();
        Conn {
            socket: Socket::Os(io),
        }
    }

    pub(crate) fn from_virtual(stream: Virtual<T::Addr>) -> Self {
        Conn {
            socket: Socket::Virtual(Box::new(stream)),
        }
    }

    #[track_caller]
    pub(crate) fn from_std(socket: T) -> io::Result<Self> {
        Async::new(socket).map(Conn::os)
    }

    /// Takes over a socket that does not block and has just been connected. There
    /// is room to send; do not wait for the reactor to say so.
    pub(crate) fn connected(socket: T, location: &'static Location<'static>) -> io::Result<Self> {
        Async::new_with_room_at(socket, location).map(Conn::os)
    }

    /// As [`connected`](Self::connected), for one that was accepted: the request has
    /// often arrived by now, so reading is worth a try too.
    pub(crate) fn accepted(socket: T, location: &'static Location<'static>) -> io::Result<Self> {
        let io = Async::new_with_room_at(socket, location)?;
        io.assume_ready(Ready::READABLE);
        Ok(Conn::os(io))
    }

    pub(crate) fn into_std(self) -> io::Result<T> {
        match self.socket {
            Socket::Os(io) => io.into_inner(),
            Socket::Virtual(_) => Err(no_descriptor(T::NAME)),
        }
    }

    #[track_caller]
    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.socket {
            Socket::Os(io) => io.get_ref().as_fd(),
            Socket::Virtual(_) => panic!("a {} of a virtual network has no descriptor", T::NAME),
        }
    }

    /// What tells it apart, for people: its descriptor, or the provider's number.
    pub(crate) fn number(&self) -> Result<RawFd, u64> {
        match &self.socket {
            Socket::Os(io) => Ok(io.get_ref().as_fd().as_raw_fd()),
            Socket::Virtual(stream) => Err(stream.io().id()),
        }
    }

    pub(crate) fn local_addr(&self) -> io::Result<T::Addr> {
        match &self.socket {
            Socket::Os(io) => io.get_ref().local_addr(),
            Socket::Virtual(stream) => stream.io().local_addr(),
        }
    }

    pub(crate) fn peer_addr(&self) -> io::Result<T::Addr> {
        match &self.socket {
            Socket::Os(io) => io.get_ref().peer_addr(),
            Socket::Virtual(stream) => stream.io().peer_addr(),
        }
    }

    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        match &self.socket {
            Socket::Os(io) => io.get_ref().take_error(),
            Socket::Virtual(stream) => stream.io().take_error(),
        }
    }

    /// Closes the sending direction. A connection that is gone already counts
    /// as closed.
    pub(crate) fn shutdown_write(&self) -> io::Result<()> {
        let done = match &self.socket {
            Socket::Os(io) => io.get_ref().shutdown(Shutdown::Write),
            Socket::Virtual(stream) => stream.io().close_write(),
        };
        match done {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            done => done,
        }
    }

    pub(crate) async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        match &self.socket {
            Socket::Os(io) => io.ready(interest).await,
            Socket::Virtual(stream) => poll_fn(|cx| stream.poll_ready(cx, interest)).await,
        }
    }

    pub(crate) fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.socket {
            Socket::Os(io) => io.poll_readable(cx),
            Socket::Virtual(stream) => stream.poll_ready(cx, Interest::READABLE).map_ok(drop),
        }
    }

    pub(crate) fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.socket {
            Socket::Os(io) => io.poll_writable(cx),
            Socket::Virtual(stream) => stream.poll_ready(cx, Interest::WRITABLE).map_ok(drop),
        }
    }

    pub(crate) fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        match &self.socket {
            Socket::Os(io) => io.try_io(Interest::READABLE, |socket| {
                socket.recv(buf).map(|received| received.count)
            }),
            Socket::Virtual(stream) => stream.io().read(&mut [IoSliceMut::new(buf)]),
        }
    }

    pub(crate) fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        match &self.socket {
            Socket::Os(io) => io.try_io(Interest::READABLE, |socket| socket.recv_vectored(bufs)),
            Socket::Virtual(stream) => stream.io().read(bufs),
        }
    }

    pub(crate) fn try_read_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        match &self.socket {
            Socket::Os(io) => io.try_io(Interest::READABLE, |socket| sys::recv_buf(socket, buf)),
            Socket::Virtual(stream) => {
                sys::put(buf, |part| stream.io().read(&mut [IoSliceMut::new(part)]))
            }
        }
    }

    pub(crate) fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        match &self.socket {
            Socket::Os(io) => io.try_io(Interest::WRITABLE, |socket| socket.send(buf)),
            Socket::Virtual(stream) => stream.io().write(&[IoSlice::new(buf)]),
        }
    }

    pub(crate) fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        match &self.socket {
            Socket::Os(io) => io.try_io(Interest::WRITABLE, |socket| socket.send_vectored(bufs)),
            Socket::Virtual(stream) => stream.io().write(bufs),
        }
    }

    pub(crate) fn try_io<R>(
        &self,
        interest: Interest,
        f: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<R> {
        match &self.socket {
            Socket::Os(io) => io.try_io(interest, |_| f()),
            // A provider knows its state and needs no readiness cleared.
            Socket::Virtual(_) => f(),
        }
    }

    pub(crate) async fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut() -> io::Result<R>,
    ) -> io::Result<R> {
        loop {
            self.ready(interest).await?;
            match self.try_io(interest, &mut f) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
        }
    }

    pub(crate) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match &self.socket {
            Socket::Os(io) => io.poll_read_stream(cx, buf, T::recv),
            Socket::Virtual(stream) => stream.poll_read(cx, buf),
        }
    }

    pub(crate) fn poll_read_exclusive(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.socket {
            Socket::Os(io) => io.poll_read_stream_exclusive(cx, buf, T::recv),
            Socket::Virtual(stream) => stream.poll_read(cx, buf),
        }
    }

    pub(crate) fn poll_read_vectored(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        match &self.socket {
            Socket::Os(io) => io.poll_read_with(cx, |socket| socket.recv_vectored(bufs)),
            Socket::Virtual(stream) => stream.poll_with(cx, Interest::READABLE, |io| io.read(bufs)),
        }
    }

    pub(crate) fn poll_write(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &self.socket {
            Socket::Os(io) => io.poll_write_bytes(cx, buf, T::send),
            Socket::Virtual(stream) => stream.poll_write(cx, buf),
        }
    }

    pub(crate) fn poll_write_exclusive(
        &mut self,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.socket {
            Socket::Os(io) => io.poll_write_bytes_exclusive(cx, buf, T::send),
            Socket::Virtual(stream) => stream.poll_write(cx, buf),
        }
    }

    pub(crate) fn poll_write_vectored(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &self.socket {
            Socket::Os(io) => io.poll_write_with(cx, |socket| socket.send_vectored(bufs)),
            Socket::Virtual(stream) => {
                stream.poll_with(cx, Interest::WRITABLE, |io| io.write(bufs))
            }
        }
    }
}
