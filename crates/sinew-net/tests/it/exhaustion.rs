//! Descriptors: none left over, and none left. Each test runs in a process of
//! its own, where nobody else opens any.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::net;
use std::time::{Duration, Instant};

use futures::{AsyncReadExt, AsyncWriteExt, FutureExt, StreamExt};
use sinew_net::TcpStream;

use crate::child::in_child;
use crate::{listen, nobody, run};

#[cfg(target_os = "linux")]
fn open_descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

#[cfg(target_os = "linux")]
#[test]
fn two_thousand_connections_leave_no_descriptor() {
    if !in_child(
        "exhaustion::two_thousand_connections_leave_no_descriptor",
        256,
    ) {
        return;
    }
    run(async {
        let listener = listen().await;
        let addr = listener.local_addr().unwrap();
        let before = open_descriptors();
        for n in 0..2000 {
            let mut client = TcpStream::connect(addr).await.unwrap();
            let (mut server, _) = listener.accept().await.unwrap();
            match n % 4 {
                // Closed in order, reset, dropped in a wait, dropped in halves.
                0 => {
                    client.write_all(b"x").await.unwrap();
                    server.read_exact(&mut [0; 1]).await.unwrap();
                }
                1 => server.set_zero_linger().unwrap(),
                2 => assert!(client.read(&mut [0; 1]).now_or_never().is_none()),
                _ => drop(client.into_split()),
            }
        }
        for _ in 0..200 {
            let _ = TcpStream::connect(addr).now_or_never();
            let (_socket, nobody) = nobody();
            TcpStream::connect(nobody).await.unwrap_err();
        }
        assert_eq!(open_descriptors(), before);
    });
}

#[test]
fn accepting_survives_a_lack_of_descriptors() {
    if !in_child("exhaustion::accepting_survives_a_lack_of_descriptors", 64) {
        return;
    }
    run(async {
        let listener = listen().await;
        let addr = listener.local_addr().unwrap();
        // The timer and the reactor have what they need before it gets tight.
        sinew_time::sleep(Duration::ZERO).await;
        let mut files = Vec::new();
        while let Ok(file) = File::open("/dev/null") {
            files.push(file);
        }
        files.pop();
        let client = net::TcpStream::connect(addr).unwrap();

        let emfile = std::io::Error::from(rustix::io::Errno::MFILE).raw_os_error();
        let error = listener.accept().await.unwrap_err();
        assert_eq!(error.raw_os_error(), emfile);

        // From now on each try waits first: a loop around it does not spin.
        let start = Instant::now();
        let errors = listener
            .incoming()
            .take(5)
            .map(|stream| stream.unwrap_err().raw_os_error())
            .collect::<Vec<_>>()
            .await;
        assert_eq!(errors, [emfile; 5]);
        assert!(start.elapsed() >= Duration::from_millis(50));
        let start = Instant::now();
        let error = std::future::poll_fn(|cx| listener.poll_accept(cx)).await;
        assert_eq!(error.unwrap_err().raw_os_error(), emfile);
        assert!(start.elapsed() >= Duration::from_millis(10));
        // A wait that is dropped loses nothing.
        assert!(listener.accept().now_or_never().is_none());

        drop(files);
        let (mut server, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, client.local_addr().unwrap());
        server.write_all(b"x").await.unwrap();

        // The brake is off: the next is not held up.
        let next = net::TcpStream::connect(addr).unwrap();
        let (_, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, next.local_addr().unwrap());
    });
}

#[test]
fn connecting_without_descriptors_is_an_error() {
    if !in_child("exhaustion::connecting_without_descriptors_is_an_error", 64) {
        return;
    }
    run(async {
        let listener = listen().await;
        let addr = listener.local_addr().unwrap();
        let mut files = Vec::new();
        while let Ok(file) = File::open("/dev/null") {
            files.push(file);
        }
        let error = TcpStream::connect(addr).await.unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with(&format!("connect to {addr}: ")),
            "{error}"
        );
        assert_ne!(error.kind(), ErrorKind::WouldBlock);
        drop(files);
        TcpStream::connect(addr).await.unwrap();
    });
}

/// Each end is reset, so that no port lingers and the test can be run again.
async fn connect_and_reset(listener: &sinew_net::TcpListener) {
    let addr = listener.local_addr().unwrap();
    let client = TcpStream::connect(addr).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    client.set_zero_linger().unwrap();
    server.set_zero_linger().unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn twenty_thousand_connections_leave_no_descriptor() {
    if !in_child(
        "exhaustion::twenty_thousand_connections_leave_no_descriptor",
        256,
    ) {
        return;
    }
    run(async {
        let listener = listen().await;
        let before = open_descriptors();
        for _ in 0..20_000 {
            connect_and_reset(&listener).await;
        }
        assert_eq!(open_descriptors(), before);
    });
}

/// Idle connections cost nothing but their descriptors: after all of them were
/// made, one more is answered, none is woken, and all of them end together.
#[cfg(target_os = "linux")]
#[test]
fn five_thousand_idle_connections() {
    if !in_child("exhaustion::five_thousand_idle_connections", 10_100) {
        return;
    }
    run(async {
        let listener = listen().await;
        let addr = listener.local_addr().unwrap();
        let before = open_descriptors();
        let mut clients = Vec::new();
        let mut servers = Vec::new();
        for _ in 0..5_000 {
            clients.push(TcpStream::connect(addr).await.unwrap());
            let (server, _) = listener.accept().await.unwrap();
            server.set_zero_linger().unwrap();
            servers.push(server);
        }
        let reads: futures::stream::FuturesUnordered<_> = servers
            .iter()
            .map(|mut server| async move { server.read(&mut [0; 1]).await.unwrap() })
            .collect();
        let mut reads = Box::pin(reads.collect::<Vec<_>>());
        assert!(reads.as_mut().now_or_never().is_none());
        let mut busy = TcpStream::connect(addr).await.unwrap();
        let (mut peer, _) = listener.accept().await.unwrap();
        busy.write_all(b"x").await.unwrap();
        assert_eq!(peer.read(&mut [0; 4]).await.unwrap(), 1);
        assert!(reads.as_mut().now_or_never().is_none());
        for client in &mut clients {
            client.close().await.unwrap();
        }
        assert_eq!(reads.as_mut().await.len(), 5_000);
        drop(reads);
        drop((clients, servers, busy, peer));
        assert_eq!(open_descriptors(), before);
    });
}
