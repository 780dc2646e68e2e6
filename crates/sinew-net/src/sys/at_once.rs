//! Sockets on systems that take the flags with the call that makes the socket.

use std::io;
use std::net::{self, SocketAddr};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use socket2::{Domain, Protocol, SockAddr, SockAddrStorage, Socket, Type};

/// A TCP socket that does not block and is not inherited by child processes.
pub(crate) fn socket(domain: Domain) -> io::Result<Socket> {
    Socket::new(domain, Type::STREAM.nonblocking(), Some(Protocol::TCP))
}

/// The next connection, as a socket that does not block and is not inherited.
pub(crate) fn accept(listener: &net::TcpListener) -> io::Result<(net::TcpStream, SocketAddr)> {
    let (fd, peer) = loop {
        match accept4(listener) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            accepted => break accepted?,
        }
    };
    let peer = peer.as_socket().ok_or(io::ErrorKind::NotConnected)?;
    Ok((fd.into(), peer))
}

/// `accept4` with both flags. Called through `libc`, which is in the tree for
/// `socket2` anyway: the net part of `rustix` has it too, and takes longer to
/// compile than most of this project.
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
