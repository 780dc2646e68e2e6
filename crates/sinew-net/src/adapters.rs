//! tokio's and hyper's IO traits on the streams of this crate, without a wrapper.

use crate::unix::pipe;
use crate::{TcpStream, UnixStream, tcp, unix};

/// Calls `$with` for every stream that can be read, but `TcpStream`.
macro_rules! readers {
    ($with:path) => {
        $with!([] &TcpStream);
        $with!([] tcp::ReadHalf<'_>);
        $with!([] tcp::OwnedReadHalf);
        $with!([] UnixStream);
        $with!([] &UnixStream);
        $with!([] unix::ReadHalf<'_>);
        $with!([] unix::OwnedReadHalf);
        $with!([] pipe::Receiver);
    };
}

/// Calls `$with` for every stream that can be written.
macro_rules! writers {
    ($with:path) => {
        $with!([] TcpStream);
        $with!([] &TcpStream);
        $with!([] tcp::WriteHalf<'_>);
        $with!([] tcp::OwnedWriteHalf);
        $with!([] UnixStream);
        $with!([] &UnixStream);
        $with!([] unix::WriteHalf<'_>);
        $with!([] unix::OwnedWriteHalf);
        $with!([] pipe::Sender);
    };
}

#[cfg(feature = "tokio-io")]
mod tokio_io {
    use super::*;

    sinew_io::impl_tokio_read!([] TcpStream);
    readers!(sinew_io::impl_tokio_read);
    writers!(sinew_io::impl_tokio_write);
}

#[cfg(feature = "hyper")]
mod hyper_io {
    use std::io;
    use std::pin::Pin;
    use std::task::{Context, Poll, ready};

    use sinew_io::__private::{hyper::rt, poll_read_cursor};
    use sinew_reactor::Received;
    use socket2::SockRef;

    use super::*;
    use crate::stream::Socket;

    readers!(sinew_io::impl_hyper_read);
    writers!(sinew_io::impl_hyper_write);

    /// Straight into hyper's buffer: servers read several times for each request.
    impl rt::Read for TcpStream {
        #[expect(unsafe_code, reason = "hyper's buffer holds no bytes yet")]
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            mut buf: rt::ReadBufCursor<'_>,
        ) -> Poll<io::Result<()>> {
            let Socket::Os(io) = &mut self.conn.socket else {
                return poll_read_cursor(self, cx, buf);
            };
            // SAFETY: it goes to a receiving system call only, which writes bytes to
            // it and never unwritten ones.
            let spare = unsafe { buf.as_mut() };
            let read = io.poll_read_stream_exclusive(cx, spare, |socket, spare| {
                SockRef::from(socket).recv(spare).map(Received::all)
            });
            let count = ready!(read)?;
            // SAFETY: the call has written so many bytes at the front.
            unsafe { buf.advance(count) };
            Poll::Ready(Ok(()))
        }
    }
}
