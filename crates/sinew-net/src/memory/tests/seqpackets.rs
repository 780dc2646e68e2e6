//! Sequenced packets of the network.

use std::io::ErrorKind;
use std::net::Shutdown;

use futures::FutureExt;
use futures::executor::block_on;
use futures::future::join;

use crate::memory::Network;
use crate::unix::{UnixSeqpacket, UnixSeqpacketListener};
use crate::{UnixDatagram, UnixListener};

/// A connection on a network with `capacity` bytes in each direction.
fn pair(capacity: usize) -> (UnixSeqpacket, UnixSeqpacket) {
    let network = Network::with_capacity(capacity);
    let _entered = network.enter();
    block_on(async {
        let listener = UnixSeqpacketListener::bind("packets").unwrap();
        let (client, accepted) = join(UnixSeqpacket::connect("packets"), listener.accept()).await;
        let (server, peer) = accepted.unwrap();
        assert!(peer.is_unnamed());
        (client.unwrap(), server)
    })
}

fn recv_now(socket: &UnixSeqpacket) -> Result<Vec<u8>, ErrorKind> {
    let mut buf = [0; 64];
    let count = socket.try_recv(&mut buf).map_err(|error| error.kind())?;
    Ok(buf[..count].to_vec())
}

fn send_now(socket: &UnixSeqpacket, packet: &[u8]) -> Result<usize, ErrorKind> {
    socket.try_send(packet).map_err(|error| error.kind())
}

#[test]
fn packets_keep_their_borders_and_are_cut_to_the_buffer() {
    let (client, server) = pair(4096);
    assert_eq!(
        client.peer_addr().unwrap().as_pathname().unwrap().to_str(),
        Some("packets")
    );
    assert_eq!(
        server.local_addr().unwrap().as_pathname().unwrap().to_str(),
        Some("packets")
    );
    for packet in [&b"one"[..], b"", b"second"] {
        assert_eq!(send_now(&client, packet), Ok(packet.len()));
    }
    assert_eq!(recv_now(&server), Ok(b"one".to_vec()));
    assert_eq!(recv_now(&server), Ok(vec![]));
    let mut short = [0; 2];
    assert_eq!(server.try_recv(&mut short).unwrap(), 2);
    assert_eq!(&short, b"se");
    assert_eq!(recv_now(&server), Err(ErrorKind::WouldBlock));
    // Both ways.
    assert_eq!(send_now(&server, b"back"), Ok(4));
    assert_eq!(recv_now(&client), Ok(b"back".to_vec()));
}

#[test]
fn a_sender_waits_for_room_and_a_receiver_for_a_packet() {
    let (client, server) = pair(10);
    // One always fits.
    assert_eq!(send_now(&client, &[7; 50]), Ok(50));
    assert_eq!(send_now(&client, b"x"), Err(ErrorKind::WouldBlock));
    block_on(async {
        let mut buf = [0; 64];
        let (sent, received) = join(client.send(b"x"), server.recv(&mut buf)).await;
        assert_eq!((sent.unwrap(), received.unwrap()), (1, 50));
        assert_eq!(server.recv(&mut buf).await.unwrap(), 1);
        let (received, sent) = join(server.recv(&mut buf), client.send(b"later")).await;
        assert_eq!((received.unwrap(), sent.unwrap()), (5, 5));
    });
}

#[test]
fn a_wait_that_is_dropped_loses_nothing() {
    let (client, server) = pair(4096);
    let mut buf = [0; 8];
    assert!(server.recv(&mut buf).now_or_never().is_none());
    assert_eq!(send_now(&client, b"kept"), Ok(4));
    assert_eq!(recv_now(&server), Ok(b"kept".to_vec()));
}

#[test]
fn each_direction_ends_on_its_own() {
    let (client, server) = pair(4096);
    assert_eq!(send_now(&client, b"last"), Ok(4));
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(send_now(&client, b"more"), Err(ErrorKind::BrokenPipe));
    assert_eq!(recv_now(&server), Ok(b"last".to_vec()));
    assert_eq!(recv_now(&server), Ok(vec![]));
    assert_eq!(send_now(&server, b"still"), Ok(5));
    client.shutdown(Shutdown::Read).unwrap();
    assert_eq!(send_now(&server, b"no more"), Err(ErrorKind::BrokenPipe));
    assert_eq!(recv_now(&client), Ok(b"still".to_vec()));
    assert_eq!(recv_now(&client), Ok(vec![]));
}

#[test]
fn an_end_that_is_dropped_wakes_its_peer() {
    let (client, server) = pair(4096);
    let mut buf = [0; 8];
    let received = block_on(async {
        // Polled first, and so waiting when the other is dropped.
        let (received, ()) = join(server.recv(&mut buf), async { drop(client) }).await;
        received
    });
    assert_eq!(received.unwrap(), 0);
    assert_eq!(send_now(&server, b"x"), Err(ErrorKind::BrokenPipe));
}

#[test]
fn unread_packets_of_an_end_that_is_dropped_are_a_reset_for_its_peer() {
    let (client, server) = pair(4096);
    assert_eq!(send_now(&client, b"unread"), Ok(6));
    assert_eq!(send_now(&server, b"there"), Ok(5));
    drop(server);
    assert_eq!(recv_now(&client), Ok(b"there".to_vec()));
    assert_eq!(recv_now(&client), Err(ErrorKind::ConnectionReset));
    assert_eq!(recv_now(&client), Ok(vec![]));
}

#[test]
fn a_listener_that_goes_resets_whom_nobody_accepted() {
    let network = Network::new();
    let _entered = network.enter();
    block_on(async {
        let listener = UnixSeqpacketListener::bind("packets").unwrap();
        let client = UnixSeqpacket::connect("packets").await.unwrap();
        drop(listener);
        assert_eq!(recv_now(&client), Err(ErrorKind::ConnectionReset));
        let error = UnixSeqpacket::connect("packets").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("packets"));
        // The name is free again.
        UnixSeqpacketListener::bind("packets").unwrap();
    });
}

#[test]
fn a_name_belongs_to_one_socket_of_any_kind() {
    let network = Network::new();
    let _entered = network.enter();
    let packets = UnixSeqpacketListener::bind("name").unwrap();
    assert_eq!(
        UnixSeqpacketListener::bind("name").unwrap_err().kind(),
        ErrorKind::AddrInUse
    );
    assert_eq!(
        UnixListener::bind("name").unwrap_err().kind(),
        ErrorKind::AddrInUse
    );
    assert_eq!(
        UnixDatagram::bind("name").unwrap_err().kind(),
        ErrorKind::AddrInUse
    );
    drop(packets);
    let _stream = UnixListener::bind("name").unwrap();
    assert_eq!(
        UnixSeqpacketListener::bind("name").unwrap_err().kind(),
        ErrorKind::AddrInUse
    );
}

#[test]
fn pairs_and_what_needs_a_descriptor() {
    let network = Network::new();
    let _entered = network.enter();
    let (one, other) = UnixSeqpacket::pair().unwrap();
    assert_eq!(send_now(&one, b"hi"), Ok(2));
    assert_eq!(recv_now(&other), Ok(b"hi".to_vec()));
    assert!(one.local_addr().unwrap().is_unnamed());
    assert_eq!(one.peer_cred().unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(
        one.into_owned_fd().unwrap_err().kind(),
        ErrorKind::Unsupported
    );
    let listener = UnixSeqpacketListener::bind("debug").unwrap();
    assert!(format!("{listener:?}").contains("virtual"));
}
