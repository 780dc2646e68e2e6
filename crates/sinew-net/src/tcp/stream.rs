//! A TCP connection.

mod attempt;
mod options;
mod traits;

use std::fmt;
use std::io;
use std::net::{self, Shutdown, SocketAddr};
use std::panic::Location;
use std::task::{Context, Poll};
use std::time::Duration;

use sinew_reactor::Async;

use super::connect;
use super::split::{self, ReadHalf, WriteHalf};
use super::split_owned::{self, OwnedReadHalf, OwnedWriteHalf};
use super::virtual_stream::Virtual;
use crate::addr::{self, ToSocketAddrs};
use crate::error::attempted;
use crate::{Interest, provider};

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
    socket: Socket,
}

/// Whose connection it is. Decided when it is made.
enum Socket {
    Os(Async<net::TcpStream>),
    // Boxed, so that it adds nothing to the size of the other arm.
    Virtual(Box<Virtual>),
}

impl TcpStream {
    /// Connects to `addr`. When it stands for several addresses, they are tried
    /// in order until one answers.
    ///
    /// # Errors
    ///
    /// The error of the last address tried; its message names that address and
    /// its source is the error of the system (see [`NetError`](crate::NetError)).
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

    /// Takes over a connection of the standard library. It is switched to
    /// non-blocking mode. A virtual network plays no part in this.
    ///
    /// # Errors
    ///
    /// When the reactor cannot be started or does not take the descriptor.
    #[track_caller]
    pub fn from_std(stream: net::TcpStream) -> io::Result<TcpStream> {
        Ok(TcpStream::from_async(Async::new(stream)?))
    }

    /// Gives the connection back to the standard library. It stays in
    /// non-blocking mode: call
    /// [`set_nonblocking`](net::TcpStream::set_nonblocking) if need be.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) when the stream belongs to a
    /// virtual network: it has no descriptor. Otherwise when the reactor does
    /// not let the descriptor go.
    pub fn into_std(self) -> io::Result<net::TcpStream> {
        match self.socket {
            Socket::Os(io) => io.into_inner(),
            Socket::Virtual(_) => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "a stream of a virtual network has no descriptor",
            )),
        }
    }

    pub(super) fn from_async(io: Async<net::TcpStream>) -> TcpStream {
        TcpStream {
            socket: Socket::Os(io),
        }
    }

    pub(super) fn from_virtual(stream: Virtual) -> TcpStream {
        TcpStream {
            socket: Socket::Virtual(Box::new(stream)),
        }
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// The error of `getsockname`.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match &self.socket {
            Socket::Os(io) => io.get_ref().local_addr(),
            Socket::Virtual(stream) => stream.io().local_addr(),
        }
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) when the connection is
    /// gone, on some systems.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        match &self.socket {
            Socket::Os(io) => io.get_ref().peer_addr(),
            Socket::Virtual(stream) => stream.io().peer_addr(),
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
        match &self.socket {
            Socket::Os(io) => io.read_with(|stream| stream.peek(buf)).await,
            Socket::Virtual(stream) => {
                std::future::poll_fn(|cx| {
                    stream.poll_with(cx, Interest::READABLE, |io| io.peek(buf))
                })
                .await
            }
        }
    }

    /// As [`peek`](Self::peek), for those who write futures by hand.
    ///
    /// # Errors
    ///
    /// As a read.
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        match &self.socket {
            Socket::Os(io) => io.poll_read_with(cx, |stream| stream.peek(buf)),
            Socket::Virtual(stream) => stream.poll_with(cx, Interest::READABLE, |io| io.peek(buf)),
        }
    }

    /// Closes the sending direction. A connection that is gone already counts
    /// as closed.
    pub(super) fn shutdown_write(&self) -> io::Result<()> {
        let done = match &self.socket {
            Socket::Os(io) => io.get_ref().shutdown(Shutdown::Write),
            Socket::Virtual(stream) => stream.io().close_write(),
        };
        match done {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            done => done,
        }
    }

    /// Lends the two directions to different owners, at no cost.
    ///
    /// With the `AsyncReadExt` of the `futures` crate in scope, `stream.split()`
    /// is that trait's method, which takes the stream; write
    /// `TcpStream::split(&mut stream)` there.
    pub fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        split::split(self)
    }

    /// Gives the two directions to different owners, which may be different
    /// tasks. Dropping the [`OwnedWriteHalf`] closes the sending direction.
    #[must_use]
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        split_owned::split_owned(self)
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("TcpStream");
        if let Ok(addr) = self.local_addr() {
            out.field("addr", &addr);
        }
        if let Ok(peer) = self.peer_addr() {
            out.field("peer", &peer);
        }
        match &self.socket {
            Socket::Os(io) => out.field("fd", &std::os::fd::AsRawFd::as_raw_fd(io.get_ref())),
            Socket::Virtual(stream) => out.field("virtual", &stream.io().id()),
        };
        out.finish()
    }
}
