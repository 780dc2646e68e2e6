//! The two directions apart, and together again.

use std::io::ErrorKind;
use std::sync::Arc;
use std::task::Wake;
use std::thread;

use futures::future::join;
use futures::{AsyncReadExt, AsyncWriteExt, FutureExt};
use sinew_net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use sinew_net::{Interest, TcpStream};

use crate::{pair, run};

#[test]
fn borrowed_halves() {
    run(async {
        let (mut client, mut server) = pair().await;
        let (mut reader, mut writer) = TcpStream::split(&mut client);
        let (mut peer_reader, mut peer_writer) = TcpStream::split(&mut server);
        assert_eq!(
            reader.local_addr().unwrap(),
            peer_writer.peer_addr().unwrap()
        );
        let echo = async {
            futures::io::copy(&mut peer_reader, &mut peer_writer)
                .await
                .unwrap();
            peer_writer.close().await.unwrap();
        };
        let ask = async {
            writer.write_all(b"hello").await.unwrap();
            assert_eq!(reader.peek(&mut [0; 8]).await.unwrap(), 5);
            writer.close().await.unwrap();
            writer.close().await.unwrap();
            let mut text = String::new();
            reader.read_to_string(&mut text).await.unwrap();
            assert_eq!(text, "hello");
        };
        join(echo, ask).await;
        client.local_addr().unwrap();
    });
}

#[test]
fn dropping_the_borrowed_write_half_closes_nothing() {
    run(async {
        let (mut client, mut server) = pair().await;
        let (_, _) = TcpStream::split(&mut client);
        client.write_all(b"x").await.unwrap();
        server.read_exact(&mut [0; 1]).await.unwrap();
    });
}

#[test]
fn owned_halves_on_two_threads() {
    let (client, server) = run(pair());
    let (mut reader, mut writer) = client.into_split();
    let (mut peer_reader, mut peer_writer) = server.into_split();
    let bytes = vec![3; 2 << 20];
    thread::scope(|scope| {
        scope.spawn(|| {
            run(async {
                futures::io::copy(&mut peer_reader, &mut peer_writer)
                    .await
                    .unwrap();
                drop(peer_writer);
            });
        });
        let bytes = &bytes;
        scope.spawn(move || {
            run(async {
                writer.write_all(bytes).await.unwrap();
                drop(writer);
            });
        });
        let mut received = Vec::new();
        run(reader.read_to_end(&mut received)).unwrap();
        assert!(&received == bytes);
    });
}

#[test]
fn dropping_the_owned_write_half_ends_the_direction() {
    run(async {
        let (client, mut server) = pair().await;
        let (mut reader, writer) = client.into_split();
        drop(writer);
        assert_eq!(server.read(&mut [0; 1]).await.unwrap(), 0);
        server.write_all(b"still open").await.unwrap();
        drop(server);
        let mut text = String::new();
        reader.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "still open");
    });
}

#[test]
fn forgetting_the_owned_write_half_keeps_it_open() {
    run(async {
        let (client, mut server) = pair().await;
        let (reader, writer) = client.into_split();
        writer.forget();
        assert!(server.read(&mut [0; 1]).now_or_never().is_none());
        drop(reader);
        assert_eq!(server.read(&mut [0; 1]).await.unwrap(), 0);
    });
}

#[test]
fn reunite() {
    run(async {
        let (client, server) = pair().await;
        let (reader, writer) = client.into_split();
        let (other_reader, other_writer) = server.into_split();

        let error = reader.reunite(other_writer).unwrap_err();
        assert!(error.to_string().contains("same socket"));
        let (reader, other_writer) = (error.0, error.1);
        let mut client = writer.reunite(reader).unwrap();
        let mut server = other_reader.reunite(other_writer).unwrap();

        // Nothing was closed on the way.
        client.write_all(b"x").await.unwrap();
        server.read_exact(&mut [0; 1]).await.unwrap();
        server.write_all(b"y").await.unwrap();
        client.read_exact(&mut [0; 1]).await.unwrap();
    });
}

#[test]
fn halves_try_and_wait() {
    run(async {
        let (client, server) = pair().await;
        let (reader, writer) = client.into_split();
        let (peer_reader, peer_writer) = server.into_split();
        writer.writable().await.unwrap();
        assert_eq!(writer.try_write(b"abc").unwrap(), 3);
        peer_reader.readable().await.unwrap();
        let mut buf = [0; 8];
        loop {
            peer_reader.ready(Interest::READABLE).await.unwrap();
            match peer_reader.try_read(&mut buf) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                done => break assert_eq!(done.unwrap(), 3),
            }
        }
        assert_eq!(
            reader.as_ref().local_addr().unwrap(),
            peer_writer.peer_addr().unwrap()
        );
    });
}

#[test]
fn a_wait_in_one_half_does_not_take_the_other_ones_waker() {
    struct Noop;
    impl Wake for Noop {
        fn wake(self: Arc<Self>) {}
    }
    run(async {
        let (client, mut server) = pair().await;
        let (mut reader, mut writer): (OwnedReadHalf, OwnedWriteHalf) = client.into_split();
        let mut buf = [0; 1];
        let reading = reader.read(&mut buf);
        let writing = async {
            // Another task waits on the other half meanwhile.
            let waker = Arc::new(Noop).into();
            let mut cx = std::task::Context::from_waker(&waker);
            let filler = vec![0; 1 << 16];
            while std::pin::Pin::new(&mut writer.write(&filler))
                .poll(&mut cx)
                .is_ready()
            {}
            server.write_all(b"x").await.unwrap();
        };
        let (read, ()) = join(reading, writing).await;
        assert_eq!(read.unwrap(), 1);
    });
}
