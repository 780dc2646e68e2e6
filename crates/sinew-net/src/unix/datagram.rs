//! Unix datagrams.

use std::fmt;
use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net;
use std::panic::Location;
use std::path::Path;
use std::task::{Context, Poll};

use bytes::BufMut;
use socket2::Type;

use super::SocketAddr;
use super::addr::{Shown, ShownPath};
use crate::datagram::Dgram;
use crate::datagram::face::{addressed_face, packet_face};
use crate::error::attempted;
use crate::provider;
use crate::sys;
use crate::{Interest, Ready};

/// A Unix socket that sends and receives packets, whole, in order and without
/// loss: who sends waits until there is room.
///
/// Every method takes `&self`: to send in one task and receive in another, share
/// the socket in an [`Arc`](std::sync::Arc). The path that it is bound to stays
/// when the socket is dropped.
///
/// # Virtual networks
///
/// As for [`UdpSocket`](crate::UdpSocket#virtual-networks).
///
/// ```
/// use sinew_net::UnixDatagram;
///
/// # futures::executor::block_on(async {
/// let (one, other) = UnixDatagram::pair()?;
/// one.send(b"hello").await?;
/// let mut buf = [0; 16];
/// let count = other.recv(&mut buf).await?;
/// assert_eq!(&buf[..count], b"hello");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct UnixDatagram {
    dgram: Dgram<net::UnixDatagram>,
}

packet_face!(UnixDatagram, SocketAddr);
addressed_face!(UnixDatagram, net::UnixDatagram, SocketAddr);

impl UnixDatagram {
    /// A socket bound to `path`, or on Linux to an
    /// [abstract name](crate::unix#names).
    ///
    /// # Errors
    ///
    /// As [`UnixListener::bind`](crate::UnixListener::bind).
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<UnixDatagram> {
        let path = path.as_ref();
        UnixDatagram::bind_path(path, Location::caller())
            .map_err(|error| attempted("bind to", ShownPath(path), error))
    }

    fn bind_path(path: &Path, location: &'static Location<'static>) -> io::Result<UnixDatagram> {
        let addr = SocketAddr::from_path(path)?;
        let dgram = match provider::entered() {
            Some(net) => Dgram::from_virtual(net.unix_datagram(Some(&addr))?, location),
            None => {
                let socket = sys::unix(Type::DGRAM)?;
                socket.bind(&addr.to_socket2()?)?;
                Dgram::fresh(socket.into(), location)?
            }
        };
        Ok(UnixDatagram { dgram })
    }

    /// A socket without a name. It can send, and receive once it is connected by
    /// a peer that it is connected to: see [`pair`](Self::pair).
    ///
    /// # Errors
    ///
    /// The process or the system is out of descriptors or memory.
    #[track_caller]
    pub fn unbound() -> io::Result<UnixDatagram> {
        let location = Location::caller();
        let dgram = match provider::entered() {
            Some(net) => Dgram::from_virtual(net.unix_datagram(None)?, location),
            None => Dgram::fresh(sys::unix(Type::DGRAM)?.into(), location)?,
        };
        Ok(UnixDatagram { dgram })
    }

    /// Two sockets that are connected to each other and have no names.
    ///
    /// # Errors
    ///
    /// The process or the system is out of descriptors or memory.
    #[track_caller]
    pub fn pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
        let location = Location::caller();
        if let Some(net) = provider::entered() {
            let ends = net.unix_datagram_pair()?;
            let [one, other] = ends.map(|io| UnixDatagram {
                dgram: Dgram::from_virtual(io, location),
            });
            return Ok((one, other));
        }
        let (one, other) = sys::unix_pair(Type::DGRAM)?;
        let one = UnixDatagram::from_nonblocking(one.into(), location)?;
        let other = UnixDatagram::from_nonblocking(other.into(), location)?;
        Ok((one, other))
    }

    pub(super) fn from_nonblocking(
        socket: net::UnixDatagram,
        location: &'static Location<'static>,
    ) -> io::Result<UnixDatagram> {
        let dgram = Dgram::fresh(socket, location)?;
        Ok(UnixDatagram { dgram })
    }

    /// Makes the socket at `path` the peer: [`send`](Self::send) goes there.
    /// Connecting again exchanges the peer.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) when there is no such path,
    /// [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) when no socket has
    /// it any more, [`PermissionDenied`](io::ErrorKind::PermissionDenied). The
    /// message names the path.
    pub fn connect<P: AsRef<Path>>(&self, path: P) -> io::Result<()> {
        let path = path.as_ref();
        SocketAddr::from_path(path)
            .and_then(|addr| self.dgram.side().connect(&addr))
            .map_err(|error| attempted("connect to", ShownPath(path), error))
    }

    /// Sends a packet to the socket at `target`, whole; says how long it was.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect), and the system's error for a packet that is
    /// too long. The message names the path.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped before it is done has sent nothing.
    pub async fn send_to<P: AsRef<Path>>(&self, buf: &[u8], target: P) -> io::Result<usize> {
        let to = destination(target.as_ref())?;
        let sent = self
            .dgram
            .run(Interest::WRITABLE, |side| side.send_to(buf, &to))
            .await;
        sent.map_err(|error| named(&to, error))
    }

    /// As [`send_to`](Self::send_to), for those who write futures by hand.
    ///
    /// # Errors
    ///
    /// As [`send_to`](Self::send_to).
    pub fn poll_send_to<P: AsRef<Path>>(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        target: P,
    ) -> Poll<io::Result<usize>> {
        let to = destination(target.as_ref())?;
        let sent = self
            .dgram
            .poll(cx, Interest::WRITABLE, |side| side.send_to(buf, &to));
        sent.map_err(|error| named(&to, error))
    }

    /// As [`send_to`](Self::send_to), without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room, also when
    /// the reactor has not heard of it yet; otherwise as [`send_to`](Self::send_to).
    pub fn try_send_to<P: AsRef<Path>>(&self, buf: &[u8], target: P) -> io::Result<usize> {
        let to = destination(target.as_ref())?;
        let sent = self
            .dgram
            .attempt(Interest::WRITABLE, |side| side.send_to(buf, &to));
        sent.map_err(|error| named(&to, error))
    }

    /// Closes one or both directions: sending then fails here
    /// (`Shutdown::Write`) or at the peer (`Shutdown::Read`). What a `recv` with
    /// nothing left to receive does after `Shutdown::Read` differs between
    /// systems; on Linux it waits.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) when it has no peer, on some
    /// systems.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.dgram.side().shutdown(how)
    }
}

fn destination(path: &Path) -> io::Result<SocketAddr> {
    SocketAddr::from_path(path).map_err(|error| attempted("send to", ShownPath(path), error))
}

/// The error of sending to `to`. That it would block is a state, not a fault.
fn named(to: &SocketAddr, error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock {
        return error;
    }
    attempted("send to", Shown(to), error)
}
