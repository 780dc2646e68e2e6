//! The ends of a connection: orderly, one-sided and abrupt.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;

use futures::future::join;
use futures::{AsyncReadExt, AsyncWriteExt};
use sinew_net::Interest;

use crate::{listen, pair, run, with_std_peer};

#[test]
fn half_close_leaves_the_other_direction_open() {
    run(async {
        let (mut client, mut server) = pair().await;
        client.write_all(b"request").await.unwrap();
        client.close().await.unwrap();
        let mut text = String::new();
        server.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "request");
        server.write_all(b"answer").await.unwrap();
        server.close().await.unwrap();
        text.clear();
        client.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "answer");
    });
}

#[test]
fn closing_again_is_fine_also_when_the_peer_has_reset() {
    run(async {
        let (mut ours, peer) = with_std_peer().await;
        ours.close().await.unwrap();
        ours.close().await.unwrap();
        let error = ours.write(b"x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        socket2::SockRef::from(&peer)
            .set_linger(Some(std::time::Duration::ZERO))
            .unwrap();
        drop(peer);
        let error = ours.read(&mut [0; 1]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        ours.close().await.unwrap();
    });
}

#[test]
fn data_and_end_in_one_go() {
    run(async {
        let listener = listen().await;
        let addr = listener.local_addr().unwrap();
        for _ in 0..300 {
            let mut peer = std::net::TcpStream::connect(addr).unwrap();
            peer.write_all(b"bye").unwrap();
            drop(peer);
            let (mut ours, _) = listener.accept().await.unwrap();
            let mut buf = [0; 64];
            assert_eq!(ours.read(&mut buf).await.unwrap(), 3);
            assert_eq!(ours.read(&mut buf).await.unwrap(), 0);
            assert_eq!(ours.read(&mut buf).await.unwrap(), 0);
        }
    });
}

#[test]
fn data_and_end_while_the_reader_waits() {
    run(async {
        for _ in 0..300 {
            let (mut ours, mut peer) = with_std_peer().await;
            let mut text = String::new();
            let sending = async {
                // The reader has been polled and waits.
                peer.write_all(b"bye").unwrap();
                peer.shutdown(Shutdown::Both).unwrap();
            };
            let (read, ()) = join(ours.read_to_string(&mut text), sending).await;
            read.unwrap();
            assert_eq!(text, "bye");
        }
    });
}

#[test]
fn a_waiting_reader_hears_of_a_reset() {
    run(async {
        let (mut ours, peer) = with_std_peer().await;
        socket2::SockRef::from(&peer)
            .set_linger(Some(std::time::Duration::ZERO))
            .unwrap();
        let mut buf = [0; 8];
        let (read, ()) = join(ours.read(&mut buf), async { drop(peer) }).await;
        assert_eq!(read.unwrap_err().kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn a_waiting_writer_hears_of_a_reset() {
    run(async {
        let (mut ours, peer) = with_std_peer().await;
        let chunk = vec![0; 1 << 16];
        loop {
            match ours.try_write(&chunk) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("{error}"),
            }
        }
        // Dropped with unread bytes, the peer resets.
        let fill = async {
            loop {
                if let Err(error) = ours.write(&chunk).await {
                    return error;
                }
            }
        };
        let (error, ()) = join(fill, async { drop(peer) }).await;
        assert!(
            matches!(
                error.kind(),
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
            ),
            "{error}"
        );
    });
}

#[test]
fn zero_linger_resets() {
    run(async {
        let (ours, mut peer) = with_std_peer().await;
        ours.set_zero_linger().unwrap();
        drop(ours);
        let error = peer.read(&mut [0; 1]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn the_end_shows_in_readiness() {
    run(async {
        let (ours, peer) = with_std_peer().await;
        drop(peer);
        loop {
            // Readiness may be false until the end has arrived.
            let ready = ours.ready(Interest::READABLE).await.unwrap();
            match ours.try_read(&mut [0; 1]) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                done => {
                    assert_eq!(done.unwrap(), 0);
                    assert!(ready.is_readable());
                    break;
                }
            }
        }
    });
}
