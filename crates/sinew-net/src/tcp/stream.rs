//! A TCP connection.

mod options;

use std::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{self, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::BufMut;
use futures_io::{AsyncRead, AsyncWrite};

use super::connect;
use crate::addr::{self, ToSocketAddrs};
use crate::error::attempted;
use crate::stream::face::stream_face;
use crate::stream::{Conn, Socket};
use crate::{Interest, Ready, provider};

/// A TCP connection to another host.
///
/// It is read and written through the traits [`AsyncRead`](futures_io::AsyncRead)
/// and [`AsyncWrite`](futures_io::AsyncWrite), which `TcpStream` and
/// `&TcpStream` implement: two tasks may share one, one reading and one
/// writing. [`split`](Self::split) and [`into_split`](Self::into_split) give
/// the two directions to different owners.
///
/// Closing it ([`poll_close`](futures_io::AsyncWrite::poll_close)) ends the
/// sending direction only: the peer reads what was sent, then the end, and may
/// still answer. Dropping it closes the connection.
///
/// # Cancel safety
///
/// A read or write that is dropped before it is done has moved no byte: those
/// moved are reported in the same poll.
///
/// # Virtual networks
///
/// Made while a [provider](crate::provider) is entered, a stream has no
/// descriptor: [`AsFd`](std::os::fd::AsFd) and [`AsRawFd`](std::os::fd::AsRawFd)
/// panic at the caller's line and [`into_std`](Self::into_std) fails; all else
/// works.
///
/// ```
/// use futures::{AsyncReadExt, AsyncWriteExt};
/// use sinew_net::{TcpListener, TcpStream};
///
/// # futures::executor::block_on(async {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let mut client = TcpStream::connect(listener.local_addr()?).await?;
/// let (mut server, _) = listener.accept().await?;
///
/// client.write_all(b"hello").await?;
/// client.close().await?;
/// let mut text = String::new();
/// server.read_to_string(&mut text).await?;
/// assert_eq!(text, "hello");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct TcpStream {
    pub(crate) conn: Conn<net::TcpStream>,
}

stream_face!(TcpStream, net::TcpStream, SocketAddr);

impl TcpStream {
    /// Connects to `addr`. When it is a list of addresses, they are tried in order
    /// until one answers.
    ///
    /// A host name often stands for addresses of both families, some of which may
    /// not answer. They are tried by the rules of Happy Eyeballs (RFC 8305):
    /// families in turn, the next address when one has failed or has not answered
    /// for 250 ms, and the first that answers is taken.
    ///
    /// # Errors
    ///
    /// The error of the last address that failed; its message names that address and
    /// its source is the error of the system (see [`FailedAttempt`](crate::FailedAttempt)).
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when `addr` is malformed or
    /// stands for no address, [`NotFound`](io::ErrorKind::NotFound) when the
    /// host name is not known.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the attempt up and closes its socket.
    #[track_caller]
    pub fn connect<A: ToSocketAddrs>(addr: A) -> impl Future<Output = io::Result<TcpStream>> {
        connect::connect(addr::target(&addr), provider::entered(), Location::caller())
    }

    /// Connects to `addr`, and gives up after `timeout`.
    ///
    /// The time counts from the first poll of the future.
    ///
    /// # Errors
    ///
    /// [`TimedOut`](io::ErrorKind::TimedOut) when the time is over, else as
    /// [`connect`](Self::connect). Both name the address.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the attempt up and closes its socket.
    #[track_caller]
    pub fn connect_timeout(
        addr: &SocketAddr,
        timeout: Duration,
    ) -> impl Future<Output = io::Result<TcpStream>> + use<> {
        let addr = *addr;
        let net = provider::entered();
        let location = Location::caller();
        async move {
            let connecting = connect::connect_addr(addr, net.as_deref(), location);
            match sinew_time::timeout(timeout, connecting).await {
                Ok(connected) => connected,
                Err(_) => {
                    let error = io::Error::new(
                        io::ErrorKind::TimedOut,
                        format!("no answer within {timeout:?}"),
                    );
                    Err(attempted("connect to", addr, error))
                }
            }
        }
    }

    /// Reads what has arrived without taking it: the next read gets it again.
    /// Returns 0 when the peer has closed its direction.
    ///
    /// # Errors
    ///
    /// As a read.
    ///
    /// # Cancel safety
    ///
    /// Nothing is taken, so nothing can be lost.
    pub async fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        match &self.conn.socket {
            Socket::Os(io) => io.read_with(|stream| stream.peek(buf)).await,
            Socket::Virtual(_) => poll_fn(|cx| self.poll_peek(cx, buf)).await,
        }
    }

    /// As [`peek`](Self::peek), for those who write futures by hand.
    ///
    /// # Errors
    ///
    /// As a read.
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        match &self.conn.socket {
            Socket::Os(io) => io.poll_read_with(cx, |stream| stream.peek(buf)),
            Socket::Virtual(stream) => stream.poll_with(cx, Interest::READABLE, |io| io.peek(buf)),
        }
    }
}
