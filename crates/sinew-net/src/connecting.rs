//! Connecting a stream socket of any family.

use std::io;
use std::panic::Location;

use sinew_reactor::Async;
use socket2::{SockAddr, Socket};

use crate::Interest;
use crate::stream::{Conn, Transport};
use crate::sys;

/// Connects a socket that does not block.
pub(crate) async fn connect<T: Transport + From<Socket>>(
    socket: Socket,
    addr: &SockAddr,
    location: &'static Location<'static>,
) -> io::Result<Conn<T>> {
    if sys::start_connect(&socket, addr)? {
        return Conn::connected(T::from(socket), location);
    }
    let io = Async::new_nonblocking_at(T::from(socket), location)?;
    loop {
        let ready = io.ready(Interest::WRITABLE).await?;
        if let Some(error) = io.get_ref().take_error()? {
            return Err(error);
        }
        // Readiness may be false, so ask the socket itself. The check is the
        // operation of `try_io`: what becomes ready after it is not cleared.
        let connected = io.try_io(Interest::WRITABLE, |socket| {
            is_connected(socket, ready.is_write_closed())
        });
        match connected {
            Ok(()) => return Ok(Conn::os(io)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

fn is_connected(socket: &impl Transport, closed: bool) -> io::Result<()> {
    match socket.peer_addr() {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotConnected && !closed => {
            Err(io::ErrorKind::WouldBlock.into())
        }
        Err(error) => Err(error),
    }
}
