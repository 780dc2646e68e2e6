//! The seam under the sockets: a virtual network instead of the operating system's.
//!
//! [`TcpListener::bind`](crate::TcpListener::bind),
//! [`TcpStream::connect`](crate::TcpStream::connect), [`TcpSocket`](crate::TcpSocket)'s
//! constructors, [`lookup_host`](crate::lookup_host) and their like for UDP and
//! Unix sockets look once, when they are called, whether a virtual network is
//! [entered](enter) on their thread.
//! If so, the socket is made by it, and stays with it: a socket that was made
//! before is not moved, and one made inside works outside as well. If not, the
//! operating system makes the socket, and nothing asks again. Sockets that
//! come from `from_std` are the operating system's in any case.
//!
//! The traits speak of connections and bytes, not of descriptors and
//! readiness flags of the kernel. They are the smallest set on which the whole
//! surface of the sockets can be built; waiting for many tasks at once is the
//! provider's part ([`VirtualStream::poll_ready`]), leaf registration and the
//! cooperative budget are the sockets'. [`memory`](crate::memory) is the first
//! provider.
//!
//! ```
//! use futures::{AsyncReadExt, AsyncWriteExt};
//! use sinew_net::{TcpListener, TcpStream, memory::Network};
//!
//! let network = Network::new();
//! let _entered = network.enter();
//! futures::executor::block_on(async {
//!     let listener = TcpListener::bind("10.0.0.1:80").await?;
//!     let mut client = TcpStream::connect("10.0.0.1:80").await?;
//!     let (mut server, _) = listener.accept().await?;
//!     client.write_all(b"ping").await?;
//!     let mut buf = [0; 4];
//!     server.read_exact(&mut buf).await?;
//!     assert_eq!(&buf, b"ping");
//!     std::io::Result::Ok(())
//! }).unwrap();
//! ```

use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use sinew_core::{Ambient, Entered, Slot};

use crate::unix::SocketAddr as UnixAddr;
use crate::{Interest, Ready};

thread_local!(static SLOT: Slot<dyn VirtualNet> = const { Slot::new() });
static NET: Ambient<dyn VirtualNet> = Ambient::without_default(&SLOT);

/// A future of a provider's operation. `Sync`, because the futures of our sockets
/// are.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send + Sync>>;

/// What accepting gives: one end of a connection, and the other end's address. `E` is
/// what an end can do: a stream, or for sequenced packets a [`VirtualDatagram`].
pub type Accepted<A, E = dyn VirtualStream<A>> = io::Result<(Box<E>, A)>;

/// Makes `net` the network of this thread until the guard is dropped.
pub fn enter(net: Arc<dyn VirtualNet>) -> Entered<dyn VirtualNet> {
    NET.enter(net)
}

/// The virtual network that is entered on this thread, if any. One
/// thread-local load when there is none.
#[inline]
#[must_use]
pub fn entered() -> Option<Arc<dyn VirtualNet>> {
    NET.entered()
}

/// A network that is not the operating system's.
///
/// Errors have the kinds that the operating system's have; the sockets add the
/// address to the message.
pub trait VirtualNet: Send + Sync {
    /// A listener on `addr`. Port 0 takes a free port.
    ///
    /// # Errors
    ///
    /// [`AddrInUse`](io::ErrorKind::AddrInUse) when another listener has the
    /// address; [`AddrNotAvailable`](io::ErrorKind::AddrNotAvailable) when it
    /// is not one of this host, or no port is free.
    fn bind(&self, addr: SocketAddr) -> io::Result<Box<dyn VirtualListener>>;

    /// A connection to `addr`, from `local` if it is given and else from any
    /// free port. Dropping the future gives the attempt up.
    fn connect(
        &self,
        local: Option<SocketAddr>,
        addr: SocketAddr,
    ) -> BoxFuture<Box<dyn VirtualStream>>;

    /// A UDP socket on `addr`. Port 0 takes a free port.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    fn bind_udp(&self, addr: SocketAddr) -> io::Result<Box<dyn VirtualDatagram>>;

    /// A Unix listener on `addr`, which has a name.
    ///
    /// # Errors
    ///
    /// [`AddrInUse`](io::ErrorKind::AddrInUse) when the name is taken.
    fn bind_unix(&self, addr: &UnixAddr) -> io::Result<Box<dyn VirtualListener<UnixAddr>>>;

