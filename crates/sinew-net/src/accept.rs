//! What listeners of every family have in common: accepting, and resting when
//! descriptors have run out.

use std::io;
use std::net::{self, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix;
use std::panic::Location;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};
use sinew_reactor::Async;

use crate::error::no_descriptor;
use crate::pause::{Brake, Rest};
use crate::provider::{Accepted, VirtualListener, VirtualStream};
use crate::stream::{Conn, Transport, Virtual};
use crate::sys;
use crate::unix::SocketAddr as UnixAddr;

pub(crate) mod incoming;

/// A listening socket of the operating system, seen without its family.
pub(crate) trait Listening: AsFd + Send + Sync + 'static {
    /// What it accepts.
    type Stream: Transport<Addr = Self::Addr>;
    /// What an end is called by.
    type Addr: Send + Sync + 'static;

    /// What the public type is called, for messages.
    const NAME: &'static str;

    fn accept(&self) -> io::Result<(Self::Stream, Self::Addr)>;
    fn local_addr(&self) -> io::Result<Self::Addr>;
}

impl Listening for net::TcpListener {
    type Stream = net::TcpStream;
    type Addr = SocketAddr;

    const NAME: &'static str = "TcpListener";

    fn accept(&self) -> io::Result<(net::TcpStream, SocketAddr)> {
        let (stream, peer) = sys::accept(self.as_fd())?;
        let peer = peer.as_socket().ok_or(io::ErrorKind::NotConnected)?;
        Ok((stream.into(), peer))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        net::TcpListener::local_addr(self)
    }
}

impl Listening for unix::net::UnixListener {
    type Stream = unix::net::UnixStream;
    type Addr = UnixAddr;

    const NAME: &'static str = "UnixListener";

    fn accept(&self) -> io::Result<(unix::net::UnixStream, UnixAddr)> {
        let (stream, peer) = sys::accept(self.as_fd())?;
        Ok((stream.into(), UnixAddr::from_socket2(&peer)?))
    }

    fn local_addr(&self) -> io::Result<UnixAddr> {
        unix::net::UnixListener::local_addr(self).map(UnixAddr::from)
    }
}

/// What accepting gives: a connection, and the other end's address.
type AcceptedConn<L> = io::Result<(Conn<<L as Listening>::Stream>, <L as Listening>::Addr)>;

/// A listener.
pub(crate) struct Acceptor<L: Listening> {
    socket: Socket<L>,
    brake: Brake,
    /// How the last caller of `poll_accept` waits for the brake.
    rest: Mutex<Rest>,
}

/// Whose listener it is. Decided when it is made.
enum Socket<L: Listening> {
    Os(Async<L>),
    // Boxed, so that it adds nothing to the size of the other arm.
    Virtual(Box<VirtualArm<L::Addr>>),
}

/// A provider's listener.
struct VirtualArm<A> {
    listener: Waiting<A>,
    ttl: AtomicU32,
}

/// A provider's listener that tasks wait for. It accepts ends that are `E`.
pub(crate) struct Waiting<A, E: ?Sized = dyn VirtualStream<A>> {
    pub(crate) io: Box<dyn VirtualListener<A, E>>,
    pub(crate) location: &'static Location<'static>,
}

impl<L: Listening> Acceptor<L> {
    #[track_caller]
    pub(crate) fn from_std(listener: L) -> io::Result<Self> {
        Ok(Acceptor::new(Socket::Os(Async::new(listener)?)))
    }

    pub(crate) fn from_nonblocking(
        listener: L,
        location: &'static Location<'static>,
    ) -> io::Result<Self> {
        let io = Async::new_nonblocking_at(listener, location)?;
        Ok(Acceptor::new(Socket::Os(io)))
    }

    pub(crate) fn from_virtual(
        io: Box<dyn VirtualListener<L::Addr>>,
        location: &'static Location<'static>,
    ) -> Self {
        Acceptor::new(Socket::Virtual(Box::new(VirtualArm {
            listener: Waiting { io, location },
            ttl: AtomicU32::new(crate::stream::TTL),
        })))
    }

    fn new(socket: Socket<L>) -> Self {
        Acceptor {
            socket,
            brake: Brake::default(),
            rest: Mutex::default(),
        }
    }

