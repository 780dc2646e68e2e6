//! From what the caller wrote to socket addresses.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::panic::Location;
use std::sync::Arc;

pub(crate) use sealed::Target;

use crate::error::attempted;
use crate::lookup;
use crate::provider::{self, VirtualNet};

/// What can be turned into socket addresses: an address, an IP address with a
/// port, a host name with a port, a string that holds either, or a slice of
/// addresses.
///
/// Only host names need the resolver of the system, which is asked on the
/// blocking pool; everything else is converted at once. The trait is sealed:
/// it has no methods of its own, and functions like
/// [`TcpStream::connect`](crate::TcpStream::connect) and [`lookup_host`] take
/// what implements it.
pub trait ToSocketAddrs: sealed::ToTarget {}

impl<T: ToSocketAddrs + ?Sized> ToSocketAddrs for &T {}
impl ToSocketAddrs for SocketAddr {}
impl ToSocketAddrs for SocketAddrV4 {}
impl ToSocketAddrs for SocketAddrV6 {}
impl ToSocketAddrs for (IpAddr, u16) {}
impl ToSocketAddrs for (Ipv4Addr, u16) {}
impl ToSocketAddrs for (Ipv6Addr, u16) {}
impl ToSocketAddrs for (&str, u16) {}
impl ToSocketAddrs for (String, u16) {}
impl ToSocketAddrs for [SocketAddr] {}
impl ToSocketAddrs for str {}
impl ToSocketAddrs for String {}

mod sealed {
    use std::io;
    use std::net::SocketAddr;

    /// Where the caller wants to go, before any lookup.
    #[derive(Debug)]
    pub enum Target {
        One(SocketAddr),
        Many(Vec<SocketAddr>),
        Host(String, u16),
        Invalid(io::Error),
    }

    pub trait ToTarget {
        fn target(&self) -> Target;
    }
}

use sealed::ToTarget;

impl<T: ToTarget + ?Sized> ToTarget for &T {
    fn target(&self) -> Target {
        (**self).target()
    }
}

impl ToTarget for SocketAddr {
    fn target(&self) -> Target {
        Target::One(*self)
    }
}

impl ToTarget for SocketAddrV4 {
    fn target(&self) -> Target {
        Target::One(SocketAddr::V4(*self))
    }
}

impl ToTarget for SocketAddrV6 {
    fn target(&self) -> Target {
        Target::One(SocketAddr::V6(*self))
    }
}

impl ToTarget for (IpAddr, u16) {
    fn target(&self) -> Target {
        Target::One(SocketAddr::from(*self))
    }
}

impl ToTarget for (Ipv4Addr, u16) {
    fn target(&self) -> Target {
        Target::One(SocketAddr::from(*self))
    }
}

impl ToTarget for (Ipv6Addr, u16) {
    fn target(&self) -> Target {
        Target::One(SocketAddr::from(*self))
    }
}

impl ToTarget for [SocketAddr] {
    fn target(&self) -> Target {
        Target::Many(self.to_vec())
    }
}

impl ToTarget for (&str, u16) {
    fn target(&self) -> Target {
        host_and_port(self.0, self.1)
    }
}

impl ToTarget for (String, u16) {
    fn target(&self) -> Target {
        host_and_port(&self.0, self.1)
    }
}

impl ToTarget for str {
    fn target(&self) -> Target {
        parse(self)
    }
}

impl ToTarget for String {
    fn target(&self) -> Target {
        parse(self)
    }
}

fn parse(text: &str) -> Target {
    if let Ok(addr) = text.parse() {
        return Target::One(addr);
    }
    let Some((host, port)) = text.rsplit_once(':') else {
        return invalid(format!("{text:?} has no port: expected `host:port`"));
    };
    match port.parse() {
        Ok(port) => host_and_port(host, port),
        Err(_) => invalid(format!(
            "{port:?} in {text:?} is not a port: expected a number from 0 to 65535"
        )),
    }
}

fn host_and_port(host: &str, port: u16) -> Target {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Target::One(SocketAddr::new(ip, port));
    }
    if host.is_empty() {
        return invalid(format!("the host name in \":{port}\" is empty"));
    }
    if host.contains('\0') {
        return invalid(format!("the host name {host:?} contains a zero byte"));
    }
    Target::Host(host.to_owned(), port)
}

fn invalid(message: String) -> Target {
    Target::Invalid(io::Error::new(io::ErrorKind::InvalidInput, message))
}

/// Looks up the socket addresses of `host`.
///
/// A numeric address is given back at once. For a host name the system's
/// resolver is asked on the blocking pool, or the virtual network if one is
/// [entered](crate::provider). Who asks for a name while the resolver is being
/// asked for it shares the answer.
///
/// ```
/// # futures::executor::block_on(async {
/// for addr in sinew_net::lookup_host("127.0.0.1:80").await? {
///     println!("{addr}");
/// }
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
///
/// # Errors
///
/// [`InvalidInput`](io::ErrorKind::InvalidInput) when there is no port, the
/// port is out of range or the name is empty.
/// [`NotFound`](io::ErrorKind::NotFound) when the resolver does not know the
/// name, [`TimedOut`](io::ErrorKind::TimedOut) when it does not answer within 45
/// seconds. All name what was asked for.
///
/// # Cancel safety
///
/// Dropping the future forgets the answer. A lookup that has begun on the
/// blocking pool cannot be called back and ends there unheard.
#[track_caller]
pub fn lookup_host<T: ToSocketAddrs>(
    host: T,
) -> impl Future<Output = io::Result<impl Iterator<Item = SocketAddr>>> {
    resolve(host.target(), provider::entered(), Location::caller())
}

/// What the caller wrote, and the network that is to make sense of it.
pub(crate) fn target<T: ToSocketAddrs>(addr: &T) -> Target {
    addr.target()
}

/// The addresses of `target`, in the order in which they should be tried.
pub(crate) async fn resolve(
    target: Target,
    net: Option<Arc<dyn VirtualNet>>,
    location: &'static Location<'static>,
) -> io::Result<Addrs> {
    let (host, port) = match target {
        Target::One(addr) => return Ok(Addrs::One(Some(addr).into_iter())),
        Target::Many(addrs) => return Ok(Addrs::Many(addrs.into_iter())),
        Target::Invalid(error) => return Err(error),
        Target::Host(host, port) => (host, port),
    };
    let found = match net {
        Some(net) => net.lookup(&host, port).await,
        None => lookup::ask(&host, port, lookup::wait(location)).await,
    };
    match found {
        Ok(addrs) => Ok(Addrs::Many(addrs.into_iter())),
        Err(error) => Err(attempted("look up", format_args!("{host}:{port}"), error)),
    }
}

/// The addresses that a name stands for.
#[derive(Debug)]
pub(crate) enum Addrs {
    One(std::option::IntoIter<SocketAddr>),
    Many(std::vec::IntoIter<SocketAddr>),
}

impl Iterator for Addrs {
    type Item = SocketAddr;

    fn next(&mut self) -> Option<SocketAddr> {
        match self {
            Addrs::One(addr) => addr.next(),
            Addrs::Many(addrs) => addrs.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Addrs::One(addr) => addr.size_hint(),
            Addrs::Many(addrs) => addrs.size_hint(),
        }
    }
}

impl ExactSizeIterator for Addrs {}

/// The error when a name stands for no address at all.
pub(crate) fn no_address() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "could not resolve to any address",
    )
}

#[cfg(test)]
mod tests;
