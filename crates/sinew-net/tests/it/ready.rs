//! Readiness, and operations that do not wait.

use std::future::poll_fn;
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};

use futures::FutureExt;
use futures::future::join_all;
use sinew_net::{Interest, TcpStream};

use crate::{pair, run, with_std_peer};

async fn read_some(stream: &TcpStream, buf: &mut [u8]) -> std::io::Result<usize> {
    loop {
        stream.readable().await?;
        match stream.try_read(buf) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            done => return done,
        }
    }
}

#[test]
fn try_read_and_try_write() {
    run(async {
        let (client, server) = pair().await;
        let mut buf = [0; 8];
        let error = server.try_read(&mut buf).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        client.writable().await.unwrap();
        assert_eq!(client.try_write(b"abc").unwrap(), 3);
        assert_eq!(read_some(&server, &mut buf).await.unwrap(), 3);
        assert_eq!(&buf[..3], b"abc");
        assert!(server.readable().now_or_never().is_none() || server.try_read(&mut buf).is_err());
    });
}

#[test]
fn try_vectored() {
    run(async {
        let (client, server) = pair().await;
        client.writable().await.unwrap();
        let parts = [IoSlice::new(b"ab"), IoSlice::new(b"cd")];
        assert_eq!(client.try_write_vectored(&parts).unwrap(), 4);
        server.peek(&mut [0; 1]).await.unwrap();
        let (mut one, mut two) = ([0; 1], [0; 8]);
        let mut bufs = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
        assert_eq!(server.try_read_vectored(&mut bufs).unwrap(), 4);
        assert_eq!((&one[..], &two[..3]), (&b"a"[..], &b"bcd"[..]));
    });
}

#[test]
fn peek_leaves_the_bytes() {
    run(async {
        let (ours, mut peer) = with_std_peer().await;
        peer.write_all(b"abc").unwrap();
        let mut buf = [0; 8];
        assert_eq!(ours.peek(&mut buf).await.unwrap(), 3);
        assert_eq!(poll_fn(|cx| ours.poll_peek(cx, &mut buf)).await.unwrap(), 3);
        assert_eq!(read_some(&ours, &mut buf).await.unwrap(), 3);
        assert_eq!(&buf[..3], b"abc");
        drop(peer);
        assert_eq!(ours.peek(&mut buf).await.unwrap(), 0);
    });
}

#[test]
fn ready_for_either() {
    run(async {
        let (ours, mut peer) = with_std_peer().await;
        let both = Interest::READABLE | Interest::WRITABLE;
        assert!(ours.ready(both).await.unwrap().is_writable());
        peer.write_all(b"x").unwrap();
        ours.readable().await.unwrap();
        poll_fn(|cx| ours.poll_read_ready(cx)).await.unwrap();
        poll_fn(|cx| ours.poll_write_ready(cx)).await.unwrap();
    });
}

#[test]
fn operations_of_ones_own() {
    run(async {
        let (ours, mut peer) = with_std_peer().await;
        let receive = || {
            let mut byte = [0; 1];
            let count = rustix::net::recv(&ours, &mut byte, rustix::net::RecvFlags::empty())?.0;
            Ok((count, byte[0]))
        };
        let sending = async { peer.write_all(b"ab").unwrap() };
        let (received, ()) =
            futures::future::join(ours.async_io(Interest::READABLE, receive), sending).await;
        assert_eq!(received.unwrap(), (1, b'a'));
        assert_eq!(ours.try_io(Interest::READABLE, receive).unwrap(), (1, b'b'));
        let error = ours.try_io(Interest::READABLE, receive).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        // Its readiness is known to be false now: not even tried.
        let error = ours.try_io(Interest::READABLE, || -> std::io::Result<()> {
            panic!("tried without readiness")
        });
        assert_eq!(error.unwrap_err().kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn every_waiting_future_is_woken() {
    run(async {
        let (ours, mut peer) = with_std_peer().await;
        // Accepted sockets are taken for readable; make it a real wait.
        let _ = ours.try_read(&mut [0; 1]);
        let waits = join_all((0..50).map(|_| ours.readable()));
        let sending = async { peer.write_all(b"x").unwrap() };
        let (woken, ()) = futures::future::join(waits, sending).await;
        woken.into_iter().for_each(|woken| woken.unwrap());
    });
}

#[test]
fn room_comes_back_when_the_peer_reads() {
    run(async {
        let (ours, mut peer) = with_std_peer().await;
        let chunk = vec![7; 1 << 16];
        let mut sent = 0;
        loop {
            match ours.try_write(&chunk) {
                Ok(count) => sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("{error}"),
            }
        }
        assert!(ours.writable().now_or_never().is_none());
        let reader = std::thread::spawn(move || {
            let mut received = vec![0; sent];
            peer.read_exact(&mut received).unwrap();
            peer
        });
        ours.writable().await.unwrap();
        reader.join().unwrap();
    });
}
