//! A Unix socket that is not bound, connected or listening yet.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::panic::Location;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use socket2::{Socket, Type};

use super::addr::{Shown, ShownPath};
use super::{SocketAddr, UnixDatagram, UnixListener, UnixStream};
use crate::connecting;
use crate::error::{attempted, no_descriptor};
use crate::provider::{self, VirtualListener, VirtualNet};
use crate::stream::{Conn, Virtual};
use crate::sys;

/// A Unix socket that is not connected or listening yet: to bind it before it
/// connects, or to choose the backlog.
///
/// # Virtual networks
///
/// Made while a [provider](crate::provider) is entered, it binds, listens and
/// connects there, except that [`datagram`](Self::datagram) fails for a socket
/// that is bound; it has a descriptor all the same.
///
/// ```
/// use sinew_net::UnixSocket;
///
/// # futures::executor::block_on(async {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("socket");
/// let socket = UnixSocket::new_stream()?;
/// socket.bind(&path)?;
/// let listener = socket.listen(16)?;
///
/// let client = UnixSocket::new_stream()?.connect(&path).await?;
/// let (server, _) = listener.accept().await?;
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct UnixSocket {
    socket: Socket,
    place: Option<Place>,
}

/// Where a virtual socket is.
struct Place {
    net: Arc<dyn VirtualNet>,
    bound: Mutex<Option<Box<dyn VirtualListener<SocketAddr>>>>,
}

impl Place {
    fn bound(&self) -> MutexGuard<'_, Option<Box<dyn VirtualListener<SocketAddr>>>> {
        self.bound.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnixSocket {
    /// A socket for a stream or a listener.
    ///
    /// # Errors
    ///
    /// The process or the system is out of descriptors or memory.
    pub fn new_stream() -> io::Result<UnixSocket> {
        sys::unix(Type::STREAM).map(UnixSocket::from_socket)
    }

    /// A socket for datagrams.
    ///
    /// # Errors
    ///
    /// The process or the system is out of descriptors or memory.
    pub fn new_datagram() -> io::Result<UnixSocket> {
        sys::unix(Type::DGRAM).map(UnixSocket::from_socket)
    }

    fn from_socket(socket: Socket) -> UnixSocket {
        let place = provider::entered().map(|net| Place {
            net,
            bound: Mutex::new(None),
        });
        UnixSocket { socket, place }
    }

    /// Binds the socket to `path`, or on Linux to an
    /// [abstract name](crate::unix#names).
    ///
    /// # Errors
    ///
    /// As [`UnixListener::bind`];
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when it is bound already.
    pub fn bind(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref();
        self.bind_path(path)
            .map_err(|error| attempted("bind to", ShownPath(path), error))
    }

    fn bind_path(&self, path: &Path) -> io::Result<()> {
        let addr = SocketAddr::from_path(path)?;
        let Some(place) = &self.place else {
            return self.socket.bind(&addr.to_socket2()?);
        };
        let mut bound = place.bound();
        if bound.is_some() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        *bound = Some(place.net.bind_unix(&addr)?);
        Ok(())
    }

    /// Listens for connections, of which `backlog` may wait to be accepted. The
    /// system cuts the number down to its own limit; a virtual network has its own.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for a socket for datagrams or
    /// one that is not bound, and others of the system.
    #[track_caller]
    pub fn listen(self, backlog: u32) -> io::Result<UnixListener> {
        let location = Location::caller();
        self.expect(Type::STREAM, "listen cannot be called on a datagram socket")?;
        if let Some(place) = self.place {
            let bound = place.bound().take();
            let bound = bound.ok_or(io::ErrorKind::InvalidInput)?;
            return Ok(UnixListener::from_virtual(bound, location));
        }
        self.socket
            .listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
        UnixListener::from_nonblocking(self.socket.into(), location)
    }

    /// Connects to the socket at `path`, or on Linux to an
    /// [abstract name](crate::unix#names).
    ///
    /// # Errors
    ///
    /// As [`UnixStream::connect`];
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for a socket for datagrams.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the socket.
    #[track_caller]
    pub fn connect(self, path: impl AsRef<Path>) -> impl Future<Output = io::Result<UnixStream>> {
        let location = Location::caller();
        async move {
            self.expect(
                Type::STREAM,
                "connect cannot be called on a datagram socket",
            )?;
            let path = path.as_ref();
            let connected = match SocketAddr::from_path(path) {
                Ok(addr) => self.connect_addr(addr, location).await,
                Err(error) => Err(error),
            };
            connected
                .map(|conn| UnixStream { conn })
                .map_err(|error| attempted("connect to", ShownPath(path), error))
        }
    }

    async fn connect_addr(
        self,
        addr: SocketAddr,
        location: &'static Location<'static>,
    ) -> io::Result<Conn<std::os::unix::net::UnixStream>> {
        let Some(place) = self.place else {
            return connecting::connect(self.socket, &addr.to_socket2()?, location).await;
        };
        let local = match place.bound().take() {
            Some(bound) => Some(bound.local_addr()?),
            None => None,
        };
        let connecting = place.net.connect_unix(local.as_ref(), &addr);
        let stream = Virtual::connect(connecting, 0, location).await?;
        Ok(Conn::from_virtual(stream))
    }

    /// Makes it a datagram socket.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for a socket for streams; when
    /// the reactor cannot be started or does not take the descriptor.
    #[track_caller]
    pub fn datagram(self) -> io::Result<UnixDatagram> {
        let location = Location::caller();
        self.expect(Type::DGRAM, "datagram cannot be called on a stream socket")?;
        let Some(place) = self.place else {
            return UnixDatagram::from_nonblocking(self.socket.into(), location);
        };
        if place.bound().is_some() {
            return Err(no_descriptor("UnixSocket"));
        }
        UnixDatagram::unbound()
    }

    /// Fails with `message` unless the socket is of this type.
    fn expect(&self, kind: Type, message: &'static str) -> io::Result<()> {
        if self.socket.r#type()? == kind {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::InvalidInput, message))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        SocketAddr::from_socket2(&self.socket.local_addr()?)
    }
}

impl fmt::Debug for UnixSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("UnixSocket");
        out.field("fd", &self.socket.as_raw_fd());
        if let Ok(addr) = self.local_addr() {
            out.field("addr", &format_args!("{}", Shown(&addr)));
        }
        out.field("virtual", &self.place.is_some()).finish()
    }
}

impl AsFd for UnixSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for UnixSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl IntoRawFd for UnixSocket {
    fn into_raw_fd(self) -> RawFd {
        self.socket.into_raw_fd()
    }
}

impl FromRawFd for UnixSocket {
    /// Takes over a descriptor, which must be that of a Unix socket in
    /// non-blocking mode.
    ///
    /// # Safety
    ///
    /// The descriptor is open and owned by nobody else.
    #[expect(unsafe_code, reason = "the trait's only function is unsafe")]
    unsafe fn from_raw_fd(fd: RawFd) -> UnixSocket {
        // SAFETY: the caller promises what this asks for.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        UnixSocket::from_socket(fd.into())
    }
}
