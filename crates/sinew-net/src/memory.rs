//! A network inside the process: the first [provider].
//!
//! A [`Network`] is one host of its own with every address there is. Listeners
//! bind to any address, connections are pairs of bounded byte pipes, and
//! nothing leaves the process: tests need no port, no descriptor and no kernel.
//! What TCP does on one machine, it does as well:
//!
//! - a connect that nobody listens for is refused, two listeners cannot have
//!   one address, port 0 takes a free one, an unspecified address listens on all;
//! - a writer waits when the peer does not read (64 KiB per direction unless
//!   [`with_capacity`](Network::with_capacity) says otherwise), a connect waits
//!   when the listener's backlog is full;
//! - each direction closes on its own; the reader gets what was sent, then the end;
//! - an end that is dropped with unread bytes, or whose linger time is zero,
//!   resets the connection: the peer reads what had arrived, then gets
//!   [`ConnectionReset`](std::io::ErrorKind::ConnectionReset) once.
//!
//! UDP packets go to the socket or the multicast group that has the address, or
//! get lost: when nobody has it, and when the receiver has more than the same
//! amount of bytes waiting. Unix sockets wait instead, and a Unix name is free
//! again when its socket is gone (on a real host a path stays). Sequenced packets are
//! connections as TCP's, of packets instead of bytes.
//!
//! Bytes arrive at once and in full; delays and losses are for a simulator.
//! One difference is deliberate: a write to a peer that has been dropped fails
//! at once with [`BrokenPipe`](std::io::ErrorKind::BrokenPipe), where a kernel
//! would accept the first one and lose it.
//!
//! ```
//! use futures::{AsyncReadExt, AsyncWriteExt, future::try_join};
//! use sinew_net::{TcpListener, TcpStream, memory::Network};
//!
//! let network = Network::new();
//! network.add_host("db.test", ["10.0.0.7".parse().unwrap()]);
//! let _entered = network.enter();
//!
//! futures::executor::block_on(async {
//!     let listener = TcpListener::bind("10.0.0.7:5432").await?;
//!     let server = async {
//!         let (mut stream, _) = listener.accept().await?;
//!         stream.write_all(b"hello").await?;
//!         stream.close().await
//!     };
//!     let client = async {
//!         let mut text = String::new();
//!         let mut stream = TcpStream::connect("db.test:5432").await?;
//!         stream.read_to_string(&mut text).await?;
//!         assert_eq!(text, "hello");
//!         Ok(())
//!     };
//!     try_join(server, client).await
//! }).unwrap();
//! ```

mod connection;
mod datagram;
mod host;
mod listener;
mod packets;
mod wakers;

use std::fmt;
use std::future::{poll_fn, ready};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use sinew_core::Entered;

use crate::provider::{
    self, BoxFuture, VirtualDatagram, VirtualListener, VirtualNet, VirtualStream,
};
use crate::unix::SocketAddr as UnixAddr;
use connection::Bytes;
use host::Host;
use listener::Listener;
use packets::Packets;

/// Bytes that one direction of a connection holds, unless said otherwise: what
/// a kernel's socket buffers hold, to the order of magnitude.
const CAPACITY: usize = 64 * 1024;

/// A network inside the process. Clones are the same network.
///
/// See the [module](self) for what it does.
#[derive(Clone)]
pub struct Network {
    host: Arc<Host>,
}

impl Network {
    /// A network with nobody on it, and 64 KiB of room in each direction of
    /// each connection.
    #[must_use]
    pub fn new() -> Self {
        Network::with_capacity(CAPACITY)
    }

    /// A network whose connections hold `bytes` unread bytes in each direction.
    ///
    /// # Panics
    ///
    /// When `bytes` is 0: nothing could ever be sent.
    #[track_caller]
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        assert!(bytes > 0, "a connection needs room for at least one byte");
        Network {
            host: Arc::new(Host::new(bytes)),
        }
    }

    /// Makes this the network of the current thread until the guard is dropped.
    pub fn enter(&self) -> Entered<dyn VirtualNet> {
        provider::enter(Arc::new(self.clone()))
    }

    /// Makes `name` resolve to `addrs`, in that order. Replaces what the name
    /// stood for before. `localhost` is known from the start.
    pub fn add_host(&self, name: &str, addrs: impl IntoIterator<Item = IpAddr>) {
        self.host.name(name, addrs.into_iter().collect());
    }
}

