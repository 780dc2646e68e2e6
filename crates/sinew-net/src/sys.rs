//! The system calls that `std` has no single call for.

use std::io;
use std::net::{self, SocketAddr};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix;

use rustix::io::Errno;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

pub(crate) use made::{accept, pipe, socket};
pub(crate) use message::{recv, send};
pub(crate) use spare::{put, read_buf, recv_buf, recv_buf_from};
pub(crate) use unix_recv::recv_unix;

mod spare;

#[cfg(any(
    target_os = "android",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "illumos",
    target_os = "linux",
    target_os = "netbsd",
    target_os = "openbsd"
))]
#[path = "sys/at_once.rs"]
mod made;

#[cfg(not(any(
    target_os = "android",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "illumos",
    target_os = "linux",
    target_os = "netbsd",
    target_os = "openbsd"
)))]
#[path = "sys/afterwards.rs"]
mod made;

#[cfg(target_os = "linux")]
#[path = "sys/truncation.rs"]
mod unix_recv;

#[cfg(not(target_os = "linux"))]
#[path = "sys/no_truncation.rs"]
mod unix_recv;

// Where the kernel has these calls, and pointers and longs are registers.
#[cfg(all(
    target_os = "linux",
    target_pointer_width = "64",
    any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64"
    )
))]
#[path = "sys/direct.rs"]
mod message;

#[cfg(not(all(
    target_os = "linux",
    target_pointer_width = "64",
    any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64"
    )
)))]
#[path = "sys/by_std.rs"]
mod message;

/// Connections that the kernel completes before anyone accepts them; it cuts
/// the number down to its own limit.
pub(crate) const BACKLOG: u32 = 1024;

/// A TCP socket that does not block and is not inherited by child processes.
pub(crate) fn tcp(domain: Domain) -> io::Result<Socket> {
    socket(domain, Type::STREAM, Some(Protocol::TCP))
}

/// A UDP socket on `addr`.
pub(crate) fn bind_udp(addr: SocketAddr) -> io::Result<net::UdpSocket> {
    let socket = socket(Domain::for_address(addr), Type::DGRAM, Some(Protocol::UDP))?;
    socket.bind(&addr.into())?;
    Ok(socket.into())
}

/// A Unix socket that does not block and is not inherited by child processes.
pub(crate) fn unix(kind: Type) -> io::Result<Socket> {
    socket(Domain::UNIX, kind, None)
}

/// How a descriptor was opened, and its mode (`F_GETFL`).
#[expect(
    unsafe_code,
    reason = "one system call that std and socket2 have no safe form of"
)]
pub(crate) fn status_flags(fd: BorrowedFd<'_>) -> io::Result<i32> {
    // SAFETY: the descriptor is open because it is borrowed; the command takes
    // no argument.
    match unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) } {
        -1 => Err(io::Error::last_os_error()),
        flags => Ok(flags),
    }
}

/// Two Unix sockets that are connected to each other, as [`unix`] makes them.
pub(crate) fn unix_pair(kind: Type) -> io::Result<(Socket, Socket)> {
    let (one, other) = Socket::pair(Domain::UNIX, kind, None)?;
    one.set_nonblocking(true)?;
    other.set_nonblocking(true)?;
    Ok((one, other))
}

/// A Unix listener on `addr`.
pub(crate) fn listen_unix(addr: &SockAddr) -> io::Result<unix::net::UnixListener> {
    let socket = unix(Type::STREAM)?;
    socket.bind(addr)?;
    socket.listen(BACKLOG as i32)?;
    Ok(socket.into())
}

/// A listener on `addr`, with `SO_REUSEADDR`, so that a server can be started
/// again while connections of its predecessor linger.
pub(crate) fn listen(addr: SocketAddr) -> io::Result<net::TcpListener> {
    let socket = tcp(Domain::for_address(addr))?;
    socket.set_reuse_address(true)?;
    socket.bind(&addr.into())?;
    start_listening(socket, BACKLOG)
}

/// Turns a bound socket into a listener.
pub(crate) fn start_listening(socket: Socket, backlog: u32) -> io::Result<net::TcpListener> {
    socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
    Ok(socket.into())
}

/// Starts to connect. Whether it is connected already; if not, the end of it is
/// heard of by writability.
pub(crate) fn start_connect(socket: &Socket, addr: &SockAddr) -> io::Result<bool> {
    match socket.connect(addr) {
        Ok(()) => Ok(true),
        Err(error) if is_in_progress(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_in_progress(error: &io::Error) -> bool {
    // An interrupted connect goes on in the background, like one in progress.
    matches!(
        Errno::from_io_error(error),
        Some(Errno::INPROGRESS | Errno::INTR)
    )
}

/// Whether an accept failed because the process or the system has run out of
/// descriptors or memory, so that the next one would fail at once as well.
pub(crate) fn is_exhaustion(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM)
    )
}
