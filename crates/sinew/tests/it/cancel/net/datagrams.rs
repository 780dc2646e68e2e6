//! Datagram sockets: a packet comes whole, or it is still there.

use futures::{SinkExt, StreamExt};
use sinew::io::codec::LinesCodec;
use sinew::net::UdpSocket;
use sinew::net::udp::UdpFramed;
use sinew::testing::cancel::every_pending;

use super::{ANY, TEXT, now, on_both, read_once};

async fn udp_pair() -> (UdpSocket, UdpSocket) {
    let near = UdpSocket::bind(ANY).await.unwrap();
    let far = UdpSocket::bind(ANY).await.unwrap();
    near.connect(far.local_addr().unwrap()).await.unwrap();
    far.connect(near.local_addr().unwrap()).await.unwrap();
    (near, far)
}

/// An operation on a datagram socket that takes a packet, or none, and gives what it has
/// taken. The peer sends one whenever it waits; each comes whole, in their order.
macro_rules! packets {
    ($pair:expr, $($socket:pat => $operation:expr),+ $(,)?) => {{$({
        let runs = every_pending(
            async || {
                let (near, far) = $pair;
                (near, (far, 0))
            },
            async |$socket| $operation,
            |(far, sent), _| {
                *sent += 1;
                now(far.send(&[*sent; 3])).unwrap();
            },
            async |near, (far, sent), taken: Option<Vec<u8>>| {
                far.send(b"last").await.unwrap();
                let mut packets: Vec<_> = taken.into_iter().filter(|t| !t.is_empty()).collect();
                let mut buf = [0; 8];
                loop {
                    let count = near.recv(&mut buf).await.unwrap();
                    if &buf[..count] == b"last" {
                        break;
                    }
                    packets.push(buf[..count].to_vec());
                }
                assert!(packets.into_iter().eq((1..=sent).map(|n| vec![n; 3])));
            },
        )
        .await;
        assert!(runs > 2, "it waits at least once: {}", stringify!($operation));
    })+}};
}

macro_rules! packet_operations {
    ($pair:expr) => {{
        packets!($pair,
            socket => {
                let mut buf = [0; 8];
                read_once(socket.recv(&mut buf).await, buf)
            },
            socket => {
                let mut buf = [0; 8];
                read_once(socket.recv_from(&mut buf).await.map(|(count, _)| count), buf)
            },
            socket => {
                let mut buf = Vec::with_capacity(8);
                socket.recv_buf(&mut buf).await.unwrap();
                buf
            },
            socket => {
                let mut buf = Vec::with_capacity(8);
                socket.recv_buf_from(&mut buf).await.unwrap();
                buf
            },
            socket => {
                socket.readable().await.unwrap();
                Vec::new()
            },
            socket => {
                socket.ready(sinew::io::Interest::READABLE).await.unwrap();
                Vec::new()
            },
            socket => {
                let mut buf = [0; 8];
                let recv = || socket.try_recv(&mut buf);
                let count = socket.async_io(sinew::io::Interest::READABLE, recv).await;
                read_once(count, buf)
            },
        );
    }};
}

pub(super) use {packet_operations, packets};

#[test]
fn udp_sockets() {
    on_both(async || {
        packet_operations!(udp_pair().await);
        packets!(udp_pair().await,
            socket => {
                socket.peek(&mut [0; 8]).await.unwrap();
                Vec::new()
            },
            socket => {
                socket.peek_from(&mut [0; 8]).await.unwrap();
                Vec::new()
            },
            socket => {
                socket.peek_sender().await.unwrap();
                Vec::new()
            },
        );
    });
}

/// An operation that sends `TEXT` to the peer: dropped before its end, it has sent
/// nothing; at its end, all of it.
macro_rules! sends_packet {
    ($pair:expr, $($socket:pat, $peer:ident => $operation:expr),+ $(,)?) => {{$(
        every_pending(
            async || {
                let (near, far) = $pair;
                let addr = far.local_addr().unwrap();
                ((near, addr), far)
            },
            async |($socket, $peer)| $operation,
            |_, _| {},
            async |(near, _), far, sent: Option<std::io::Result<usize>>| {
                near.send(b"last").await.unwrap();
                let mut buf = [0; 8];
                let mut packets = 0;
                loop {
                    let count = far.recv(&mut buf).await.unwrap();
                    if &buf[..count] == b"last" {
                        break;
                    }
                    assert_eq!(&buf[..count], TEXT);
                    packets += 1;
                }
                let sent = sent.map(|sent| assert_eq!(sent.unwrap(), TEXT.len()));
                assert_eq!(packets, sent.iter().count());
            },
        )
        .await;
    )+}};
}

pub(super) use sends_packet;

#[test]
fn udp_senders() {
    on_both(async || {
        sends_packet!(udp_pair().await,
            socket, _peer => socket.send(TEXT).await,
            socket, peer => {
                // A name: it has to be looked up, which waits.
                let port = peer.port();
                socket.send_to(TEXT, ("localhost", port)).await
            },
            socket, peer => {
                socket.connect(*peer).await.unwrap();
                socket.writable().await.unwrap();
                socket.try_send(TEXT)
            },
        );
    });
}

/// Frames of datagrams: each comes once, in its order, and one that was accepted is sent
/// with the next.
#[test]
fn framed_datagrams() {
    type Framed = UdpFramed<LinesCodec>;

    /// The frames up to `last`.
    async fn frames(framed: &mut Framed) -> Vec<String> {
        let mut frames = Vec::new();
        loop {
            let (frame, _) = framed.next().await.unwrap().unwrap();
            if frame == "last" {
                return frames;
            }
            frames.push(frame);
        }
    }

    on_both(async || {
        let runs = every_pending(
            async || {
                let (near, far) = udp_pair().await;
                (Framed::new(near, LinesCodec::new()), (far, 0))
            },
            async |framed| {
                let first = framed.next().await.unwrap().unwrap().0;
                let second = framed.next().await.unwrap().unwrap().0;
                vec![first, second]
            },
            |(far, sent), _| {
                *sent += 1;
                // The first two are in one datagram.
                let text = if *sent == 1 {
                    "1\n1".to_owned()
                } else {
                    sent.to_string()
                };
                now(far.send(text.as_bytes())).unwrap();
            },
            async |mut framed, (far, sent), taken| {
                far.send(b"last").await.unwrap();
                let ended = taken.is_some();
                let mut all = taken.unwrap_or_default();
                all.extend(frames(&mut framed).await);
                let mut expected: Vec<_> = (1..=sent).map(|n: u32| n.to_string()).collect();
                if sent > 0 {
                    expected.insert(0, "1".to_owned());
                }
                if ended {
                    assert_eq!(all, expected);
                } else {
                    // What was given before the drop went with the one who was dropped.
                    assert!(expected.ends_with(&all) && all.len() + 1 >= expected.len());
                }
            },
        )
        .await;
        assert!(runs > 2, "{runs}");

        every_pending(
            async || {
                let (near, far) = udp_pair().await;
                let to = far.local_addr().unwrap();
                let codec = LinesCodec::new();
                (
                    (Framed::new(near, codec.clone()), to),
                    Framed::new(far, codec),
                )
            },
            async |(framed, to)| framed.send(("text".to_owned(), *to)).await.unwrap(),
            |_, _| {},
            async |(mut framed, to), mut far, sent| {
                framed.send(("last".to_owned(), to)).await.unwrap();
                let frames = frames(&mut far).await;
                assert!(frames.iter().all(|frame| frame == "text") && frames.len() <= 1);
                assert!(sent.is_none() || frames.len() == 1);
            },
        )
        .await;
    });
}
