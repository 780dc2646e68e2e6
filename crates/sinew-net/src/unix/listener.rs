//! Accepting Unix streams.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net;
use std::panic::Location;
use std::path::Path;
use std::task::{Context, Poll};

use super::addr::{Shown, ShownPath};
use super::incoming::{Incoming, UnixListenerStream};
use super::{SocketAddr, UnixStream};
use crate::accept::Acceptor;
use crate::error::attempted;
use crate::pause::Rest;
use crate::provider::{self, VirtualListener};
use crate::sys;

/// A Unix socket that listens for connections.
///
/// What [`TcpListener`](crate::TcpListener#when-accepting-fails) says about errors
/// and about virtual networks holds here as well. The path that it is bound to
/// stays when the listener is dropped.
///
/// ```
/// use futures::AsyncWriteExt;
/// use sinew_net::{UnixListener, UnixStream};
///
/// # futures::executor::block_on(async {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("socket");
/// let listener = UnixListener::bind(&path)?;
/// let _client = UnixStream::connect(&path).await?;
/// let (mut stream, _) = listener.accept().await?;
/// stream.write_all(b"hello").await?;
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct UnixListener {
    acceptor: Acceptor<net::UnixListener>,
}

impl UnixListener {
    /// Listens at `path`, or on Linux at an [abstract name](crate::unix#names).
    ///
    /// # Errors
    ///
    /// [`AddrInUse`](io::ErrorKind::AddrInUse) when there is something at `path`,
    /// [`PermissionDenied`](io::ErrorKind::PermissionDenied),
    /// [`NotFound`](io::ErrorKind::NotFound) when the folder is missing,
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for a path that is too long
    /// for an address. The message names the path.
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<UnixListener> {
        let path = path.as_ref();
        match SocketAddr::from_path(path) {
            Ok(addr) => UnixListener::bind_addr(&addr),
            Err(error) => Err(attempted("bind to", ShownPath(path), error)),
        }
    }

    /// Listens at `addr`.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    #[track_caller]
    pub fn bind_addr(addr: &SocketAddr) -> io::Result<UnixListener> {
        let location = Location::caller();
        let bound = match provider::entered() {
            Some(net) => net
                .bind_unix(addr)
                .map(|io| UnixListener::from_virtual(io, location)),
            None => addr
                .to_socket2()
                .and_then(|addr| sys::listen_unix(&addr))
                .and_then(|listener| UnixListener::from_nonblocking(listener, location)),
        };
        bound.map_err(|error| attempted("bind to", Shown(addr), error))
    }

    /// Takes over a listener of the standard library. It is switched to
    /// non-blocking mode. A virtual network plays no part in this.
    ///
    /// # Errors
    ///
    /// When the reactor cannot be started or does not take the descriptor.
    #[track_caller]
    pub fn from_std(listener: net::UnixListener) -> io::Result<UnixListener> {
        let acceptor = Acceptor::from_std(listener)?;
        Ok(UnixListener { acceptor })
    }

    pub(super) fn from_nonblocking(
        listener: net::UnixListener,
        location: &'static Location<'static>,
    ) -> io::Result<UnixListener> {
        let acceptor = Acceptor::from_nonblocking(listener, location)?;
        Ok(UnixListener { acceptor })
    }

    pub(super) fn from_virtual(
        io: Box<dyn VirtualListener<SocketAddr>>,
        location: &'static Location<'static>,
    ) -> UnixListener {
        UnixListener {
            acceptor: Acceptor::from_virtual(io, location),
        }
    }

    /// Gives the listener back to the standard library. It stays in
    /// non-blocking mode: call
    /// [`set_nonblocking`](net::UnixListener::set_nonblocking) if need be.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) when the listener belongs to
    /// a virtual network: it has no descriptor. Otherwise when the reactor does
    /// not let the descriptor go.
    pub fn into_std(self) -> io::Result<net::UnixListener> {
        self.acceptor.into_std()
    }

    /// The address it listens at.
    ///
    /// # Errors
    ///
    /// The error of `getsockname`.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.acceptor.local_addr()
    }

    /// Takes the error that waits to be reported (`SO_ERROR`), if there is one.
    ///
    /// # Errors
    ///
    /// The error of the system call itself.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.acceptor
            .os()
            .map_or(Ok(None), net::UnixListener::take_error)
    }

    /// Accepts the next connection; gives it with its peer's address, which
    /// seldom has a name.
    ///
    /// # Errors
    ///
    /// See [above](Self).
    ///
    /// # Cancel safety
    ///
    /// No connection is lost: one that is taken from the queue is returned in
    /// the same poll.
    #[track_caller]
    pub fn accept(&self) -> impl Future<Output = io::Result<(UnixStream, SocketAddr)>> + use<'_> {
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
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(UnixStream, SocketAddr)>> {
        let accepted = self.acceptor.poll_accept(cx, Location::caller());
        accepted.map_ok(|(conn, peer)| (UnixStream { conn }, peer))
    }

    /// The connections as they come in, as a stream that never ends. What
    /// [`TcpListener`](crate::TcpListener#when-accepting-fails) says about errors
    /// holds for it as well.
    ///
    /// ```no_run
    /// use futures::{AsyncWriteExt, StreamExt};
    /// use sinew_net::UnixListener;
    ///
    /// # async fn run() -> std::io::Result<()> {
    /// let listener = UnixListener::bind("/run/greeter")?;
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
    pub fn into_incoming(self) -> UnixListenerStream {
        UnixListenerStream::new(self)
    }

    /// Accepts on behalf of a waiter that has its own `rest`.
    pub(super) fn poll_accept_with(
        &self,
        cx: &mut Context<'_>,
        rest: &mut Rest,
        location: &'static Location<'static>,
    ) -> Poll<io::Result<(UnixStream, SocketAddr)>> {
        let accepted = self.acceptor.poll_accept_with(cx, rest, location);
        accepted.map_ok(|(conn, peer)| (UnixStream { conn }, peer))
    }
}

impl fmt::Debug for UnixListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("UnixListener");
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
impl AsFd for UnixListener {
    #[track_caller]
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.acceptor.as_fd()
    }
}

/// # Panics
///
/// As its [`AsFd`].
impl AsRawFd for UnixListener {
    #[track_caller]
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

impl TryFrom<net::UnixListener> for UnixListener {
    type Error = io::Error;

    /// As [`UnixListener::from_std`].
    #[track_caller]
    fn try_from(listener: net::UnixListener) -> io::Result<UnixListener> {
        UnixListener::from_std(listener)
    }
}
