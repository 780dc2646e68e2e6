//! The sockets on the real operating system, on ports that it chooses, under a
//! foreign `block_on` and with no runtime of ours.

#[cfg(all(feature = "tokio-io", feature = "hyper"))]
mod adapters;
mod child;
mod close;
mod connect;
mod exhaustion;
mod listener;
mod options;
mod ready;
mod splice;
mod split;
mod transfer;
mod udp;
mod unix;

use std::net;
use std::time::Duration;

use futures::executor::block_on;
use sinew_net::{TcpListener, TcpSocket, TcpStream};

/// Bounds a test that hangs; no test waits for it to pass.
const LIMIT: Duration = Duration::from_secs(300);

/// Runs a test's future to its end.
#[track_caller]
fn run<F: Future>(future: F) -> F::Output {
    block_on(sinew_time::timeout(LIMIT, future)).expect("the test hangs")
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// Both ends of a connection, ours: the one that connected and the accepted one.
async fn pair() -> (TcpStream, TcpStream) {
    let listener = listen().await;
    let client = TcpStream::connect(listener.local_addr().unwrap());
    let client = client.await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    (client, server)
}

/// An accepted end of ours, and a peer of the standard library.
async fn with_std_peer() -> (TcpStream, net::TcpStream) {
    let listener = listen().await;
    let peer = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (ours, _) = listener.accept().await.unwrap();
    (ours, peer)
}

/// An address that nobody listens on, as long as its socket is kept: a port that is free
/// may be anybody's a moment later, and that of a closed listener lives on in a child
/// that another test has just forked.
fn nobody() -> (TcpSocket, net::SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = socket.local_addr().unwrap();
    (socket, addr)
}

#[test]
fn everything_may_move_between_threads() {
    fn send<T: Send>(value: T) -> T {
        value
    }
    fn sync<T: Send + Sync>() {}
    sync::<TcpStream>();
    sync::<TcpListener>();
    sync::<TcpSocket>();
    sync::<sinew_net::tcp::OwnedReadHalf>();
    sync::<sinew_net::tcp::OwnedWriteHalf>();
    sync::<sinew_net::memory::Network>();
    run(async {
        let listener = send(TcpListener::bind("127.0.0.1:0")).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let stream = send(TcpStream::connect(addr)).await.unwrap();
        send(TcpStream::connect_timeout(&addr, LIMIT))
            .await
            .unwrap();
        send(listener.accept()).await.unwrap();
        send(stream.writable()).await.unwrap();
        drop(send(stream.peek(&mut [0; 1])));
        drop(send(sinew_net::lookup_host("localhost:1")));
        drop(send(listener.incoming()));
    });
}
