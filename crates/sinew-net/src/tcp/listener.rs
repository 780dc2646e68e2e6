//! Accepting TCP connections.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::{self, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;
use std::task::{Context, Poll};

use super::incoming::{Incoming, TcpListenerStream};
use super::stream::TcpStream;
use crate::accept::Acceptor;
use crate::addr::{self, Target, ToSocketAddrs};
use crate::error::attempted;
use crate::pause::Rest;
use crate::provider::{self, VirtualListener, VirtualNet};
use crate::sys;

/// A TCP socket that listens for connections.
///
/// # When accepting fails
///
/// An error of [`accept`](Self::accept) never breaks the listener; call it again.
/// A connection that its peer gave up while it waited is an error
/// ([`ConnectionAborted`](io::ErrorKind::ConnectionAborted)) and the next call
/// works at once. When the process or the system has run out of descriptors or
/// memory (`EMFILE`, `ENFILE`, `ENOBUFS`, `ENOMEM`), the error is returned at
/// once and the next call waits up to 10 ms before it tries again, so that a
/// loop around it does not spin. The connection itself stays in the queue until
/// there is room. These errors come as the system gives them, with their
/// [`raw_os_error`](io::Error::raw_os_error).
///
/// # Virtual networks
///
/// Made while a [provider](crate::provider) is entered, a listener has no
/// descriptor: [`AsFd`] and [`AsRawFd`] panic at the caller's line and
/// [`into_std`](Self::into_std) fails; all else works.
///
/// ```no_run
/// use futures::AsyncWriteExt;
/// use sinew_net::TcpListener;
///
/// # async fn run() -> std::io::Result<()> {
/// let listener = TcpListener::bind("127.0.0.1:7878").await?;
/// loop {
///     let (mut stream, peer) = listener.accept().await?;
///     stream.write_all(format!("hello {peer}\n").as_bytes()).await?;
/// }
/// # }
/// ```
pub struct TcpListener {
    acceptor: Acceptor<net::TcpListener>,
}

impl TcpListener {
    /// Listens on `addr`; port 0 takes a free port, which
    /// [`local_addr`](Self::local_addr) tells. When `addr` stands for several
    /// addresses, the first that can be had is taken.
    ///
    /// The socket has `SO_REUSEADDR`, so that a server can be started again
    /// while connections of its predecessor linger. For other options see
    /// [`TcpSocket`](crate::TcpSocket).
    ///
    /// # Errors
    ///
    /// [`AddrInUse`](io::ErrorKind::AddrInUse),
    /// [`PermissionDenied`](io::ErrorKind::PermissionDenied),
    /// [`AddrNotAvailable`](io::ErrorKind::AddrNotAvailable) and whatever else
    /// the system says, with a message that names the address and the system's
    /// error as its source (see [`FailedAttempt`](crate::FailedAttempt)).
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when `addr` is malformed
    /// or stands for no address, [`NotFound`](io::ErrorKind::NotFound) when the
    /// host name is not known.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what it has opened. Unless `addr` is a host
    /// name it is done at its first poll.
    #[track_caller]
    pub fn bind<A: ToSocketAddrs>(addr: A) -> impl Future<Output = io::Result<TcpListener>> {
        TcpListener::bind_target(addr::target(&addr), provider::entered(), Location::caller())
    }

    async fn bind_target(
        target: Target,
        net: Option<std::sync::Arc<dyn VirtualNet>>,
        location: &'static Location<'static>,
    ) -> io::Result<TcpListener> {
        let mut last = None;
        for addr in addr::resolve(target, net.clone(), location).await? {
            let bound = match &net {
                Some(net) => net
                    .bind(addr)
                    .map(|io| TcpListener::from_virtual(io, location)),
                None => sys::listen(addr)
                    .and_then(|listener| TcpListener::from_nonblocking(listener, location)),
            };
            match bound {
                Ok(listener) => return Ok(listener),
                Err(error) => last = Some(attempted("bind to", addr, error)),
            }
        }
        Err(last.unwrap_or_else(addr::no_address))
    }

    /// Takes over a listener of the standard library. It is switched to
    /// non-blocking mode. A virtual network plays no part in this.
    ///
    /// # Errors
    ///
    /// When the reactor cannot be started or does not take the descriptor.
    #[track_caller]
    pub fn from_std(listener: net::TcpListener) -> io::Result<TcpListener> {
        let acceptor = Acceptor::from_std(listener)?;
        Ok(TcpListener { acceptor })
    }

    pub(super) fn from_nonblocking(
        listener: net::TcpListener,
        location: &'static Location<'static>,
    ) -> io::Result<TcpListener> {
        let acceptor = Acceptor::from_nonblocking(listener, location)?;
        Ok(TcpListener { acceptor })
    }

