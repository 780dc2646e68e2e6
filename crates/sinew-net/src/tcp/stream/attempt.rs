//! Waiting for readiness, and operations that do not wait.

use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::task::{Context, Poll};

use super::{Socket, TcpStream};
use crate::{Interest, Ready};

impl TcpStream {
    /// Waits until the connection is ready for any part of `interest`, and says
    /// for which. Readiness may be false: the operation can still fail with
    /// [`WouldBlock`](io::ErrorKind::WouldBlock), and then one waits again.
    ///
    /// # Errors
    ///
    /// When the reactor has been shut down.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: readiness stays until an operation finds it false.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        match &self.socket {
            Socket::Os(io) => io.ready(interest).await,
            Socket::Virtual(stream) => poll_fn(|cx| stream.poll_ready(cx, interest)).await,
        }
    }

    /// Waits until there is something to read, or the end of it.
    ///
    /// # Errors
    ///
    /// As [`ready`](Self::ready).
    ///
    /// # Cancel safety
    ///
    /// As [`ready`](Self::ready).
    pub async fn readable(&self) -> io::Result<()> {
        self.ready(Interest::READABLE).await.map(drop)
    }

    /// Waits until there is room to write, or the peer reads no more.
    ///
    /// # Errors
    ///
    /// As [`ready`](Self::ready).
    ///
    /// # Cancel safety
    ///
    /// As [`ready`](Self::ready).
    pub async fn writable(&self) -> io::Result<()> {
        self.ready(Interest::WRITABLE).await.map(drop)
    }

    /// As [`readable`](Self::readable), for those who write futures by hand.
    ///
    /// # Errors
    ///
    /// As [`ready`](Self::ready).
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.socket {
            Socket::Os(io) => io.poll_readable(cx),
            Socket::Virtual(stream) => stream.poll_ready(cx, Interest::READABLE).map_ok(drop),
        }
    }

    /// As [`writable`](Self::writable), for those who write futures by hand.
    ///
    /// # Errors
    ///
    /// As [`ready`](Self::ready).
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.socket {
            Socket::Os(io) => io.poll_writable(cx),
            Socket::Virtual(stream) => stream.poll_ready(cx, Interest::WRITABLE).map_ok(drop),
        }
    }

    /// Reads what has arrived, without waiting. Returns 0 when the peer has
    /// closed its direction, or `buf` is empty.
    ///
    /// ```
    /// use sinew_net::TcpStream;
    /// use std::io::ErrorKind;
    ///
    /// async fn read_some(stream: &TcpStream, buf: &mut [u8]) -> std::io::Result<usize> {
    ///     loop {
    ///         stream.readable().await?;
    ///         match stream.try_read(buf) {
    ///             Err(error) if error.kind() == ErrorKind::WouldBlock => {}
    ///             done => return done,
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing is there, also
    /// when the reactor has not heard of it yet: wait for
    /// [`readable`](Self::readable) first. Otherwise as a read.
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        match &self.socket {
            Socket::Os(io) => io.try_io(Interest::READABLE, |mut stream| stream.read(buf)),
            Socket::Virtual(stream) => stream.io().read(&mut [IoSliceMut::new(buf)]),
        }
    }

    /// As [`try_read`](Self::try_read), into several buffers, one after the other.
    ///
    /// # Errors
    ///
    /// As [`try_read`](Self::try_read).
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        match &self.socket {
            Socket::Os(io) => {
                io.try_io(Interest::READABLE, |mut stream| stream.read_vectored(bufs))
            }
            Socket::Virtual(stream) => stream.io().read(bufs),
        }
    }

    /// Sends what there is room for, without waiting, and says how much.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room, also
    /// when the reactor has not heard of it yet: wait for
    /// [`writable`](Self::writable) first. Otherwise as a write.
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        match &self.socket {
            Socket::Os(io) => io.try_io(Interest::WRITABLE, |mut stream| stream.write(buf)),
            Socket::Virtual(stream) => stream.io().write(&[IoSlice::new(buf)]),
        }
    }

    /// As [`try_write`](Self::try_write), from several buffers, one after the other.
    ///
    /// # Errors
    ///
    /// As [`try_write`](Self::try_write).
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        match &self.socket {
            Socket::Os(io) => {
                io.try_io(Interest::WRITABLE, |mut stream| stream.write_vectored(bufs))
            }
            Socket::Virtual(stream) => stream.io().write(bufs),
        }
    }

    /// Does an operation of one's own if the connection is ready for
    /// `interest`. When `f` fails with `WouldBlock`, the readiness counts as
    /// false and the next wait is a real one. So `f` must try the operation on
    /// this very connection, and fail with `WouldBlock` in no other case.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) without calling `f` when the
    /// connection is not ready; otherwise the error of `f`.
    pub fn try_io<R>(
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

    /// Waits for `interest` and does an operation of one's own, again until it
    /// does not fail with `WouldBlock`. `f` is bound by what
    /// [`try_io`](Self::try_io) says.
    ///
    /// # Errors
    ///
    /// The error of `f`, or of [`ready`](Self::ready).
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: what `f` has done is returned in the same poll.
    pub async fn async_io<R>(
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
}