    /// A Unix stream to `addr`, from `local` if it is given. Dropping the future
    /// gives the attempt up.
    fn connect_unix(
        &self,
        local: Option<&UnixAddr>,
        addr: &UnixAddr,
    ) -> BoxFuture<Box<dyn VirtualStream<UnixAddr>>>;

    /// The two ends of a Unix stream without names.
    ///
    /// # Errors
    ///
    /// As the provider sees fit.
    fn unix_pair(&self) -> io::Result<[Box<dyn VirtualStream<UnixAddr>>; 2]>;

    /// A Unix datagram socket, with a name if `addr` is given.
    ///
    /// # Errors
    ///
    /// As [`bind_unix`](Self::bind_unix).
    fn unix_datagram(
        &self,
        addr: Option<&UnixAddr>,
    ) -> io::Result<Box<dyn VirtualDatagram<UnixAddr>>>;

    /// Two Unix datagram sockets without names, connected to each other.
    ///
    /// # Errors
    ///
    /// As the provider sees fit.
    fn unix_datagram_pair(&self) -> io::Result<[Box<dyn VirtualDatagram<UnixAddr>>; 2]>;

    /// A Unix listener for sequenced packets on `addr`, which has a name.
    ///
    /// # Errors
    ///
    /// As [`bind_unix`](Self::bind_unix).
    fn bind_seqpacket(
        &self,
        addr: &UnixAddr,
    ) -> io::Result<Box<dyn VirtualListener<UnixAddr, dyn VirtualDatagram<UnixAddr>>>>;

    /// A connection of sequenced packets to `addr`. Dropping the future gives the
    /// attempt up.
    ///
    /// What is sent arrives whole, in order and without loss, or the connection ends;
    /// an end that is connected cannot be connected again or send elsewhere.
    fn connect_seqpacket(&self, addr: &UnixAddr) -> BoxFuture<Box<dyn VirtualDatagram<UnixAddr>>>;

    /// The two ends of a connection of sequenced packets without names.
    ///
    /// # Errors
    ///
    /// As the provider sees fit.
    fn seqpacket_pair(&self) -> io::Result<[Box<dyn VirtualDatagram<UnixAddr>>; 2]>;

    /// The addresses of a host name, each with `port`. Asked for names only,
    /// never for what parses as an address.
    fn lookup(&self, host: &str, port: u16) -> BoxFuture<Vec<SocketAddr>>;
}

/// A listener of a [`VirtualNet`]. Dropping it refuses further connections and
/// resets those that nobody accepted. Accepts ends that are `E`.
pub trait VirtualListener<A = SocketAddr, E = dyn VirtualStream<A>>:
    Send + Sync + fmt::Debug
where
    E: ?Sized,
{
    /// The next connection and its peer's address. Any number of tasks may
    /// wait: a connection wakes at least one that takes it.
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Accepted<A, E>>;

    /// The address it listens on, with the real port.
    ///
    /// # Errors
    ///
    /// As the provider sees fit; a living listener has an address.
    fn local_addr(&self) -> io::Result<A>;

    /// What tells this listener apart from the provider's other sockets; shown
    /// when a task waits for it. 56 bits are kept.
    fn id(&self) -> u64;
}