    pub(crate) fn into_std(self) -> io::Result<L> {
        match self.socket {
            Socket::Os(io) => io.into_inner(),
            Socket::Virtual(_) => Err(no_descriptor(L::NAME)),
        }
    }

    #[track_caller]
    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.socket {
            Socket::Os(io) => io.get_ref().as_fd(),
            Socket::Virtual(_) => panic!("a {} of a virtual network has no descriptor", L::NAME),
        }
    }

    /// What tells it apart, for people: its descriptor, or the provider's number.
    pub(crate) fn number(&self) -> Result<RawFd, u64> {
        match &self.socket {
            Socket::Os(io) => Ok(io.get_ref().as_fd().as_raw_fd()),
            Socket::Virtual(arm) => Err(arm.listener.io.id()),
        }
    }

    pub(crate) fn local_addr(&self) -> io::Result<L::Addr> {
        match &self.socket {
            Socket::Os(io) => io.get_ref().local_addr(),
            Socket::Virtual(arm) => arm.listener.io.local_addr(),
        }
    }

    /// Asks the socket, or the value that a virtual listener remembers.
    pub(crate) fn ttl(&self, ask: impl FnOnce(&L) -> io::Result<u32>) -> io::Result<u32> {
        match &self.socket {
            Socket::Os(io) => ask(io.get_ref()),
            Socket::Virtual(listener) => Ok(listener.ttl.load(Ordering::Relaxed)),
        }
    }

    /// Tells the socket, or has a virtual listener remember the value.
    pub(crate) fn set_ttl(
        &self,
        ttl: u32,
        tell: impl FnOnce(&L, u32) -> io::Result<()>,
    ) -> io::Result<()> {
        match &self.socket {
            Socket::Os(io) => tell(io.get_ref(), ttl),
            Socket::Virtual(listener) => {
                listener.ttl.store(ttl, Ordering::Relaxed);
                Ok(())
            }
        }
    }

    /// The operating system's socket, if it is one.
    pub(crate) fn os(&self) -> Option<&L> {
        match &self.socket {
            Socket::Os(io) => Some(io.get_ref()),
            Socket::Virtual(_) => None,
        }
    }

    /// Accepts for the caller of a `poll_accept`, who has no `rest` of its own.
    pub(crate) fn poll_accept(
        &self,
        cx: &mut Context<'_>,
        location: &'static Location<'static>,
    ) -> Poll<AcceptedConn<L>> {
        if self.brake.is_on() {
            let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
            ready!(self.brake.poll(cx, &mut rest));
        }
        self.poll_accept_now(cx, location)
    }

    /// Accepts on behalf of a waiter that has its own `rest`.
    pub(crate) fn poll_accept_with(
        &self,
        cx: &mut Context<'_>,
        rest: &mut Rest,
        location: &'static Location<'static>,
    ) -> Poll<AcceptedConn<L>> {
        if self.brake.is_on() {
            ready!(self.brake.poll(cx, rest));
        }
        self.poll_accept_now(cx, location)
    }

    fn poll_accept_now(
        &self,
        cx: &mut Context<'_>,
        location: &'static Location<'static>,
    ) -> Poll<AcceptedConn<L>> {
        let accepted = match &self.socket {
            Socket::Os(io) => ready!(io.poll_read_with(cx, L::accept))
                .and_then(|(stream, peer)| Ok((Conn::accepted(stream, location)?, peer))),
            Socket::Virtual(arm) => ready!(arm.listener.poll_accept(cx)).map(|(io, peer)| {
                let stream = Virtual::new(io, location);
                (Conn::from_virtual(stream), peer)
            }),
        };
        if let Err(error) = &accepted {
            self.brake.note(error);
        }
        Poll::Ready(accepted)
    }
}

impl<A, E: ?Sized> Waiting<A, E> {
    pub(crate) fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Accepted<A, E>> {
        let proceed = ready!(coop::poll_proceed(cx));
        match self.io.poll_accept(cx) {
            Poll::Pending => leaf::pending(&Wait {
                kind: Kind::Readable,
                resource: self.io.id(),
                location: self.location,
            }),
            accepted => {
                proceed.made_progress();
                accepted
            }
        }
    }
}
