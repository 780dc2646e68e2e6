//! UDP, on real sockets.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread;

use futures::FutureExt;
use futures::future::poll_fn;
use sinew_net::{Interest, UdpSocket, raw_os_error};

#[cfg(feature = "codec")]
mod framed;

use crate::run;

async fn bind() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:0").await.unwrap()
}

async fn pair() -> (UdpSocket, UdpSocket) {
    let (one, other) = (bind().await, bind().await);
    one.connect(other.local_addr().unwrap()).await.unwrap();
    other.connect(one.local_addr().unwrap()).await.unwrap();
    (one, other)
}

#[test]
fn packets_keep_their_borders_and_are_cut_to_the_buffer() {
    run(async {
        let (one, other) = pair().await;
        for packet in [&b"one"[..], b"", b"three and more"] {
            assert_eq!(one.send(packet).await.unwrap(), packet.len());
        }
        let mut buf = [0; 5];
        assert_eq!(other.peek(&mut buf).await.unwrap(), 3);
        assert_eq!(other.recv(&mut buf).await.unwrap(), 3);
        assert_eq!(other.recv(&mut buf).await.unwrap(), 0);
        assert_eq!(other.recv(&mut buf).await.unwrap(), 5);
        assert_eq!(&buf, b"three");
    });
}

#[test]
fn every_way_to_receive_tells_the_sender() {
    run(async {
        let (one, other) = (bind().await, bind().await);
        let (from, to) = (one.local_addr().unwrap(), other.local_addr().unwrap());
        for _ in 0..4 {
            one.send_to(b"hello", to).await.unwrap();
        }
        let mut buf = [0; 8];
        assert_eq!(other.peek_sender().await.unwrap(), from);
        assert_eq!(other.peek_from(&mut buf).await.unwrap(), (5, from));
        assert_eq!(other.try_peek_from(&mut buf).unwrap(), (5, from));
        assert_eq!(other.try_peek_sender().unwrap(), from);
        assert_eq!(other.recv_from(&mut buf).await.unwrap(), (5, from));
        assert_eq!(other.try_recv_from(&mut buf).unwrap(), (5, from));
        let polled = poll_fn(|cx| other.poll_recv_from(cx, &mut buf)).await;
        assert_eq!(polled.unwrap(), (5, from));
        let mut vec = Vec::with_capacity(16);
        assert_eq!(other.recv_buf_from(&mut vec).await.unwrap(), (5, from));
        assert_eq!(vec, b"hello");
        let empty = other.try_recv_from(&mut buf).unwrap_err();
        assert_eq!(empty.kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn a_connected_socket_hears_its_peer_only() {
    run(async {
        let (one, other) = pair().await;
        let stranger = bind().await;
        let to = other.local_addr().unwrap();
        stranger.send_to(b"stranger", to).await.unwrap();
        one.send(b"peer").await.unwrap();
        let mut buf = [0; 16];
        assert_eq!(other.recv(&mut buf).await.unwrap(), 4);
        assert_eq!(other.peer_addr().unwrap(), one.local_addr().unwrap());
        assert_eq!(
            stranger.peer_addr().unwrap_err().kind(),
            ErrorKind::NotConnected
        );
    });
}

#[test]
fn a_dropped_receive_takes_nothing() {
    run(async {
        let (one, other) = pair().await;
        let mut buf = [0; 8];
        assert!(other.recv(&mut buf).now_or_never().is_none());
        one.send(b"x").await.unwrap();
        other.readable().await.unwrap();
        drop(other.recv(&mut buf));
        assert_eq!(other.recv(&mut buf).await.unwrap(), 1);
    });
}

#[test]
fn one_task_sends_and_another_receives() {
    let (one, other) = run(pair());
    let echo = Arc::new(other);
    let done = thread::spawn({
        let echo = echo.clone();
        move || {
            run(async move {
                let mut buf = [0; 64];
                for _ in 0..100 {
                    let count = echo.recv(&mut buf).await.unwrap();
                    echo.send(&buf[..count]).await.unwrap();
                }
            });
        }
    });
    run(async {
        let mut buf = [0; 64];
        for number in 0..100_u32 {
            one.send(&number.to_le_bytes()).await.unwrap();
            assert_eq!(one.recv(&mut buf).await.unwrap(), 4);
            assert_eq!(buf[..4], number.to_le_bytes());
        }
    });
    done.join().unwrap();
}

#[test]
fn errors_name_the_address_and_keep_the_number() {
    run(async {
        let socket = bind().await;
        let taken = socket.local_addr().unwrap();
        let error = UdpSocket::bind(taken).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(error.to_string().starts_with(&format!("bind to {taken}: ")));
        assert!(raw_os_error(&error).is_some());

        let to: SocketAddr = "[::1]:9".parse().unwrap();
        let error = socket.send_to(b"x", to).await.unwrap_err();
        assert!(
            error.to_string().starts_with("send to [::1]:9: "),
            "{error}"
        );

        let error = socket.send_to(b"x", &[][..]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let error = socket.connect("127.0.0.1:99999").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let error = socket.send(b"x").await.unwrap_err();
        assert!(raw_os_error(&error).is_some(), "{error}");
    });
}

#[test]
fn a_packet_to_nobody_is_refused_later() {
    run(async {
        let one = bind().await;
        // Connected to itself, it takes packets of nobody else. (A closed one may live
        // on in a child that another test has just forked.)
        let deaf = bind().await;
        let nobody = deaf.local_addr().unwrap();
        deaf.connect(nobody).await.unwrap();
        one.connect(nobody).await.unwrap();
        one.send(b"x").await.unwrap();
        let error = one.recv(&mut [0; 1]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    });
}

#[test]
fn options_read_back() {
    run(async {
        let socket = bind().await;
        socket.set_broadcast(true).unwrap();
        assert!(socket.broadcast().unwrap());
        socket.set_ttl(9).unwrap();
        assert_eq!(socket.ttl().unwrap(), 9);
        socket.set_tos_v4(16).unwrap();
        assert_eq!(socket.tos_v4().unwrap(), 16);
        socket.set_multicast_loop_v4(false).unwrap();
        assert!(!socket.multicast_loop_v4().unwrap());
        socket.set_multicast_ttl_v4(3).unwrap();
        assert_eq!(socket.multicast_ttl_v4().unwrap(), 3);
        assert_eq!(socket.device().unwrap(), None);
        assert!(socket.take_error().unwrap().is_none());
        let not_a_group = Ipv4Addr::new(10, 0, 0, 1);
        assert!(
            socket
                .join_multicast_v4(not_a_group, Ipv4Addr::UNSPECIFIED)
                .is_err()
        );
    });
}

#[test]
fn from_std_and_back() {
    run(async {
        let std = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let addr = std.local_addr().unwrap();
        let socket = UdpSocket::from_std(std).unwrap();
        let empty = socket.async_io(Interest::WRITABLE, || Ok(7)).await;
        assert_eq!(empty.unwrap(), 7);
        let std = socket.into_std().unwrap();
        assert_eq!(std.local_addr().unwrap(), addr);
        let socket = UdpSocket::try_from(std).unwrap();
        assert!(format!("{socket:?}").contains("UdpSocket"));
    });
}