/// One end of a connection of a [`VirtualNet`]. Dropping it closes both
/// directions; if bytes were received that nobody read, the peer sees a reset.
///
/// `read`, `peek` and `write` do what they can at once and fail with
/// [`WouldBlock`](io::ErrorKind::WouldBlock) instead of waiting; a caller that
/// wants to wait asks [`poll_ready`](Self::poll_ready) next.
pub trait VirtualStream<A = SocketAddr>: Send + Sync + fmt::Debug {
    /// Takes received bytes. 0 for non-empty buffers means that the peer has
    /// closed its direction and all that it sent was read.
    ///
    /// # Errors
    ///
    /// `WouldBlock`; [`ConnectionReset`](io::ErrorKind::ConnectionReset) and
    /// others as they befall a connection.
    fn read(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize>;

    /// As [`read`](Self::read), but the bytes stay to be read again.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    fn peek(&self, buf: &mut [u8]) -> io::Result<usize>;

    /// Sends as many bytes as there is room for, at least one if the buffers
    /// are not empty.
    ///
    /// # Errors
    ///
    /// `WouldBlock`; [`BrokenPipe`](io::ErrorKind::BrokenPipe) when this
    /// direction is closed or the peer is gone;
    /// [`ConnectionReset`](io::ErrorKind::ConnectionReset).
    fn write(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Closes the sending direction: the peer reads what was sent, then the
    /// end. Again is fine.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) when there is no
    /// connection any more; the sockets take that as success.
    fn close_write(&self) -> io::Result<()>;

    /// Resets the connection. The sockets call this in place of an orderly
    /// close when they are dropped with a linger time of zero.
    fn reset(&self);

    /// Waits until an operation of `interest` would not fail with
    /// `WouldBlock`, and says what the connection is ready for. Level
    /// triggered: it looks at the state as it is. Any number of tasks may wait
    /// in each direction; each is woken when the state changes, and a waker
    /// that has been woken is forgotten.
    fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<Ready>>;

    /// The error that waits to be reported, if any; it is reported once.
    ///
    /// # Errors
    ///
    /// As the provider sees fit.
    fn take_error(&self) -> io::Result<Option<io::Error>>;

    /// This end's address.
    ///
    /// # Errors
    ///
    /// As the provider sees fit.
    fn local_addr(&self) -> io::Result<A>;

    /// The other end's address.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) when the provider has
    /// forgotten it.
    fn peer_addr(&self) -> io::Result<A>;

    /// What tells this end apart from the provider's other sockets; shown when
    /// a task waits for it. 56 bits are kept.
    fn id(&self) -> u64;
}

/// A datagram socket of a [`VirtualNet`], or one end of a connection of sequenced
/// packets. Dropping it loses what was received and not read; the peer of an end of a
/// connection then sees a reset.
///
/// The operations do what they can at once and fail with
/// [`WouldBlock`](io::ErrorKind::WouldBlock) instead of waiting; a caller that
/// wants to wait asks [`poll_ready`](Self::poll_ready) next.
pub trait VirtualDatagram<A = SocketAddr>: Send + Sync + fmt::Debug {
    /// Sends to `addr` from now on, and receives from there only.
    ///
    /// # Errors
    ///
    /// As the provider sees fit; that nobody is there is an error for Unix
    /// sockets only.
    fn connect(&self, addr: &A) -> io::Result<()>;

    /// Sends a datagram, whole or not at all, to `to` or else to the peer.
    ///
    /// # Errors
    ///
    /// `WouldBlock`; [`NotConnected`](io::ErrorKind::NotConnected) when there is
    /// neither `to` nor a peer; others as they befall a socket.
    fn send(&self, buf: &[u8], to: Option<&A>) -> io::Result<usize>;

    /// Takes the next datagram, cut to the length of `buf`, and its sender.
    ///
    /// # Errors
    ///
    /// `WouldBlock`, and others as they befall a socket.
    fn recv(&self, buf: &mut [u8]) -> io::Result<(usize, A)>;

    /// As [`recv`](Self::recv), but the datagram stays to be received again.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    fn peek(&self, buf: &mut [u8]) -> io::Result<(usize, A)>;

    /// Receives what is sent to `group` too.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when it is no multicast
    /// address; [`Unsupported`](io::ErrorKind::Unsupported) where there are none.
    fn join(&self, group: IpAddr) -> io::Result<()>;

    /// Receives what is sent to `group` no more.
    ///
    /// # Errors
    ///
    /// [`AddrNotAvailable`](io::ErrorKind::AddrNotAvailable) when it had not
    /// joined.
    fn leave(&self, group: IpAddr) -> io::Result<()>;

    /// Closes one or both directions.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) when it has no peer.
    fn shutdown(&self, how: Shutdown) -> io::Result<()>;

    /// As [`VirtualStream::poll_ready`].
    fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<Ready>>;

    /// The error that waits to be reported, if any; it is reported once.
    ///
    /// # Errors
    ///
    /// As the provider sees fit.
    fn take_error(&self) -> io::Result<Option<io::Error>>;

    /// Its own address.
    ///
    /// # Errors
    ///
    /// As the provider sees fit.
    fn local_addr(&self) -> io::Result<A>;

    /// The address that it is connected to.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected).
    fn peer_addr(&self) -> io::Result<A>;

    /// As [`VirtualStream::id`].
    fn id(&self) -> u64;
}
