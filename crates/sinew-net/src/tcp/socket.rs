//! A TCP socket that is neither connected nor listening yet.

mod options;

use std::fmt;
use std::io;
use std::net::{self, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use socket2::{Domain, Socket};

use super::{TcpListener, TcpStream};
use crate::connecting;
use crate::error::attempted;
use crate::provider::{self, VirtualListener, VirtualNet};
use crate::stream::{Conn, Virtual};
use crate::sys;

/// A TCP socket that is neither connected nor listening yet, to set options on.
///
/// [`TcpStream::connect`] and [`TcpListener::bind`] are shorter where their
/// choices are right: the first binds to nothing, the second sets
/// `SO_REUSEADDR` and a backlog of 1024. This type sets nothing by itself.
///
/// # Virtual networks
///
/// Made while a [provider](crate::provider) is entered, a `TcpSocket` binds,
/// listens and connects there. It has a descriptor all the same, which holds
/// the options; those that a virtual stream knows go with it. A bound address
/// can be connected to from the moment it is bound.
///
/// ```
/// use sinew_net::{TcpSocket, TcpStream};
///
/// # futures::executor::block_on(async {
/// let socket = TcpSocket::new_v4()?;
/// socket.set_reuseaddr(true)?;
/// socket.bind("127.0.0.1:0".parse().unwrap())?;
/// let listener = socket.listen(16)?;
///
/// let socket = TcpSocket::new_v4()?;
/// socket.set_nodelay(true)?;
/// let client: TcpStream = socket.connect(listener.local_addr()?).await?;
/// assert!(client.nodelay()?);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct TcpSocket {
    socket: Socket,
    place: Option<Place>,
}

/// Where a virtual socket is.
struct Place {
    net: Arc<dyn VirtualNet>,
    bound: Mutex<Option<Box<dyn VirtualListener>>>,
}

impl Place {
    fn bound(&self) -> MutexGuard<'_, Option<Box<dyn VirtualListener>>> {
        self.bound.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TcpSocket {
    /// A socket for IPv4.
    ///
    /// # Errors
    ///
    /// When the process or the system is out of descriptors or memory, or has no IPv4.
    pub fn new_v4() -> io::Result<TcpSocket> {
        sys::tcp(Domain::IPV4).map(TcpSocket::from_socket)
    }

    /// A socket for IPv6.
    ///
    /// # Errors
    ///
    /// When the process or the system is out of descriptors or memory, or has no IPv6.
    pub fn new_v6() -> io::Result<TcpSocket> {
        sys::tcp(Domain::IPV6).map(TcpSocket::from_socket)
    }

    /// Takes over a socket of the standard library that is **not connected**,
    /// as `socket2` makes them. It must be in non-blocking mode.
    #[must_use]
    pub fn from_std_stream(stream: net::TcpStream) -> TcpSocket {
        TcpSocket::from_socket(stream.into())
    }

    fn from_socket(socket: Socket) -> TcpSocket {
        let place = provider::entered().map(|net| Place {
            net,
            bound: Mutex::new(None),
        });
        TcpSocket { socket, place }
    }

    /// Gives the socket the local address `addr`. Port 0 takes a free port.
    ///
    /// # Errors
    ///
    /// [`AddrInUse`](io::ErrorKind::AddrInUse) and others, which name the
    /// address (see [`FailedAttempt`](crate::FailedAttempt));
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when it is bound already.
    pub fn bind(&self, addr: SocketAddr) -> io::Result<()> {
        let bound = match &self.place {
            None => self.socket.bind(&addr.into()),
            Some(place) => place.bind(addr),
        };
        bound.map_err(|error| attempted("bind to", addr, error))
    }

    /// Connects to `addr`.
    ///
    /// # Errors
    ///
    /// As [`TcpStream::connect`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the socket.
    #[track_caller]
    pub fn connect(self, addr: SocketAddr) -> impl Future<Output = io::Result<TcpStream>> + use<> {
        let location = Location::caller();
        async move {
            let connected = match self.place {
                None => connecting::connect(self.socket, &addr.into(), location)
                    .await
                    .map(|conn| TcpStream { conn }),
                Some(place) => place.connect(&self.socket, addr, location).await,
            };
            connected.map_err(|error| attempted("connect to", addr, error))
        }
    }

    /// Listens for connections, of which `backlog` may wait to be accepted. The
    /// system cuts the number down to its own limit; a virtual network has its own.
    ///
    /// # Errors
    ///
    /// The error of the system call, or when the reactor cannot be started or
    /// does not take the descriptor.
    #[track_caller]
    pub fn listen(self, backlog: u32) -> io::Result<TcpListener> {
        let Some(place) = self.place else {
            let listener = sys::start_listening(self.socket, backlog)?;
            return TcpListener::from_nonblocking(listener, Location::caller());
        };
        let bound = match place.bound().take() {
            Some(bound) => bound,
            None => place.net.bind(unbound_addr(&self.socket)?)?,
        };
        Ok(TcpListener::from_virtual(bound, Location::caller()))
    }

    /// The local address; port 0 when it is not bound.
    ///
    /// # Errors
    ///
    /// The error of `getsockname`.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        if let Some(place) = &self.place {
            if let Some(bound) = &*place.bound() {
                return bound.local_addr();
            }
        }
        unbound_addr(&self.socket)
    }

    /// Takes the error that waits to be reported (`SO_ERROR`), if there is one.
    ///
    /// # Errors
    ///
    /// The error of the system call itself.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }
}

impl Place {
    fn bind(&self, addr: SocketAddr) -> io::Result<()> {
        let mut bound = self.bound();
        if bound.is_some() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        *bound = Some(self.net.bind(addr)?);
        Ok(())
    }

    async fn connect(
        self,
        options: &Socket,
        addr: SocketAddr,
        location: &'static Location<'static>,
    ) -> io::Result<TcpStream> {
        let local = match self.bound().take() {
            Some(bound) => Some(bound.local_addr()?),
            None => None,
        };
        let connecting = self.net.connect(local, addr);
        let stream = Virtual::connect(connecting, addr.port().into(), location).await?;
        {
            let mut known = stream.options();
            known.nodelay = options.tcp_nodelay()?;
            known.linger = options.linger()?;
        }
        let conn = Conn::from_virtual(stream);
        Ok(TcpStream { conn })
    }
}

/// The local address of the system's socket.
fn unbound_addr(socket: &Socket) -> io::Result<SocketAddr> {
    let addr = socket.local_addr()?;
    addr.as_socket()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not an IP socket"))
}

impl fmt::Debug for TcpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpSocket")
            .field("fd", &self.socket.as_raw_fd())
            .field("virtual", &self.place.is_some())
            .finish()
    }
}

impl AsFd for TcpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for TcpSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl IntoRawFd for TcpSocket {
    fn into_raw_fd(self) -> RawFd {
        self.socket.into_raw_fd()
    }
}

impl FromRawFd for TcpSocket {
    /// Takes over a descriptor, which must be that of a TCP socket in
    /// non-blocking mode. As [`from_std_stream`](TcpSocket::from_std_stream).
    ///
    /// # Safety
    ///
    /// The descriptor is open and owned by nobody else.
    #[expect(unsafe_code, reason = "the trait's only function is unsafe")]
    unsafe fn from_raw_fd(fd: RawFd) -> TcpSocket {
        // SAFETY: the caller promises what this asks for.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        TcpSocket::from_socket(fd.into())
    }
}
