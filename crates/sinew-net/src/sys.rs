//! The system calls that `std` has no single call for.

use std::io;
use std::net::{self, SocketAddr};

use rustix::io::Errno;
use socket2::{Domain, Socket};

pub(crate) use made::{accept, socket};

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

/// Connections that the kernel completes before anyone accepts them; it cuts
/// the number down to its own limit.
pub(crate) const BACKLOG: u32 = 1024;

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

/// Whether an accept failed because the process or the system has run out of
/// descriptors or memory, so that the next one would fail at once as well.
pub(crate) fn is_exhaustion(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM)
    )
}
