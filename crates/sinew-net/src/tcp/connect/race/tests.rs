use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Mutex;

use futures::executor::block_on;
use sinew_time::{Instant, Timers};

use super::*;
use crate::provider::{
    self, BoxFuture, VirtualDatagram, VirtualListener, VirtualNet, VirtualStream,
};
use crate::unix::SocketAddr as UnixAddr;
use crate::{TcpListener, memory::Network};

fn v4(last: u8) -> SocketAddr {
    (Ipv4Addr::new(10, 0, 0, last), 80).into()
}

fn v6(last: u16) -> SocketAddr {
    (Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, last), 80).into()
}

#[test]
fn families_take_turns_and_keep_their_order() {
    let addrs = vec![v6(1), v6(2), v6(3), v4(1), v4(2)];
    assert_eq!(in_turn(addrs), [v6(1), v4(1), v6(2), v4(2), v6(3)]);
    assert_eq!(in_turn(vec![v4(1), v6(1), v6(2)]), [v4(1), v6(1), v6(2)]);
    assert_eq!(in_turn(vec![v4(1), v4(2)]), [v4(1), v4(2)]);
    assert_eq!(in_turn(vec![]), []);
}

/// A network that never answers at some addresses, and notes who was tried when.
struct Silent {
    network: Network,
    silent: Vec<IpAddr>,
    tried: Mutex<Vec<SocketAddr>>,
}

impl VirtualNet for Silent {
    fn bind(&self, addr: SocketAddr) -> io::Result<Box<dyn VirtualListener>> {
        self.network.bind(addr)
    }

    fn connect(
        &self,
        local: Option<SocketAddr>,
        addr: SocketAddr,
    ) -> BoxFuture<Box<dyn VirtualStream>> {
        self.tried.lock().unwrap().push(addr);
        if self.silent.contains(&addr.ip()) {
            return Box::pin(std::future::pending());
        }
        self.network.connect(local, addr)
    }

    fn bind_udp(&self, addr: SocketAddr) -> io::Result<Box<dyn VirtualDatagram>> {
        self.network.bind_udp(addr)
    }

    fn bind_unix(&self, addr: &UnixAddr) -> io::Result<Box<dyn VirtualListener<UnixAddr>>> {
        self.network.bind_unix(addr)
    }

    fn connect_unix(
        &self,
        local: Option<&UnixAddr>,
        addr: &UnixAddr,
    ) -> BoxFuture<Box<dyn VirtualStream<UnixAddr>>> {
        self.network.connect_unix(local, addr)
    }

    fn unix_pair(&self) -> io::Result<[Box<dyn VirtualStream<UnixAddr>>; 2]> {
        self.network.unix_pair()
    }

    fn unix_datagram(
        &self,
        addr: Option<&UnixAddr>,
    ) -> io::Result<Box<dyn VirtualDatagram<UnixAddr>>> {
        self.network.unix_datagram(addr)
    }

    fn unix_datagram_pair(&self) -> io::Result<[Box<dyn VirtualDatagram<UnixAddr>>; 2]> {
        self.network.unix_datagram_pair()
    }

    fn bind_seqpacket(
        &self,
        addr: &UnixAddr,
    ) -> io::Result<Box<dyn VirtualListener<UnixAddr, dyn VirtualDatagram<UnixAddr>>>> {
        self.network.bind_seqpacket(addr)
    }

    fn connect_seqpacket(&self, addr: &UnixAddr) -> BoxFuture<Box<dyn VirtualDatagram<UnixAddr>>> {
        self.network.connect_seqpacket(addr)
    }

    fn seqpacket_pair(&self) -> io::Result<[Box<dyn VirtualDatagram<UnixAddr>>; 2]> {
        self.network.seqpacket_pair()
    }

    fn lookup(&self, host: &str, port: u16) -> BoxFuture<Vec<SocketAddr>> {
        self.network.lookup(host, port)
    }
}

/// Connects to a host with `addrs`, of which those in `silent` never answer and
/// those in `listening` do. Gives the result and who was tried.
fn run(
    addrs: &[SocketAddr],
    silent: &[SocketAddr],
    listening: &[SocketAddr],
) -> (io::Result<SocketAddr>, Vec<SocketAddr>) {
    let network = Network::new();
    network.add_host("host.test", addrs.iter().map(SocketAddr::ip));
    let net = Arc::new(Silent {
        network,
        silent: silent.iter().map(SocketAddr::ip).collect(),
        tried: Mutex::default(),
    });
    let _entered = provider::enter(net.clone());
    let result = block_on(async {
        let mut listeners = Vec::new();
        for addr in listening {
            listeners.push(TcpListener::bind(*addr).await?);
        }
        TcpStream::connect("host.test:80").await?.peer_addr()
    });
    let tried = net.tried.lock().unwrap().clone();
    (result, tried)
}

#[test]
fn the_first_that_answers_is_taken() {
    let (result, tried) = run(&[v6(1), v4(1)], &[], &[v6(1), v4(1)]);
    assert_eq!(result.unwrap(), v6(1));
    assert_eq!(tried, [v6(1)]);
}

#[test]
fn a_failure_brings_the_next_at_once() {
    // Who waited for the delay on this clock would wait for ever.
    let _stands_still = Timers::new_paused().enter();
    let (result, tried) = run(&[v6(1), v6(2), v4(1)], &[], &[v6(2)]);
    assert_eq!(result.unwrap(), v6(2));
    assert_eq!(tried, [v6(1), v4(1), v6(2)]);
}

#[test]
fn silence_brings_the_next_after_the_delay() {
    let start = Instant::now();
    let (result, tried) = run(&[v6(1), v4(1)], &[v6(1)], &[v4(1)]);
    assert_eq!(result.unwrap(), v4(1));
    assert_eq!(tried, [v6(1), v4(1)]);
    assert!(start.elapsed() >= DELAY);
}

#[test]
fn the_last_failure_is_the_error() {
    let (result, tried) = run(&[v6(1), v4(1)], &[], &[]);
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    assert!(error.to_string().contains("10.0.0.1:80"), "{error}");
    assert_eq!(tried.len(), 2);
}
