//! Sequenced packets: connections whose messages keep their borders.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::panic::Location;
use std::path::Path;
use std::task::{Context, Poll};

use bytes::BufMut;
use sinew_reactor::Async;
use socket2::{SockAddr, SockRef, Socket, Type};

use super::addr::ShownPath;
use super::{SocketAddr, UCred};
use crate::accept::Waiting;
use crate::datagram::face::packet_face;
use crate::datagram::{Dgram, Packets};
use crate::error::{attempted, no_descriptor};
use crate::provider::{self, VirtualDatagram};
use crate::sys;
use crate::{Interest, Ready};

/// The operating system's socket.
pub(crate) struct Seqpacket(Socket);

impl AsFd for Seqpacket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Packets for Seqpacket {
    type Addr = SocketAddr;

    const NAME: &'static str = "UnixSeqpacket";

    fn send(&self, buf: &[u8]) -> io::Result<usize> {
        self.0.send(buf)
    }

    fn send_to(&self, buf: &[u8], to: &SocketAddr) -> io::Result<usize> {
        self.0.send_to(buf, &to.to_socket2()?)
    }

    fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        io::Read::read(&mut &self.0, buf)
    }

    fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        Ok((self.recv(buf)?, self.peer_addr()?))
    }

    fn addr(addr: &SockAddr) -> io::Result<SocketAddr> {
        SocketAddr::from_socket2(addr)
    }

    fn connect(&self, addr: &SocketAddr) -> io::Result<()> {
        self.0.connect(&addr.to_socket2()?)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        SocketAddr::from_socket2(&self.0.local_addr()?)
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        SocketAddr::from_socket2(&self.0.peer_addr()?)
    }
}

/// A connection between two Unix sockets whose messages keep their borders: what
/// one end sends in one call, the other receives in one call, in order and
/// without loss.
///
/// [`recv`](Self::recv) gives 0 when the peer has closed its direction (an empty
/// message looks the same). Not on macOS and other systems without such sockets:
/// making one fails there.
///
/// ```
/// use sinew_net::unix::UnixSeqpacket;
///
/// # futures::executor::block_on(async {
/// let (one, other) = UnixSeqpacket::pair()?;
/// one.send(b"one").await?;
/// one.send(b"two").await?;
/// let mut buf = [0; 16];
/// assert_eq!(other.recv(&mut buf).await?, 3);
/// assert_eq!(&buf[..3], b"one");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct UnixSeqpacket {
    dgram: Dgram<Seqpacket>,
}

packet_face!(UnixSeqpacket, SocketAddr);

impl UnixSeqpacket {
    /// Connects to the socket at `path`, or on Linux to an
    /// [abstract name](crate::unix#names).
    ///
    /// # Errors
    ///
    /// As [`UnixStream::connect`](crate::UnixStream::connect).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the socket.
    #[track_caller]
    pub fn connect<P: AsRef<Path>>(path: P) -> impl Future<Output = io::Result<UnixSeqpacket>> {
        let location = Location::caller();
        let net = provider::entered();
        async move {
            let path = path.as_ref();
            let connected = match net {
                // Connecting within one machine is done at once, or not at all.
                None => UnixSeqpacket::connect_path(path, location),
                Some(net) => match SocketAddr::from_path(path) {
                    Ok(addr) => net
                        .connect_seqpacket(&addr)
                        .await
                        .map(|io| UnixSeqpacket::from_virtual(io, location)),
                    Err(error) => Err(error),
                },
            };
            connected.map_err(|error| attempted("connect to", ShownPath(path), error))
        }
    }

    fn connect_path(
        path: &Path,
        location: &'static Location<'static>,
    ) -> io::Result<UnixSeqpacket> {
        let socket = sys::unix(Type::SEQPACKET)?;
        socket.connect(&SocketAddr::from_path(path)?.to_socket2()?)?;
        UnixSeqpacket::from_nonblocking(socket, location)
    }

    /// Two sockets that are connected to each other and have no names.
    ///
    /// # Errors
    ///
    /// The process or the system is out of descriptors or memory.
    #[track_caller]
    pub fn pair() -> io::Result<(UnixSeqpacket, UnixSeqpacket)> {
        let location = Location::caller();
        if let Some(net) = provider::entered() {
            let ends = net.seqpacket_pair()?;
            let [one, other] = ends.map(|io| UnixSeqpacket::from_virtual(io, location));
            return Ok((one, other));
        }
        let (one, other) = sys::unix_pair(Type::SEQPACKET)?;
        let one = UnixSeqpacket::from_nonblocking(one, location)?;
        let other = UnixSeqpacket::from_nonblocking(other, location)?;
        Ok((one, other))
    }

    /// Takes over a connected socket of this type. It is switched to non-blocking
    /// mode.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for a descriptor of another
    /// type; when the reactor cannot be started or does not take it.
    #[track_caller]
    pub fn from_owned_fd(fd: OwnedFd) -> io::Result<UnixSeqpacket> {
        let socket = Socket::from(fd);
        if socket.r#type()? != Type::SEQPACKET {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let dgram = Dgram::from_std(Seqpacket(socket))?;
        Ok(UnixSeqpacket { dgram })
    }

    fn from_nonblocking(
        socket: Socket,
        location: &'static Location<'static>,
    ) -> io::Result<UnixSeqpacket> {
        let dgram = Dgram::fresh(Seqpacket(socket), location)?;
        Ok(UnixSeqpacket { dgram })
    }

