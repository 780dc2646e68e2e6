//! Bytes arrive, all of them and in order.

use std::io::{IoSlice, IoSliceMut, Read, Write};
use std::thread;

use futures::future::try_join;
use futures::{AsyncReadExt, AsyncWriteExt};
use sinew_net::TcpStream;

use crate::{listen, pair, run, with_std_peer};

fn pattern(len: usize, seed: usize) -> Vec<u8> {
    (0..len).map(|n| ((n + seed) % 251) as u8).collect()
}

#[test]
fn echo_to_a_thread() {
    run(async {
        let (mut ours, mut peer) = with_std_peer().await;
        let thread = thread::spawn(move || {
            let mut buf = [0; 5];
            peer.read_exact(&mut buf).unwrap();
            peer.write_all(&buf).unwrap();
        });
        ours.write_all(b"hello").await.unwrap();
        let mut answer = Vec::new();
        ours.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, b"hello");
        thread.join().unwrap();
    });
}

#[test]
fn many_small_round_trips() {
    run(async {
        let (mut client, mut server) = pair().await;
        let mut buf = [0; 16];
        for n in 0..2000_u32 {
            let bytes = n.to_le_bytes();
            client.write_all(&bytes).await.unwrap();
            server.read_exact(&mut buf[..4]).await.unwrap();
            server.write_all(&buf[..4]).await.unwrap();
            // More room than there are bytes: the short read is the usual one.
            assert_eq!(client.read(&mut buf).await.unwrap(), 4);
            assert_eq!(buf[..4], bytes);
        }
    });
}

async fn exchange(stream: TcpStream, send: &[u8]) -> std::io::Result<Vec<u8>> {
    let (mut reader, mut writer) = (&stream, &stream);
    let mut received = Vec::new();
    let sending = async {
        writer.write_all(send).await?;
        writer.close().await
    };
    try_join(sending, reader.read_to_end(&mut received)).await?;
    Ok(received)
}

#[test]
fn large_transfers_both_ways_at_once() {
    let (up, down) = (pattern(8 << 20, 0), pattern(8 << 20, 7));
    run(async {
        let (client, server) = pair().await;
        let both = try_join(exchange(client, &up), exchange(server, &down));
        let (at_client, at_server) = both.await.unwrap();
        assert!(at_client == down && at_server == up);
    });
}

#[test]
fn the_two_ends_on_two_threads() {
    let (up, down) = (pattern(4 << 20, 3), pattern(4 << 20, 5));
    let (client, server) = run(pair());
    thread::scope(|scope| {
        let thread = scope.spawn(|| run(exchange(server, &down)).unwrap());
        assert!(run(exchange(client, &up)).unwrap() == down);
        assert!(thread.join().unwrap() == up);
    });
}

#[test]
fn one_stream_read_and_written_by_two_threads() {
    let bytes = pattern(4 << 20, 0);
    let (client, server) = run(pair());
    thread::scope(|scope| {
        scope.spawn(|| {
            run(async {
                (&client).write_all(&bytes).await.unwrap();
                (&client).close().await.unwrap();
            });
        });
        scope.spawn(|| run(async { futures::io::copy(&server, &mut &server).await.unwrap() }));
        let mut received = vec![0; bytes.len()];
        run(async { (&client).read_exact(&mut received).await.unwrap() });
        assert!(received == bytes);
    });
}

#[test]
fn vectored_both_ways() {
    run(async {
        let (mut client, mut server) = pair().await;
        let parts = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cde")];
        assert_eq!(client.write_vectored(&parts).await.unwrap(), 5);
        let (mut one, mut two) = ([0; 1], [0; 9]);
        let mut bufs = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
        assert_eq!(server.read_vectored(&mut bufs).await.unwrap(), 5);
        assert_eq!((&one[..], &two[..4]), (&b"a"[..], &b"bcde"[..]));
    });
}

#[test]
fn a_read_dropped_while_pending_loses_nothing() {
    use futures::FutureExt;
    run(async {
        let (mut client, mut server) = pair().await;
        for n in 0..500_u32 {
            let mut buf = [0; 4];
            assert!(server.read(&mut buf).now_or_never().is_none());
            client.write_all(&n.to_le_bytes()).await.unwrap();
            server.read_exact(&mut buf).await.unwrap();
            assert_eq!(u32::from_le_bytes(buf), n);
        }
    });
}

#[test]
fn five_hundred_connections_at_once() {
    use futures::StreamExt;
    use futures::future::join_all;
    run(async {
        let listener = listen().await;
        let addr = listener.local_addr().unwrap();
        let server = listener
            .incoming()
            .take(500)
            .for_each_concurrent(None, |stream| async {
                let stream = stream.unwrap();
                futures::io::copy(&stream, &mut &stream).await.unwrap();
            });
        let clients = join_all((0..500_u32).map(|n| async move {
            let mut stream = TcpStream::connect(addr).await.unwrap();
            stream.write_all(&n.to_le_bytes()).await.unwrap();
            stream.close().await.unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            assert_eq!(answer, n.to_le_bytes());
        }));
        futures::future::join(server, clients).await;
    });
}
