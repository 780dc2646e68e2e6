//! How a TCP stream comes to be connected.

mod race;

use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::sync::Arc;

use socket2::Domain;

use super::stream::TcpStream;
use crate::addr::{self, Target};
use crate::connecting;
use crate::error::attempted;
use crate::provider::VirtualNet;
use crate::stream::{Conn, Virtual};
use crate::sys;

/// Tries every address of `target` until one answers: those of a host name in a
/// race, those that the caller has listed one after the other.
pub(super) async fn connect(
    target: Target,
    net: Option<Arc<dyn VirtualNet>>,
    location: &'static Location<'static>,
) -> io::Result<TcpStream> {
    let is_name = matches!(target, Target::Host(..));
    let mut addrs = addr::resolve(target, net.clone(), location).await?;
    if is_name && addrs.len() > 1 {
        return race::connect(addrs.collect(), net, location).await;
    }
    let mut last = None;
    for addr in addrs.by_ref() {
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
        Some(net) => Virtual::connect(net.connect(None, addr), addr.port().into(), location)
            .await
            .map(Conn::from_virtual),
        None => match sys::tcp(Domain::for_address(addr)) {
            Ok(socket) => connecting::connect(socket, &addr.into(), location).await,
            Err(error) => Err(error),
        },
    };
    connected
        .map(|conn| TcpStream { conn })
        .map_err(|error| attempted("connect to", addr, error))
}