    fn from_virtual(
        io: Box<dyn VirtualDatagram<SocketAddr>>,
        location: &'static Location<'static>,
    ) -> UnixSeqpacket {
        UnixSeqpacket {
            dgram: Dgram::from_virtual(io, location),
        }
    }

    /// Gives the socket back. It stays in non-blocking mode.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) when the socket belongs to a
    /// virtual network: it has no descriptor. Otherwise when the reactor does not let
    /// the descriptor go.
    pub fn into_owned_fd(self) -> io::Result<OwnedFd> {
        self.dgram.into_std().map(|socket| socket.0.into())
    }

    /// The process at the other end.
    ///
    /// # Errors
    ///
    /// The error of the system call;
    /// [`Unsupported`](io::ErrorKind::Unsupported) on a virtual network.
    pub fn peer_cred(&self) -> io::Result<UCred> {
        match self.dgram.number() {
            Ok(_) => UCred::of_peer(self.as_fd()),
            Err(_) => Err(no_descriptor(Seqpacket::NAME)),
        }
    }

    /// Closes one or both directions: the peer receives what was sent, then 0.
    ///
    /// # Errors
    ///
    /// The error of the system call.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.dgram.side().shutdown(how)
    }
}

/// Listens for [`UnixSeqpacket`] connections.
pub struct UnixSeqpacketListener {
    listening: Listening,
}

/// Whose listener it is. Decided when it is made.
enum Listening {
    Os(Async<Socket>),
    Virtual(Waiting<SocketAddr, dyn VirtualDatagram<SocketAddr>>),
}

impl UnixSeqpacketListener {
    /// Listens at `path`, or on Linux at an [abstract name](crate::unix#names).
    ///
    /// # Errors
    ///
    /// As [`UnixListener::bind`](crate::UnixListener::bind).
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<UnixSeqpacketListener> {
        let path = path.as_ref();
        UnixSeqpacketListener::bind_path(path, Location::caller())
            .map_err(|error| attempted("bind to", ShownPath(path), error))
    }

    fn bind_path(
        path: &Path,
        location: &'static Location<'static>,
    ) -> io::Result<UnixSeqpacketListener> {
        let addr = SocketAddr::from_path(path)?;
        let listening = match provider::entered() {
            Some(net) => Listening::Virtual(Waiting {
                io: net.bind_seqpacket(&addr)?,
                location,
            }),
            None => {
                let socket = sys::unix(Type::SEQPACKET)?;
                socket.bind(&addr.to_socket2()?)?;
                socket.listen(sys::BACKLOG as i32)?;
                Listening::Os(Async::new_nonblocking_at(socket, location)?)
            }
        };
        Ok(UnixSeqpacketListener { listening })
    }

    /// Accepts the next connection; gives it with its peer's address, which seldom
    /// has a name.
    ///
    /// # Errors
    ///
    /// The system's. The listener stays usable.
    ///
    /// # Cancel safety
    ///
    /// No connection is lost: one that is taken from the queue is returned in the
    /// same poll.
    #[track_caller]
    pub fn accept(
        &self,
    ) -> impl Future<Output = io::Result<(UnixSeqpacket, SocketAddr)>> + use<'_> {
        let location = Location::caller();
        poll_fn(move |cx| self.poll_accept_at(cx, location))
    }

    /// As [`accept`](Self::accept), for those who write futures by hand.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    #[track_caller]
    pub fn poll_accept(
        &self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(UnixSeqpacket, SocketAddr)>> {
        self.poll_accept_at(cx, Location::caller())
    }

    fn poll_accept_at(
        &self,
        cx: &mut Context<'_>,
        location: &'static Location<'static>,
    ) -> Poll<io::Result<(UnixSeqpacket, SocketAddr)>> {
        let io = match &self.listening {
            Listening::Os(io) => io,
            Listening::Virtual(listener) => {
                return listener
                    .poll_accept(cx)
                    .map_ok(|(io, peer)| (UnixSeqpacket::from_virtual(io, location), peer));
            }
        };
        let accept = |socket: &Socket| sys::accept(socket.as_fd());
        io.poll_read_with(cx, accept).map(|accepted| {
            let (fd, peer) = accepted?;
            let stream = UnixSeqpacket::from_nonblocking(fd.into(), location)?;
            Ok((stream, SocketAddr::from_socket2(&peer)?))
        })
    }

    /// The address it listens at.
    ///
    /// # Errors
    ///
    /// The error of `getsockname`.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match &self.listening {
            Listening::Os(io) => {
                SocketAddr::from_socket2(&SockRef::from(io.get_ref()).local_addr()?)
            }
            Listening::Virtual(listener) => listener.io.local_addr(),
        }
    }
}

impl fmt::Debug for UnixSeqpacketListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("UnixSeqpacketListener");
        if let Ok(addr) = self.local_addr() {
            out.field("addr", &addr);
        }
        match &self.listening {
            Listening::Os(io) => out.field("fd", &io.as_fd().as_raw_fd()),
            Listening::Virtual(listener) => out.field("virtual", &listener.io.id()),
        };
        out.finish()
    }
}

/// # Panics
///
/// At the caller's line, when the listener belongs to a virtual network: it has
/// no descriptor, and any that could be given instead would be somebody else's.
impl AsFd for UnixSeqpacketListener {
    #[track_caller]
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.listening {
            Listening::Os(io) => io.as_fd(),
            Listening::Virtual(_) => {
                panic!("a UnixSeqpacketListener of a virtual network has no descriptor")
            }
        }
    }
}

/// # Panics
///
/// As its [`AsFd`].
impl AsRawFd for UnixSeqpacketListener {
    #[track_caller]
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}
