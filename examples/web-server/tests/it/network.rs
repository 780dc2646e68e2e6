//! The server on an in-memory network, with a paused clock.

use std::io;

use sinew::futures::channel::oneshot;
use sinew::futures::future::join_all;
use sinew::net::TcpStream;
use sinew::net::memory::Network;
use sinew::prelude::*;
use sinew::task::JoinHandle;
use sinew::time::{Duration, Instant, sleep};
use web_server::files::Files;
use web_server::response::{HELLO, NOT_FOUND};
use web_server::server::{GRACE, Server};

/// A server, on the network that is entered, and what stops it.
async fn start() -> (String, oneshot::Sender<()>, JoinHandle<usize>) {
    let server = Server::bind("10.0.0.1:0", Files::none()).await.unwrap();
    let addr = server.local_addr().unwrap().to_string();
    let (stop, stopped) = oneshot::channel();
    let run = server.run(async {
        // The sender that is dropped stops it as well.
        let _ = stopped.await;
    });
    (addr, stop, sinew::spawn(run))
}

async fn send(addr: &str, request: &str) -> TcpStream {
    let mut client = TcpStream::connect(addr).await.unwrap();
    client.write_all(request.as_bytes()).await.unwrap();
    client
}

async fn rest(mut client: TcpStream) -> io::Result<String> {
    let mut answer = String::new();
    client.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[sinew::test(start_paused = true)]
async fn sleepers_sleep_side_by_side() {
    let network = Network::new();
    let _entered = network.enter();
    let (addr, _stop, _server) = start().await;
    let start = Instant::now();
    let sleepers = join_all((0..200).map(|_| async {
        let client = send(&addr, "GET /sleep HTTP/1.0\r\n\r\n").await;
        rest(client).await.unwrap()
    }));
    let others = async {
        sleep(Duration::from_secs(1)).await;
        let client = send(&addr, "GET / HTTP/1.0\r\n\r\n").await;
        assert!(rest(client).await.unwrap().ends_with(HELLO));
        assert_eq!(start.elapsed(), Duration::from_secs(1));
    };
    let (answers, ()) = sinew::join!(sleepers, others);
    assert!(answers.iter().all(|answer| answer.ends_with(HELLO)));
    assert_eq!(start.elapsed(), Duration::from_secs(5));
}

#[sinew::test(start_paused = true)]
async fn a_client_that_half_closes_gets_its_answers() {
    let network = Network::new();
    let _entered = network.enter();
    let (addr, _stop, _server) = start().await;
    let mut client = send(&addr, "GET / HTTP/1.1\r\n\r\nHEAD /x HTTP/1.1\r\n\r\n").await;
    client.shutdown().await.unwrap();
    let answer = rest(client).await.unwrap();
    let (first, second) = answer.split_once(HELLO).unwrap();
    assert!(first.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(second.starts_with("HTTP/1.1 404 Not Found\r\n"));
    assert!(second.contains(&format!("\r\nContent-Length: {}\r\n", NOT_FOUND.len())));
    assert!(second.ends_with("\r\n\r\n"));
}

#[sinew::test(start_paused = true)]
async fn who_says_nothing_is_told_the_time_and_honest_clients_are_served() {
    let network = Network::new();
    let _entered = network.enter();
    let (addr, _stop, _server) = start().await;
    let silent = join_all((0..500).map(|_| send(&addr, ""))).await;
    // Resets: what they sent is never answered.
    for client in join_all((0..50).map(|_| send(&addr, "GET /sleep HTTP/1.1\r\n\r\n"))).await {
        client.set_zero_linger().unwrap();
    }
    let client = send(&addr, "GET / HTTP/1.0\r\n\r\n").await;
    assert!(rest(client).await.unwrap().ends_with(HELLO));
    let start = Instant::now();
    for answer in join_all(silent.into_iter().map(rest)).await {
        assert!(answer.unwrap().starts_with("HTTP/1.1 408 "));
    }
    assert_eq!(start.elapsed(), Duration::from_secs(10));
}

#[sinew::test(start_paused = true)]
async fn the_end_is_orderly() {
    let network = Network::new();
    let _entered = network.enter();
    let (addr, stop, server) = start().await;
    let idle = send(&addr, "").await;
    let busy = send(&addr, "GET /sleep HTTP/1.1\r\n\r\n").await;
    sleep(Duration::from_secs(1)).await;
    stop.send(()).unwrap();
    assert_eq!(rest(idle).await.unwrap(), "");
    let error = TcpStream::connect(addr.as_str()).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    let answer = rest(busy).await.unwrap();
    assert!(answer.contains("\r\nConnection: close\r\n"));
    assert!(answer.ends_with(HELLO));
    assert_eq!(server.await.unwrap(), 0);
}

#[sinew::test(start_paused = true)]
async fn grace_has_an_end() {
    let network = Network::with_capacity(64);
    let _entered = network.enter();
    let (addr, stop, server) = start().await;
    // Never reads its answer.
    let _stalled = send(&addr, "GET / HTTP/1.1\r\n\r\n").await;
    sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    stop.send(()).unwrap();
    assert_eq!(server.await.unwrap(), 1);
    assert_eq!(start.elapsed(), GRACE);
}
