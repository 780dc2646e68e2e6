//! Unix sockets and pipes.

use std::future::poll_fn;
use std::sync::Arc;

use futures::FutureExt;
use sinew::io::{AsyncReadExt, AsyncWriteExt};
use sinew::net::unix::{UnixSeqpacket, UnixSeqpacketListener, pipe};
use sinew::net::{UnixDatagram, UnixListener, UnixStream};
use sinew::testing::cancel::every_pending;
use tempfile::TempDir;

use super::connections::every_client_is_served;
use super::datagrams::{packet_operations, packets, sends_packet};
use super::{Peer, TEXT, fill, now, on_both, read_once, receives, sends, stream_operations};

#[test]
fn streams() {
    on_both(async || stream_operations!(UnixStream::pair().unwrap()));
}

#[test]
fn listeners() {
    /// A listener, and where it is. The directory goes with its address.
    async fn bind() -> (UnixListener, std::rc::Rc<TempDir>) {
        let dir = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(dir.path().join("socket")).unwrap();
        (listener, std::rc::Rc::new(dir))
    }
    let connect = |dir: std::rc::Rc<TempDir>| UnixStream::connect(dir.path().join("socket"));
    on_both(async || {
        every_client_is_served(bind, connect, async |listener| {
            listener.accept().await.unwrap().0
        })
        .await;
        every_client_is_served(bind, connect, async |listener| {
            poll_fn(|cx| listener.poll_accept(cx)).await.unwrap().0
        })
        .await;
    });
}

#[test]
fn datagrams() {
    on_both(async || packet_operations!(UnixDatagram::pair().unwrap()));
    on_both(async || {
        sends_packet!(UnixDatagram::pair().unwrap(),
            socket, _peer => socket.send(TEXT).await,
            socket, _peer => {
                socket.writable().await.unwrap();
                socket.try_send(TEXT)
            },
        );
    });
}

/// Messages of a connection; there is no virtual one.
#[test]
fn seqpackets() {
    sinew::block_on(async {
        packets!(UnixSeqpacket::pair().unwrap(),
            socket => {
                let mut buf = [0; 8];
                read_once(socket.recv(&mut buf).await, buf)
            },
            socket => {
                let mut buf = Vec::with_capacity(8);
                socket.recv_buf(&mut buf).await.unwrap();
                buf
            },
            socket => {
                socket.readable().await.unwrap();
                Vec::new()
            },
            socket => {
                let mut buf = [0; 8];
                let recv = || socket.try_recv(&mut buf);
                let count = socket.async_io(sinew::io::Interest::READABLE, recv).await;
                read_once(count, buf)
            },
        );
        sends_packet!(UnixSeqpacket::pair().unwrap(),
            socket, _peer => socket.send(TEXT).await,
            socket, _peer => {
                socket.writable().await.unwrap();
                socket.try_send(TEXT)
            },
        );
    });
}

/// A connection that nobody has taken stays for the next `accept`, and one that was given
/// up while it was made is closed.
#[test]
fn seqpacket_listeners() {
    async fn served(listener: &UnixSeqpacketListener, client: UnixSeqpacket) {
        client.send(TEXT).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let mut buf = [0; 8];
        assert_eq!(server.recv(&mut buf).await.unwrap(), TEXT.len());
    }

    sinew::block_on(async {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("socket");
        let bind = || {
            let _ = std::fs::remove_file(&path);
            UnixSeqpacketListener::bind(&path).unwrap()
        };
        let runs = every_pending(
            async || (bind(), None),
            async |listener| listener.accept().await.unwrap().0,
            |client, _| {
                client.get_or_insert_with(|| now(UnixSeqpacket::connect(&path)).unwrap());
            },
            async |listener, client, server| match (client, server) {
                (Some(client), Some(server)) => {
                    client.send(TEXT).await.unwrap();
                    assert_eq!(server.recv(&mut [0; 8]).await.unwrap(), TEXT.len());
                }
                (Some(client), None) => served(&listener, client).await,
                (None, _) => {
                    let client = UnixSeqpacket::connect(&path).await.unwrap();
                    served(&listener, client).await;
                }
            },
        )
        .await;
        assert!(runs > 2, "{runs}");
        every_pending(
            async || ((), bind()),
            async |()| UnixSeqpacket::connect(&path).await.unwrap(),
            |_, _| {},
            async |(), listener, client| {
                if let Some(client) = client {
                    return served(&listener, client).await;
                }
                let next = UnixSeqpacket::connect(&path).await.unwrap();
                next.send(TEXT).await.unwrap();
                loop {
                    let (server, _) = listener.accept().await.unwrap();
                    // Nothing, and the end, from one that was given up.
                    if server.recv(&mut [0; 8]).await.unwrap() > 0 {
                        break;
                    }
                }
            },
        )
        .await;
    });
}

async fn read_all(socket: Arc<UnixDatagram>, packets: usize) {
    for _ in 0..packets {
        assert_eq!(socket.recv(&mut [0; 1000]).await.unwrap(), 1000);
    }
}

/// A socket whose peer has no room: sending waits, and given up it has sent nothing.
#[test]
fn a_datagram_that_waits_for_room() {
    on_both(async || {
        let runs = every_pending(
            async || {
                let (near, far) = UnixDatagram::pair().unwrap();
                let mut sent = 0_usize;
                while let Some(result) = near.send(&[0; 1000]).now_or_never() {
                    result.unwrap();
                    sent += 1;
                }
                (near, (Arc::new(far), sent, None))
            },
            async |near| near.send(TEXT).await.unwrap(),
            |(far, sent, read), _| {
                read.get_or_insert_with(|| sinew::spawn(read_all(far.clone(), *sent)));
            },
            async |near, (far, before, read), sent| {
                drop(near);
                match read {
                    Some(read) => read.await.unwrap(),
                    None => read_all(far.clone(), before).await,
                }
                let mut buf = [0; 8];
                match sent {
                    Some(count) => {
                        assert_eq!(far.recv(&mut buf).await.unwrap(), count);
                        assert_eq!(&buf[..count], TEXT);
                    }
                    // Nothing, or the error that the peer is gone.
                    None => assert!(far.recv(&mut buf).now_or_never().is_none_or(|r| r.is_err())),
                }
            },
        )
        .await;
        assert!(runs > 2);
    });
}

fn pipe_to_read() -> (pipe::Receiver, pipe::Sender) {
    let (sender, receiver) = pipe::pipe().unwrap();
    (receiver, sender)
}

#[test]
fn pipes() {
    sinew::block_on(async {
        receives!(pipe_to_read(),
            pipe => {
                let mut buf = [0; 8];
                read_once(pipe.read(&mut buf).await, buf)
            },
            pipe => {
                pipe.readable().await.unwrap();
                Vec::new()
            },
            pipe => {
                pipe.ready(sinew::io::Interest::READABLE).await.unwrap();
                Vec::new()
            },
        );
        sends!(pipe::pipe().unwrap(),
            pipe => pipe.write(TEXT).await.unwrap(),
            pipe => {
                pipe.writable().await.unwrap();
                0
            },
            pipe => {
                pipe.ready(sinew::io::Interest::WRITABLE).await.unwrap();
                0
            },
        );
    });
}
