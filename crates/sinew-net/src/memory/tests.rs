mod connection;
mod datagrams;
mod model;
mod seam;
mod seqpackets;

use std::future::poll_fn;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;

use futures::FutureExt;
use futures::executor::block_on;
use futures::future::join;

use super::Network;
use crate::{TcpListener, TcpSocket, TcpStream};

/// A connection on a network with `capacity` bytes in each direction.
fn pair(capacity: usize) -> (TcpStream, TcpStream) {
    let network = Network::with_capacity(capacity);
    let _entered = network.enter();
    block_on(async {
        let listener = TcpListener::bind("10.0.0.1:80").await.unwrap();
        let client = TcpStream::connect("10.0.0.1:80").await.unwrap();
        let (server, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, client.local_addr().unwrap());
        (client, server)
    })
}

fn read_now(stream: &TcpStream) -> Result<Vec<u8>, ErrorKind> {
    let mut buf = [0; 64];
    let count = stream.try_read(&mut buf).map_err(|error| error.kind())?;
    Ok(buf[..count].to_vec())
}

fn write_now(stream: &TcpStream, bytes: &[u8]) -> Result<usize, ErrorKind> {
    stream.try_write(bytes).map_err(|error| error.kind())
}

#[test]
fn addresses_are_what_was_asked_for() {
    let (client, server) = pair(8);
    let addr: SocketAddr = "10.0.0.1:80".parse().unwrap();
    assert_eq!(client.peer_addr().unwrap(), addr);
    assert_eq!(server.local_addr().unwrap(), addr);
    assert_eq!(server.peer_addr().unwrap(), client.local_addr().unwrap());
    assert_eq!(client.local_addr().unwrap().ip(), addr.ip());
    assert_ne!(client.local_addr().unwrap().port(), 0);
}

#[test]
fn binding() {
    let network = Network::new();
    let _entered = network.enter();
    block_on(async {
        let one = TcpListener::bind("10.0.0.1:0").await.unwrap();
        let two = TcpListener::bind("10.0.0.1:0").await.unwrap();
        let taken = one.local_addr().unwrap();
        assert_ne!(taken.port(), 0);
        assert_ne!(taken, two.local_addr().unwrap());

        let error = TcpListener::bind(taken).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(error.to_string().starts_with(&format!("bind to {taken}: ")));
        let error = TcpListener::bind(("0.0.0.0", taken.port()))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        TcpListener::bind(("10.0.0.2", taken.port())).await.unwrap();

        drop(one);
        TcpListener::bind(taken).await.unwrap();
    });
}

#[test]
fn an_unspecified_address_listens_on_all() {
    let network = Network::new();
    let _entered = network.enter();
    block_on(async {
        let listener = TcpListener::bind("[::]:80").await.unwrap();
        for addr in ["10.1.2.3:80", "[fe80::1]:80", "0.0.0.0:80"] {
            let client = TcpStream::connect(addr).await.unwrap();
            let (server, _) = listener.accept().await.unwrap();
            assert_eq!(server.local_addr().unwrap(), client.peer_addr().unwrap());
        }
    });
}

#[test]
fn a_connect_to_nobody_is_refused_and_named() {
    let network = Network::new();
    let _entered = network.enter();
    let error = block_on(TcpStream::connect("10.0.0.1:80")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    assert!(error.to_string().starts_with("connect to 10.0.0.1:80: "));
}

#[test]
fn networks_do_not_see_each_other() {
    let (one, two) = (Network::new(), Network::new());
    let listener = {
        let _entered = one.enter();
        block_on(TcpListener::bind("10.0.0.1:80")).unwrap()
    };
    let _entered = two.enter();
    block_on(TcpStream::connect("10.0.0.1:80")).unwrap_err();
    block_on(TcpListener::bind("10.0.0.1:80")).unwrap();
    // What was made in the first is still in the first.
    assert!(listener.accept().now_or_never().is_none());
}

#[test]
fn a_dropped_accept_loses_no_connection() {
    let network = Network::new();
    let _entered = network.enter();
    block_on(async {
        let listener = TcpListener::bind("10.0.0.1:80").await.unwrap();
        assert!(listener.accept().now_or_never().is_none());
        let client = TcpStream::connect("10.0.0.1:80").await.unwrap();
        let (_, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, client.local_addr().unwrap());
    });
}

#[test]
fn a_full_backlog_makes_connects_wait() {
    let network = Network::new();
    let _entered = network.enter();
    block_on(async {
        let listener = TcpListener::bind("10.0.0.1:80").await.unwrap();
        let mut clients = Vec::new();
        for _ in 0..super::listener::BACKLOG {
            clients.push(TcpStream::connect("10.0.0.1:80").await.unwrap());
        }
        let mut late = pin!(TcpStream::connect("10.0.0.1:80"));
        assert!(late.as_mut().now_or_never().is_none());
        listener.accept().await.unwrap();
        late.await.unwrap();

        let mut later = pin!(TcpStream::connect("10.0.0.1:80"));
        assert!(later.as_mut().now_or_never().is_none());
        drop(listener);
        let error = later.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(read_now(&clients[1]), Err(ErrorKind::ConnectionReset));
    });
}

#[test]
fn ports_are_free_again_when_their_streams_are_gone() {
    let network = Network::new();
    let _entered = network.enter();
    block_on(async {
        let listener = TcpListener::bind("10.0.0.1:80").await.unwrap();
        for _ in 0..70_000 {
            let client = TcpStream::connect("10.0.0.1:80").await.unwrap();
            let server = listener.accept().await.unwrap();
            drop((client, server));
        }
    });
}

#[test]
fn a_bound_socket_connects_from_its_address() {
    let network = Network::new();
    let _entered = network.enter();
    block_on(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("10.0.0.1:80".parse().unwrap()).unwrap();
        assert_eq!(socket.local_addr().unwrap().port(), 80);
        let again = socket.bind("10.0.0.1:81".parse().unwrap()).unwrap_err();
        assert_eq!(again.kind(), ErrorKind::InvalidInput);
        let listener = socket.listen(1).unwrap();

        let socket = TcpSocket::new_v4().unwrap();
        socket.set_nodelay(true).unwrap();
        socket.bind("10.0.0.2:1234".parse().unwrap()).unwrap();
        let client = socket
            .connect("10.0.0.1:80".parse().unwrap())
            .await
            .unwrap();
        assert!(client.nodelay().unwrap());
        let (_, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, "10.0.0.2:1234".parse().unwrap());
    });
}

#[test]
fn a_listener_has_an_end_of_its_own_for_each_task() {
    let network = Network::new();
    let _entered = network.enter();
    block_on(async {
        let listener = TcpListener::bind("10.0.0.1:80").await.unwrap();
        let accepts = join(listener.accept(), poll_fn(|cx| listener.poll_accept(cx)));
        let mut accepts = pin!(accepts);
        assert!(accepts.as_mut().now_or_never().is_none());
        let connects = join(
            TcpStream::connect("10.0.0.1:80"),
            TcpStream::connect("10.0.0.1:80"),
        );
        let ((one, two), clients) = join(accepts, connects).await;
        let mut peers = [one.unwrap().1, two.unwrap().1];
        let mut expected =
            [clients.0, clients.1].map(|client| client.unwrap().local_addr().unwrap());
        peers.sort_unstable();
        expected.sort_unstable();
        assert_eq!(peers, expected);
    });
}

#[test]
#[should_panic(expected = "room for at least one byte")]
fn no_capacity_panics() {
    let _ = Network::with_capacity(0);
}
