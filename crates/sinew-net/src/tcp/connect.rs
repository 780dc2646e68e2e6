//! How a stream comes to be connected.

use std::io;
use std::net::{self, SocketAddr};
use std::panic::Location;
use std::sync::Arc;

use sinew_reactor::Async;
use socket2::{Domain, Socket};

use super::stream::TcpStream;
use super::virtual_stream::Virtual;
use crate::Interest;
use crate::addr::{self, Target};
use crate::error::attempted;
use crate::provider::VirtualNet;
use crate::sys;

/// Tries every address of `target` until one answers.
pub(super) async fn connect(
    target: Target,
    net: Option<Arc<dyn VirtualNet>>,
    location: &'static Location<'static>,
) -> io::Result<TcpStream> {
    let mut last = None;
    for addr in addr::resolve(target, net.clone()).await? {
        match connect_addr(addr, net.as_deref(), location).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(addr::no_address))
}

/// Connects to `addr`; an error names it.
pub(super) async fn connect_addr(
    addr: SocketAddr,
    net: Option<&dyn VirtualNet>,
    location: &'static Location<'static>,
) -> io::Result<TcpStream> {
    let connected = match net {
        Some(net) => Virtual::connect(net, None, addr, location)
            .await
            .map(TcpStream::from_virtual),
        None => match sys::socket(Domain::for_address(addr)) {
            Ok(socket) => connect_socket(socket, addr, location).await,
            Err(error) => Err(error),
        },
    };
    connected.map_err(|error| attempted("connect to", addr, error))
}

/// Connects a socket that does not block.
pub(super) async fn connect_socket(
    socket: Socket,
    addr: SocketAddr,
    location: &'static Location<'static>,
) -> io::Result<TcpStream> {
    let connecting = sys::start_connect(socket, addr)?;
    let io = Async::new_nonblocking_at(connecting, location)?;
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
            Ok(()) => return Ok(TcpStream::from_async(io)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

fn is_connected(socket: &net::TcpStream, closed: bool) -> io::Result<()> {
    match socket.peer_addr() {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotConnected && !closed => {
            Err(io::ErrorKind::WouldBlock.into())
        }
        Err(error) => Err(error),
    }
}
