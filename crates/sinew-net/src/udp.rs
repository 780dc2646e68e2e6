//! UDP sockets.

#[cfg(feature = "codec")]
mod framed;
mod options;
mod peek;

use std::fmt;
use std::io;
use std::net::{self, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::BufMut;

use crate::addr::{self, Target, ToSocketAddrs};
use crate::datagram::Dgram;
use crate::datagram::face::{addressed_face, packet_face};
use crate::error::attempted;
use crate::provider::{self, VirtualNet};
use crate::sys;
use crate::{Interest, Ready};

#[cfg(feature = "codec")]
pub use framed::UdpFramed;

/// A UDP socket.
///
/// It sends and receives packets: with [`send_to`](Self::send_to) and
/// [`recv_from`](Self::recv_from) to and from anybody, or, once it is
/// [connected](Self::connect), with [`send`](Self::send) and [`recv`](Self::recv)
/// to and from one peer. Packets may be lost, doubled and put out of order on
/// their way. Every method takes `&self`: to send in one task and receive in
/// another, share the socket in an [`Arc`].
///
/// # Virtual networks
///
/// Made while a [provider] is entered, a socket has no
/// descriptor: [`AsFd`] and [`AsRawFd`] panic at the caller's line and
/// [`into_std`](Self::into_std) fails; options are remembered and change nothing.
///
/// ```
/// use sinew_net::UdpSocket;
///
/// # futures::executor::block_on(async {
/// let one = UdpSocket::bind("127.0.0.1:0").await?;
/// let other = UdpSocket::bind("127.0.0.1:0").await?;
/// one.send_to(b"hello", other.local_addr()?).await?;
///
/// let mut buf = [0; 16];
/// let (count, from) = other.recv_from(&mut buf).await?;
/// assert_eq!(&buf[..count], b"hello");
/// assert_eq!(from, one.local_addr()?);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct UdpSocket {
    dgram: Dgram<net::UdpSocket>,
}

packet_face!(UdpSocket, SocketAddr);
addressed_face!(UdpSocket, net::UdpSocket, SocketAddr);

impl UdpSocket {
    /// A socket bound to `addr`; port 0 takes a free port, which
    /// [`local_addr`](Self::local_addr) tells. When `addr` stands for several
    /// addresses, the first that can be had is taken.
    ///
    /// # Errors
    ///
    /// As [`TcpListener::bind`](crate::TcpListener::bind).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what it has opened. Unless `addr` is a host
    /// name it is done at its first poll.
    #[track_caller]
    pub fn bind<A: ToSocketAddrs>(addr: A) -> impl Future<Output = io::Result<UdpSocket>> {
        UdpSocket::bind_target(addr::target(&addr), provider::entered(), Location::caller())
    }

    async fn bind_target(
        target: Target,
        net: Option<Arc<dyn VirtualNet>>,
        location: &'static Location<'static>,
    ) -> io::Result<UdpSocket> {
        let mut last = None;
        for addr in addr::resolve(target, net.clone(), location).await? {
            let bound = match &net {
                Some(net) => net
                    .bind_udp(addr)
                    .map(|io| Dgram::from_virtual(io, location)),
                None => sys::bind_udp(addr).and_then(|socket| Dgram::fresh(socket, location)),
            };
            match bound {
                Ok(dgram) => return Ok(UdpSocket { dgram }),
                Err(error) => last = Some(attempted("bind to", addr, error)),
            }
        }
        Err(last.unwrap_or_else(addr::no_address))
    }

    /// Makes `addr` the peer: [`send`](Self::send) goes there, and only packets
    /// from there are received. Nothing is sent for this. Connecting again
    /// exchanges the peer. When `addr` stands for several addresses, the first
    /// that can be had is taken.
    ///
    /// # Errors
    ///
    /// The system's, for example when there is no way to such an address; the
    /// message names it. [`InvalidInput`](io::ErrorKind::InvalidInput) when `addr`
    /// is malformed or stands for no address,
    /// [`NotFound`](io::ErrorKind::NotFound) when the host name is not known.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the peer as it was, or exchanged.
    #[track_caller]
    pub fn connect<A: ToSocketAddrs>(&self, addr: A) -> impl Future<Output = io::Result<()>> {
        self.connect_target(addr::target(&addr), Location::caller())
    }

    async fn connect_target(
        &self,
        target: Target,
        location: &'static Location<'static>,
    ) -> io::Result<()> {
        let mut last = None;
        for addr in addr::resolve(target, provider::entered(), location).await? {
            match self.dgram.side().connect(&addr) {
                Ok(()) => return Ok(()),
                Err(error) => last = Some(attempted("connect to", addr, error)),
            }
        }
        Err(last.unwrap_or_else(addr::no_address))
    }

    /// Sends a packet to `addr`, whole; says how long it was. When `addr` stands
    /// for several addresses, the first is taken.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send); the message names the address.
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when `addr` is malformed or
    /// stands for no address, [`NotFound`](io::ErrorKind::NotFound) when the host
    /// name is not known.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped before it is done has sent nothing.
    #[track_caller]
    pub fn send_to<A: ToSocketAddrs>(
        &self,
        buf: &[u8],
        addr: A,
    ) -> impl Future<Output = io::Result<usize>> {
        self.send_target(buf, addr::target(&addr), Location::caller())
    }

    async fn send_target(
        &self,
        buf: &[u8],
        target: Target,
        location: &'static Location<'static>,
    ) -> io::Result<usize> {
        let addr = match target {
            // The usual case, without a detour over names.
            Target::One(addr) => addr,
            target => {
                let mut found = addr::resolve(target, provider::entered(), location).await?;
                found.next().ok_or_else(addr::no_address)?
            }
        };
        let sent = self
            .dgram
            .run(Interest::WRITABLE, |side| side.send_to(buf, &addr))
            .await;
        sent.map_err(|error| named(addr, error))
    }

    /// As [`send_to`](Self::send_to), for those who write futures by hand.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send); the message names the address.
    pub fn poll_send_to(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        target: SocketAddr,
    ) -> Poll<io::Result<usize>> {
        let sent = self
            .dgram
            .poll(cx, Interest::WRITABLE, |side| side.send_to(buf, &target));
        sent.map_err(|error| named(target, error))
    }

    /// As [`send_to`](Self::send_to), without waiting.
    ///
    /// # Errors
    ///
    /// As [`try_send`](Self::try_send); the message names the address.
    pub fn try_send_to(&self, buf: &[u8], target: SocketAddr) -> io::Result<usize> {
        let sent = self
            .dgram
            .attempt(Interest::WRITABLE, |side| side.send_to(buf, &target));
        sent.map_err(|error| named(target, error))
    }
}

/// The error of sending to `addr`. That it would block is a state, not a fault.
fn named(addr: SocketAddr, error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock {
        return error;
    }
    attempted("send to", addr, error)
}