impl Default for Network {
    fn default() -> Self {
        Network::new()
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("listeners", &self.host.listening())
            .finish_non_exhaustive()
    }
}

impl VirtualNet for Network {
    fn bind(&self, addr: SocketAddr) -> io::Result<Box<dyn VirtualListener>> {
        Ok(Box::new(Listener::bind(&self.host, addr)?))
    }

    fn connect(
        &self,
        local: Option<SocketAddr>,
        addr: SocketAddr,
    ) -> BoxFuture<Box<dyn VirtualStream>> {
        let host = Arc::clone(&self.host);
        Box::pin(async move {
            let mut attempt = listener::Connect::new(&host, local, addr)?;
            let end = poll_fn(|cx| attempt.poll(cx)).await?;
            Ok(Box::new(end) as Box<dyn VirtualStream>)
        })
    }

    fn bind_udp(&self, addr: SocketAddr) -> io::Result<Box<dyn VirtualDatagram>> {
        Ok(Box::new(datagram::Udp::bind(&self.host, addr)?))
    }

    fn bind_unix(&self, addr: &UnixAddr) -> io::Result<Box<dyn VirtualListener<UnixAddr>>> {
        Ok(Box::new(Listener::bind_unix(&self.host, addr)?))
    }

    fn connect_unix(
        &self,
        local: Option<&UnixAddr>,
        addr: &UnixAddr,
    ) -> BoxFuture<Box<dyn VirtualStream<UnixAddr>>> {
        let attempt = listener::Connect::new_unix(&self.host, local, addr);
        Box::pin(async move {
            let mut attempt = attempt?;
            let end = poll_fn(|cx| attempt.poll(cx)).await?;
            Ok(Box::new(end) as Box<dyn VirtualStream<UnixAddr>>)
        })
    }

    fn unix_pair(&self) -> io::Result<[Box<dyn VirtualStream<UnixAddr>>; 2]> {
        let addrs = [UnixAddr::unnamed()?, UnixAddr::unnamed()?];
        let ids = [self.host.next_id(), self.host.next_id()];
        let ends = connection::pair::<_, Bytes>(addrs, None, self.host.capacity(), ids);
        Ok(ends.map(|end| Box::new(end) as Box<dyn VirtualStream<UnixAddr>>))
    }

    fn unix_datagram(
        &self,
        addr: Option<&UnixAddr>,
    ) -> io::Result<Box<dyn VirtualDatagram<UnixAddr>>> {
        Ok(Box::new(datagram::Unix::new(&self.host, addr)?))
    }

    fn unix_datagram_pair(&self) -> io::Result<[Box<dyn VirtualDatagram<UnixAddr>>; 2]> {
        let ends = datagram::Unix::pair(&self.host)?;
        Ok(ends.map(|end| Box::new(end) as Box<dyn VirtualDatagram<UnixAddr>>))
    }

    fn bind_seqpacket(
        &self,
        addr: &UnixAddr,
    ) -> io::Result<Box<dyn VirtualListener<UnixAddr, dyn VirtualDatagram<UnixAddr>>>> {
        Ok(Box::new(Listener::bind_packets(&self.host, addr)?))
    }

    fn connect_seqpacket(&self, addr: &UnixAddr) -> BoxFuture<Box<dyn VirtualDatagram<UnixAddr>>> {
        let attempt = listener::Connect::new_packets(&self.host, addr);
        Box::pin(async move {
            let mut attempt = attempt?;
            let end = poll_fn(|cx| attempt.poll(cx)).await?;
            Ok(Box::new(end) as Box<dyn VirtualDatagram<UnixAddr>>)
        })
    }

    fn seqpacket_pair(&self) -> io::Result<[Box<dyn VirtualDatagram<UnixAddr>>; 2]> {
        let addrs = [UnixAddr::unnamed()?, UnixAddr::unnamed()?];
        let ids = [self.host.next_id(), self.host.next_id()];
        let ends = connection::pair::<_, Packets>(addrs, None, self.host.capacity(), ids);
        Ok(ends.map(|end| Box::new(end) as Box<dyn VirtualDatagram<UnixAddr>>))
    }

    fn lookup(&self, host: &str, port: u16) -> BoxFuture<Vec<SocketAddr>> {
        let found = self.host.lookup(host);
        Box::pin(ready(found.map(|addrs| {
            addrs
                .into_iter()
                .map(|ip| SocketAddr::new(ip, port))
                .collect()
        })))
    }
}

#[cfg(test)]
mod tests;
