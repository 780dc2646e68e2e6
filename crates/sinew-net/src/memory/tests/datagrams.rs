//! Packets on the network.

use std::io::ErrorKind;
use std::net::Ipv4Addr;

use futures::FutureExt;
use futures::executor::block_on;
use futures::future::join;

use crate::memory::Network;
use crate::{UdpSocket, UnixDatagram, UnixListener, UnixStream};

#[test]
fn udp_packets_find_their_socket_or_get_lost() {
    let _entered = Network::new().enter();
    block_on(async {
        let server = UdpSocket::bind("0.0.0.0:53").await.unwrap();
        let client = UdpSocket::bind("10.0.0.1:0").await.unwrap();
        client.send_to(b"hello", "10.0.0.9:53").await.unwrap();
        client.send_to(b"lost", "10.0.0.9:54").await.unwrap();
        let mut buf = [0; 8];
        assert_eq!(server.peek(&mut buf).await.unwrap(), 5);
        let (count, from) = server.recv_from(&mut buf).await.unwrap();
        assert_eq!(
            (&buf[..count], from),
            (&b"hello"[..], client.local_addr().unwrap())
        );
        assert!(server.recv(&mut buf).now_or_never().is_none());
        let taken = UdpSocket::bind("10.0.0.7:53").await.unwrap_err();
        assert_eq!(taken.kind(), ErrorKind::AddrInUse);
        drop(server);
        UdpSocket::bind("10.0.0.7:53").await.unwrap();
    });
}

#[test]
fn a_connected_udp_socket_hears_its_peer_and_refusals() {
    let _entered = Network::new().enter();
    block_on(async {
        let one = UdpSocket::bind("10.0.0.1:1").await.unwrap();
        let other = UdpSocket::bind("10.0.0.2:1").await.unwrap();
        let stranger = UdpSocket::bind("10.0.0.3:1").await.unwrap();
        one.connect("10.0.0.2:1").await.unwrap();
        stranger.send_to(b"psst", "10.0.0.1:1").await.unwrap();
        other.send_to(b"peer", "10.0.0.1:1").await.unwrap();
        let mut buf = [0; 8];
        assert_eq!(one.recv(&mut buf).await.unwrap(), 4);
        assert_eq!(&buf[..4], b"peer");
        drop(other);
        one.send(b"x").await.unwrap();
        let refused = one.recv(&mut buf).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    });
}

#[test]
fn a_group_gets_what_is_sent_to_it() {
    let _entered = Network::new().enter();
    block_on(async {
        let group = Ipv4Addr::new(224, 0, 0, 9);
        let sender = UdpSocket::bind("10.0.0.1:0").await.unwrap();
        let member = UdpSocket::bind("10.0.0.2:9").await.unwrap();
        member
            .join_multicast_v4(group, Ipv4Addr::UNSPECIFIED)
            .unwrap();
        sender.send_to(b"all", (group, 9)).await.unwrap();
        let mut buf = [0; 8];
        assert_eq!(member.recv(&mut buf).await.unwrap(), 3);
        member
            .leave_multicast_v4(group, Ipv4Addr::UNSPECIFIED)
            .unwrap();
        sender.send_to(b"all", (group, 9)).await.unwrap();
        assert!(member.recv(&mut buf).now_or_never().is_none());
        member.set_ttl(3).unwrap();
        assert_eq!(member.ttl().unwrap(), 3);
        assert!(member.multicast_loop_v4().unwrap());
    });
}

#[test]
fn a_full_udp_socket_loses_packets() {
    let _entered = Network::with_capacity(100).enter();
    block_on(async {
        let one = UdpSocket::bind("10.0.0.1:1").await.unwrap();
        let other = UdpSocket::bind("10.0.0.2:1").await.unwrap();
        for _ in 0..10 {
            one.send_to(&[0; 80], "10.0.0.2:1").await.unwrap();
        }
        other.recv(&mut [0; 80]).await.unwrap();
        assert!(other.recv(&mut [0; 80]).now_or_never().is_none());
    });
}

#[test]
fn unix_datagrams_wait_for_room() {
    let _entered = Network::with_capacity(100).enter();
    block_on(async {
        let server = UnixDatagram::bind("/server").unwrap();
        let client = UnixDatagram::bind("/client").unwrap();
        client.send_to(&[1; 80], "/server").await.unwrap();
        assert!(client.send_to(&[2; 80], "/server").now_or_never().is_none());
        let receive = async {
            let mut buf = [0; 80];
            let (count, from) = server.recv_from(&mut buf).await.unwrap();
            assert_eq!((count, buf[0]), (80, 1));
            assert_eq!(from.as_pathname().unwrap().to_str(), Some("/client"));
            server.recv(&mut buf).await.unwrap();
            assert_eq!(buf[0], 3);
        };
        let (sent, ()) = join(client.send_to(&[3; 80], "/server"), receive).await;
        sent.unwrap();
        let gone = client.send_to(b"x", "/nobody").await.unwrap_err();
        assert_eq!(gone.kind(), ErrorKind::NotFound);
        let (one, other) = UnixDatagram::pair().unwrap();
        one.send(b"pair").await.unwrap();
        assert_eq!(other.recv(&mut [0; 8]).await.unwrap(), 4);
        drop(one);
        assert_eq!(
            other.send(b"x").await.unwrap_err().kind(),
            ErrorKind::ConnectionRefused
        );
    });
}

#[test]
fn unix_streams_meet_at_a_name() {
    use futures::{AsyncReadExt, AsyncWriteExt};
    let _entered = Network::new().enter();
    block_on(async {
        let listener = UnixListener::bind("/socket").unwrap();
        let (client, accepted) = join(UnixStream::connect("/socket"), listener.accept()).await;
        let (mut client, (mut server, _)) = (client.unwrap(), accepted.unwrap());
        client.write_all(b"hello").await.unwrap();
        client.close().await.unwrap();
        let mut text = String::new();
        server.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "hello");
        drop(listener);
        let error = UnixStream::connect("/socket").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let (one, _other) = UnixStream::pair().unwrap();
        assert_eq!(one.peer_cred().unwrap_err().kind(), ErrorKind::Unsupported);
    });
}