    pub(super) fn from_virtual(
        io: Box<dyn VirtualListener<SocketAddr>>,
        location: &'static Location<'static>,
    ) -> TcpListener {
        TcpListener {
            acceptor: Acceptor::from_virtual(io, location),
        }
    }

    /// Gives the listener back to the standard library. It stays in
    /// non-blocking mode: call
    /// [`set_nonblocking`](net::TcpListener::set_nonblocking) if need be.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) when the listener belongs to
    /// a virtual network: it has no descriptor. Otherwise when the reactor does
    /// not let the descriptor go.
    pub fn into_std(self) -> io::Result<net::TcpListener> {
        self.acceptor.into_std()
    }

    /// Accepts the next connection; gives it with its peer's address.
    ///
    /// # Errors
    ///
    /// See [above](Self#when-accepting-fails).
    ///
    /// # Cancel safety
    ///
    /// No connection is lost: one that is taken from the queue is returned in
    /// the same poll.
    #[track_caller]
    pub fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + use<'_> {
        let location = Location::caller();
        let mut rest = Rest::default();
        poll_fn(move |cx| self.poll_accept_with(cx, &mut rest, location))
    }

    /// As [`accept`](Self::accept), for those who write futures by hand. While
    /// it rests after a resource error, only the task that called last is woken.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    #[track_caller]
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let accepted = self.acceptor.poll_accept(cx, Location::caller());
        accepted.map_ok(|(conn, peer)| (TcpStream { conn }, peer))
    }

    /// Accepts on behalf of a waiter that has its own `rest`.
    pub(super) fn poll_accept_with(
        &self,
        cx: &mut Context<'_>,
        rest: &mut Rest,
        location: &'static Location<'static>,
    ) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let accepted = self.acceptor.poll_accept_with(cx, rest, location);
        accepted.map_ok(|(conn, peer)| (TcpStream { conn }, peer))
    }

    /// The connections as they come in, as a stream that never ends. What is
    /// said about [errors](Self#when-accepting-fails) holds for it as well.
    ///
    /// ```no_run
    /// use futures::{AsyncWriteExt, StreamExt};
    /// use sinew_net::TcpListener;
    ///
    /// # async fn run() -> std::io::Result<()> {
    /// let listener = TcpListener::bind("127.0.0.1:7878").await?;
    /// listener
    ///     .incoming()
    ///     .for_each_concurrent(None, |stream| async {
    ///         if let Ok(mut stream) = stream {
    ///             let _ = stream.write_all(b"hello").await;
    ///         }
    ///     })
    ///     .await;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn incoming(&self) -> Incoming<'_> {
        Incoming::new(self, Location::caller())
    }

    /// As [`incoming`](Self::incoming), but the stream owns the listener.
    #[track_caller]
    pub fn into_incoming(self) -> TcpListenerStream {
        TcpListenerStream::new(self)
    }

    /// The address it listens on, with the real port.
    ///
    /// # Errors
    ///
    /// The error of `getsockname`.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.acceptor.local_addr()
    }

    /// Hops that the packets of accepted connections may take (`IP_TTL`).
    ///
    /// # Errors
    ///
    /// The error of the system call; none on a virtual network.
    pub fn ttl(&self) -> io::Result<u32> {
        self.acceptor.ttl(net::TcpListener::ttl)
    }

    /// Sets the hops that the packets of accepted connections may take. A
    /// virtual network remembers the value.
    ///
    /// # Errors
    ///
    /// The error of the system call; none on a virtual network.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.acceptor.set_ttl(ttl, net::TcpListener::set_ttl)
    }
}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("TcpListener");
        if let Ok(addr) = self.local_addr() {
            out.field("addr", &addr);
        }
        match self.acceptor.number() {
            Ok(fd) => out.field("fd", &fd),
            Err(id) => out.field("virtual", &id),
        };
        out.finish()
    }
}

/// # Panics
///
/// At the caller's line, when the listener belongs to a virtual network: it has
/// no descriptor, and any that could be given instead would be somebody else's.
impl AsFd for TcpListener {
    #[track_caller]
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.acceptor.as_fd()
    }
}

/// # Panics
///
/// As its [`AsFd`].
impl AsRawFd for TcpListener {
    #[track_caller]
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

impl TryFrom<net::TcpListener> for TcpListener {
    type Error = io::Error;

    /// As [`TcpListener::from_std`].
    #[track_caller]
    fn try_from(listener: net::TcpListener) -> io::Result<TcpListener> {
        TcpListener::from_std(listener)
    }
}
