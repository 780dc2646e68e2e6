//! Reads and writes of byte streams that save the call which finds out that
//! there is no more.
//!
//! A stream that gives fewer bytes than were asked for is empty, so the call
//! that would say `WouldBlock` can be left out. This is right only if the end of
//! the stream is told by an event of its own, which is remembered (`READ_CLOSED`
//! is not cleared here): data and the end may come in one edge, after which
//! there is no other. The epoll backend asks for that; with others the saving is
//! not made.

use std::io;
use std::os::fd::AsFd;
use std::task::{Context, Poll};

use super::Async;
use crate::Ready;
use crate::readiness::{Direction, Waiting};

/// What a read of a byte stream has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// How many bytes.
    pub count: usize,
    /// Whether the read may have stopped short of bytes that are there already.
    pub stopped: bool,
}

impl Received {
    /// So many bytes, and no more were there if they did not fill the buffer.
    #[must_use]
    pub fn all(count: usize) -> Received {
        Received {
            count,
            stopped: false,
        }
    }
}

impl<T: AsFd> Async<T> {
    /// Reads from a byte stream, and takes fewer bytes than `buf` has room for
    /// as the sign that there are no more.
    ///
    /// For TCP sockets and ordinary pipes. Not where a read stops short with
    /// more to come: Unix sockets (at descriptors sent along), terminals (at
    /// line ends), packet-mode pipes, datagrams, kernel TLS. There, use
    /// [`poll_read_with`](Self::poll_read_with).
    ///
    /// # Errors
    ///
    /// The operation's own, or that the reactor is shut down.
    pub fn poll_read_bytes(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
        mut op: impl FnMut(&T, &mut [u8]) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        self.read_bytes(cx, Waiting::Shared, buf, |io, buf| {
            op(io, buf).map(Received::all)
        })
    }

    /// As [`poll_read_bytes`](Self::poll_read_bytes); only the last task that
    /// polled in this direction through an exclusive borrow is woken.
    ///
    /// # Errors
    ///
    /// The operation's own, or that the reactor is shut down.
    pub fn poll_read_bytes_exclusive(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
        mut op: impl FnMut(&T, &mut [u8]) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        self.read_bytes(cx, Waiting::Alone, buf, |io, buf| {
            op(io, buf).map(Received::all)
        })
    }

    /// As [`poll_read_bytes`](Self::poll_read_bytes), for streams whose reads
    /// sometimes stop short and say so, as `recvmsg` on a Unix socket does.
    ///
    /// The buffer is of bytes, or of `MaybeUninit<u8>` for an operation that
    /// needs no bytes in it.
    ///
    /// # Errors
    ///
    /// The operation's own, or that the reactor is shut down.
    pub fn poll_read_stream<E>(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [E],
        op: impl FnMut(&T, &mut [E]) -> io::Result<Received>,
    ) -> Poll<io::Result<usize>> {
        self.read_bytes(cx, Waiting::Shared, buf, op)
    }

    /// As [`poll_read_stream`](Self::poll_read_stream); only the last task that
    /// polled in this direction through an exclusive borrow is woken.
    ///
    /// # Errors
    ///
    /// The operation's own, or that the reactor is shut down.
    pub fn poll_read_stream_exclusive<E>(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut [E],
        op: impl FnMut(&T, &mut [E]) -> io::Result<Received>,
    ) -> Poll<io::Result<usize>> {
        self.read_bytes(cx, Waiting::Alone, buf, op)
    }

    /// Writes to a byte stream, and takes fewer bytes written than `buf` has as
    /// the sign that there is no more room. For TCP and Unix stream sockets and
    /// ordinary pipes.
    ///
    /// # Errors
    ///
    /// The operation's own, or that the reactor is shut down.
    pub fn poll_write_bytes(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        op: impl FnMut(&T, &[u8]) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        self.write_bytes(cx, Waiting::Shared, buf, op)
    }

    /// As [`poll_write_bytes`](Self::poll_write_bytes); only the last task that
    /// polled in this direction through an exclusive borrow is woken.
    ///
    /// # Errors
    ///
    /// The operation's own, or that the reactor is shut down.
    pub fn poll_write_bytes_exclusive(
        &mut self,
        cx: &mut Context<'_>,
        buf: &[u8],
        op: impl FnMut(&T, &[u8]) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        self.write_bytes(cx, Waiting::Alone, buf, op)
    }

    fn read_bytes<E>(
        &self,
        cx: &mut Context<'_>,
        waiting: Waiting,
        buf: &mut [E],
        mut op: impl FnMut(&T, &mut [E]) -> io::Result<Received>,
    ) -> Poll<io::Result<usize>> {
        let registration = &self.registration;
        registration.poll_op(cx, Direction::Read, waiting, |seen| {
            let Received { count, stopped } = op(self.get_ref(), buf)?;
            if !stopped {
                registration.note_count(seen, Ready::READABLE, count, buf.len());
            }
            Ok(count)
        })
    }

    fn write_bytes(
        &self,
        cx: &mut Context<'_>,
        waiting: Waiting,
        buf: &[u8],
        mut op: impl FnMut(&T, &[u8]) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        let registration = &self.registration;
        registration.poll_op(cx, Direction::Write, waiting, |seen| {
            let count = op(self.get_ref(), buf)?;
            registration.note_count(seen, Ready::WRITABLE, count, buf.len());
            Ok(count)
        })
    }
}
