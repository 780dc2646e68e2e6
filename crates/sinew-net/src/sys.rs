//! The system calls that `std` has no single call for.

use std::io;
use std::net::{self, SocketAddr};

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use rustix::io::Errno;
use socket2::{Domain, Protocol, SockAddr, SockAddrStorage, Socket, Type};

/// Connections that the kernel completes before anyone accepts them; it cuts
/// the number down to its own limit.
pub(crate) const BACKLOG: u32 = 1024;

/// A TCP socket that does not block and is not inherited by child processes.
pub(crate) fn socket(domain: Domain) -> io::Result<Socket> {
    #[cfg(any(
        target_os = "android",
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "illumos",
        target_os = "linux",
        target_os = "netbsd",
        target_os = "openbsd"
    ))]
    {
        Socket::new(domain, Type::STREAM.nonblocking(), Some(Protocol::TCP))
    }
    #[cfg(not(any(
        target_os = "android",
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "illumos",
        target_os = "linux",
        target_os = "netbsd",
        target_os = "openbsd"
    )))]
    {
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    }
}

/// A listener on `addr`, with `SO_REUSEADDR`, so that a server can be started
/// again while connections of its predecessor linger.
pub(crate) fn listen(addr: SocketAddr) -> io::Result<net::TcpListener> {
    let socket = socket(Domain::for_address(addr))?;
    socket.set_reuse_address(true)?;
    socket.bind(&addr.into())?;
    start_listening(socket, BACKLOG)
}

/// Turns a bound socket into a listener.
pub(crate) fn start_listening(socket: Socket, backlog: u32) -> io::Result<net::TcpListener> {
    socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
    Ok(socket.into())
}

/// Starts to connect. The end of it is heard of by writability.
pub(crate) fn start_connect(socket: Socket, addr: SocketAddr) -> io::Result<net::TcpStream> {
    match socket.connect(&addr.into()) {
        Err(error) if !is_in_progress(&error) => Err(error),
        _ => Ok(socket.into()),
    }
}

fn is_in_progress(error: &io::Error) -> bool {
    // An interrupted connect goes on in the background, like one in progress.
    matches!(
        Errno::from_io_error(error),
        Some(Errno::INPROGRESS | Errno::INTR)
    )
}

/// The next connection, as a socket that does not block and is not inherited,
/// in one system call where the platform has it.
pub(crate) fn accept(listener: &net::TcpListener) -> io::Result<(net::TcpStream, SocketAddr)> {
    #[cfg(any(
        target_os = "android",
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "illumos",
        target_os = "linux",
        target_os = "netbsd",
        target_os = "openbsd"
    ))]
    {
        let (fd, peer) = loop {
            match accept4(listener) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                accepted => break accepted?,
            }
        };
        let peer = peer.as_socket().ok_or(io::ErrorKind::NotConnected)?;
        Ok((fd.into(), peer))
    }
    #[cfg(not(any(
        target_os = "android",
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "illumos",
        target_os = "linux",
        target_os = "netbsd",
        target_os = "openbsd"
    )))]
    {
        let (stream, peer) = listener.accept()?;
        stream.set_nonblocking(true)?;
        Ok((stream, peer))
    }
}

/// `accept4` with both flags. Called through `libc`, which is in the tree for
/// `socket2` anyway: the net part of `rustix` has it too, and takes longer to
/// compile than most of this project.
#[cfg(any(
    target_os = "android",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "illumos",
    target_os = "linux",
    target_os = "netbsd",
    target_os = "openbsd"
))]
#[expect(
    unsafe_code,
    reason = "one system call that std and socket2 have no safe form of"
)]
fn accept4(listener: &net::TcpListener) -> io::Result<(OwnedFd, SockAddr)> {
    let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    let accept = |storage: *mut SockAddrStorage, len: *mut libc::socklen_t| {
        // SAFETY: the descriptor is open because the listener is borrowed; the
        // kernel writes at most `*len` bytes to `storage`, and both are valid by
        // the contract of `try_init`.
        let fd = unsafe { libc::accept4(listener.as_raw_fd(), storage.cast(), len, flags) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel has just given us this descriptor; nobody else has it.
        Ok(unsafe { OwnedFd::from_raw_fd(fd) })
    };
    // SAFETY: on success `accept4` has written the peer's address and its length.
    unsafe { SockAddr::try_init(accept) }
}

/// Whether an accept failed because the process or the system has run out of
/// descriptors or memory, so that the next one would fail at once as well.
pub(crate) fn is_exhaustion(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM)
    )
}
