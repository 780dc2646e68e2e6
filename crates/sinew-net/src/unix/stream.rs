//! A Unix stream.

use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net;
use std::panic::Location;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::BufMut;
use futures_io::{AsyncRead, AsyncWrite};
use socket2::Type;

use super::addr::{Shown, ShownPath};
use super::{SocketAddr, UCred};
use crate::connecting;
use crate::error::{attempted, no_descriptor};
use crate::provider::{self, VirtualNet};
use crate::stream::face::stream_face;
use crate::stream::{Conn, Socket, Virtual};
use crate::sys;
use crate::{Interest, Ready};

/// A stream of bytes in both directions between two sockets of this machine.
///
/// It is used as a [`TcpStream`](crate::TcpStream) is: read and written through
/// [`AsyncRead`] and [`AsyncWrite`], which `UnixStream` and `&UnixStream`
/// implement, divided by [`split`](Self::split) or [`into_split`](Self::into_split),
/// its sending direction ended by [`poll_close`](AsyncWrite::poll_close), and the
/// whole closed by dropping it.
///
/// # Cancel safety
///
/// A read or write that is dropped before it is done has moved no byte: those
/// moved are reported in the same poll.
///
/// # Virtual networks
///
/// As for [`TcpStream`](crate::TcpStream#virtual-networks).
///
/// ```
/// use futures::{AsyncReadExt, AsyncWriteExt};
/// use sinew_net::UnixStream;
///
/// # futures::executor::block_on(async {
/// let (mut one, mut other) = UnixStream::pair()?;
/// one.write_all(b"hello").await?;
/// one.close().await?;
/// let mut text = String::new();
/// other.read_to_string(&mut text).await?;
/// assert_eq!(text, "hello");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct UnixStream {
    pub(crate) conn: Conn<net::UnixStream>,
}

stream_face!(UnixStream, net::UnixStream, SocketAddr);

impl UnixStream {
    /// Connects to the socket at `path`, or on Linux to an
    /// [abstract name](crate::unix#names).
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) when there is no such path,
    /// [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) when nobody listens
    /// there, [`PermissionDenied`](io::ErrorKind::PermissionDenied),
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for a path that is too long
    /// for an address, [`WouldBlock`](io::ErrorKind::WouldBlock) on Linux when the
    /// listener has no room for another connection: the system does not tell when
    /// there will be, so try again later. The message names the path.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the socket.
    #[track_caller]
    pub fn connect<P: AsRef<Path>>(path: P) -> impl Future<Output = io::Result<UnixStream>> {
        let net = provider::entered();
        let location = Location::caller();
        async move {
            let path = path.as_ref();
            match SocketAddr::from_path(path) {
                Ok(addr) => connect(addr, net, location).await,
                Err(error) => Err(attempted("connect to", ShownPath(path), error)),
            }
        }
    }

    /// Connects to the socket called `addr`.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the socket.
    #[track_caller]
    pub fn connect_addr(addr: &SocketAddr) -> impl Future<Output = io::Result<UnixStream>> + use<> {
        connect(addr.clone(), provider::entered(), Location::caller())
    }

    /// Two streams that are connected to each other and have no names.
    ///
    /// # Errors
    ///
    /// The process or the system is out of descriptors or memory.
    #[track_caller]
    pub fn pair() -> io::Result<(UnixStream, UnixStream)> {
        let location = Location::caller();
        if let Some(net) = provider::entered() {
            let ends = net.unix_pair()?;
            let [one, other] = ends.map(|io| {
                let conn = Conn::from_virtual(Virtual::new(io, location));
                UnixStream { conn }
            });
            return Ok((one, other));
        }
        let (one, other) = sys::unix_pair(Type::STREAM)?;
        let conn = Conn::connected(one.into(), location)?;
        let other = Conn::connected(other.into(), location)?;
        Ok((UnixStream { conn }, UnixStream { conn: other }))
    }

    /// The process at the other end.
    ///
    /// # Errors
    ///
    /// The error of the system call;
    /// [`Unsupported`](io::ErrorKind::Unsupported) on a virtual network.
    pub fn peer_cred(&self) -> io::Result<UCred> {
        match &self.conn.socket {
            Socket::Os(io) => UCred::of_peer(io.as_fd()),
            Socket::Virtual(_) => Err(no_descriptor("UnixStream")),
        }
    }
}

async fn connect(
    addr: SocketAddr,
    net: Option<Arc<dyn VirtualNet>>,
    location: &'static Location<'static>,
) -> io::Result<UnixStream> {
    let connected = match net {
        Some(net) => Virtual::connect(net.connect_unix(None, &addr), 0, location)
            .await
            .map(Conn::from_virtual),
        None => match sys::unix(Type::STREAM) {
            Ok(socket) => match addr.to_socket2() {
                Ok(to) => connecting::connect(socket, &to, location).await,
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        },
    };
    connected
        .map(|conn| UnixStream { conn })
        .map_err(|error| attempted("connect to", Shown(&addr), error))
}
