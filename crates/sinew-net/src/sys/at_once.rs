//! Sockets on systems that take the flags with the call that makes the socket.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use rustix::pipe::{PipeFlags, pipe_with};
use socket2::{Domain, Protocol, SockAddr, SockAddrStorage, Socket, Type};

/// A socket that does not block and is not inherited by child processes.
pub(crate) fn socket(domain: Domain, kind: Type, protocol: Option<Protocol>) -> io::Result<Socket> {
    Socket::new(domain, kind.nonblocking(), protocol)
}

/// The reading and the writing end of a pipe that does not block and is not
/// inherited by child processes.
pub(crate) fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?)
}

/// The next connection, as a socket that does not block and is not inherited.
pub(crate) fn accept(listener: BorrowedFd<'_>) -> io::Result<(OwnedFd, SockAddr)> {
    loop {
        match accept4(listener) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            accepted => return accepted,
        }
    }
}

/// `accept4` with both flags. Called through `libc`, which is in the tree for
/// `socket2` anyway: the net part of `rustix` has it too, and takes longer to
/// compile than most of this project.
#[expect(
    unsafe_code,
    reason = "one system call that std and socket2 have no safe form of"
)]
fn accept4(listener: BorrowedFd<'_>) -> io::Result<(OwnedFd, SockAddr)> {
    let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    let accept = |storage: *mut SockAddrStorage, len: *mut libc::socklen_t| {
        // SAFETY: the descriptor is open because it is borrowed; the
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
