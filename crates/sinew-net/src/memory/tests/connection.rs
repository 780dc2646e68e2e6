//! Bytes, and the ends of a connection.

use std::io::ErrorKind;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::executor::block_on;
use futures::future::{join, join_all, try_join};
use futures::{AsyncReadExt, AsyncWriteExt, FutureExt};

use super::{pair, read_now, write_now};
use crate::{Interest, TcpStream};

#[test]
fn a_full_pipe_pushes_back() {
    let (client, server) = pair(4);
    assert_eq!(write_now(&client, b"abcdef"), Ok(4));
    assert_eq!(write_now(&client, b"ef"), Err(ErrorKind::WouldBlock));
    let mut writable = pin!(client.writable());
    assert!(writable.as_mut().now_or_never().is_none());
    assert_eq!(read_now(&server), Ok(b"abcd".to_vec()));
    assert_eq!(read_now(&server), Err(ErrorKind::WouldBlock));
    block_on(writable).unwrap();
    assert_eq!(write_now(&client, b"ef"), Ok(2));
}

#[test]
fn large_transfers_both_ways_at_once() {
    let (mut client, mut server) = pair(1000);
    let up: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
    let down: Vec<u8> = up.iter().rev().copied().collect();
    async fn exchange(stream: &mut TcpStream, send: &[u8]) -> std::io::Result<Vec<u8>> {
        let (mut reader, mut writer) = stream.split();
        let mut received = Vec::new();
        let sending = async {
            writer.write_all(send).await?;
            writer.close().await
        };
        try_join(sending, reader.read_to_end(&mut received)).await?;
        Ok(received)
    }
    let both = try_join(exchange(&mut client, &up), exchange(&mut server, &down));
    let (at_client, at_server) = block_on(both).unwrap();
    assert!(at_client == down && at_server == up);
}

#[test]
fn each_direction_closes_on_its_own() {
    let (mut client, mut server) = pair(64);
    block_on(async {
        client.write_all(b"request").await.unwrap();
        client.close().await.unwrap();
        client.close().await.unwrap();
        assert_eq!(write_now(&client, b"more"), Err(ErrorKind::BrokenPipe));

        let mut text = String::new();
        server.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "request");
        assert_eq!(read_now(&server), Ok(vec![]));
        server.write_all(b"answer").await.unwrap();
        drop(server);
        text.clear();
        client.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "answer");
    });
}

#[test]
fn a_drop_with_unread_bytes_resets() {
    let (client, server) = pair(64);
    write_now(&client, b"ignored").unwrap();
    write_now(&server, b"sent before").unwrap();
    drop(server);
    assert!(
        block_on(client.ready(Interest::READABLE))
            .unwrap()
            .is_read_closed()
    );
    assert_eq!(read_now(&client), Ok(b"sent before".to_vec()));
    assert_eq!(read_now(&client), Err(ErrorKind::ConnectionReset));
    assert_eq!(read_now(&client), Ok(vec![]));
    assert_eq!(write_now(&client, b"x"), Err(ErrorKind::BrokenPipe));
    block_on((&client).close()).unwrap();
}

#[test]
fn a_reset_wakes_a_blocked_writer_and_is_reported_once() {
    let (client, server) = pair(4);
    write_now(&client, b"full").unwrap();
    let mut writer = &client;
    let mut write = pin!(writer.write(b"x"));
    assert!(write.as_mut().now_or_never().is_none());
    drop(server);
    assert_eq!(
        block_on(write).unwrap_err().kind(),
        ErrorKind::ConnectionReset
    );
    assert!(client.take_error().unwrap().is_none());
}

#[test]
fn a_plain_drop_ends_without_reset() {
    let (client, server) = pair(4);
    drop(server);
    assert_eq!(read_now(&client), Ok(vec![]));
    assert_eq!(write_now(&client, b"x"), Err(ErrorKind::BrokenPipe));
}

#[test]
fn zero_linger_resets() {
    let (client, server) = pair(4);
    server.set_zero_linger().unwrap();
    assert_eq!(server.linger().unwrap(), Some(Duration::ZERO));
    drop(server);
    let error = client.take_error().unwrap().unwrap();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(read_now(&client), Ok(vec![]));
}

#[test]
fn peek_leaves_the_bytes() {
    let (client, server) = pair(8);
    let mut buf = [0; 8];
    assert!(server.peek(&mut buf).now_or_never().is_none());
    write_now(&client, b"abc").unwrap();
    for _ in 0..2 {
        assert_eq!(block_on(server.peek(&mut buf)).unwrap(), 3);
        assert_eq!(&buf[..3], b"abc");
    }
    assert_eq!(read_now(&server), Ok(b"abc".to_vec()));
}

#[test]
fn empty_buffers_are_harmless() {
    let (client, server) = pair(8);
    assert_eq!(client.try_write(&[]).unwrap(), 0);
    assert_eq!(server.try_read(&mut []).unwrap(), 0);
    assert_eq!(read_now(&server), Err(ErrorKind::WouldBlock));
}

#[test]
fn every_waiting_task_is_woken() {
    let (client, server) = pair(8);
    let waits = join_all((0..50).map(|_| server.readable()));
    let write = async { write_now(&client, b"x") };
    block_on(join(waits, write))
        .0
        .into_iter()
        .for_each(|woken| woken.unwrap());
}

#[test]
fn a_waker_that_was_woken_is_forgotten() {
    let (client, server) = pair(8);
    let woken = Arc::new(AtomicUsize::new(0));
    let waker = sinew_core::waker::waker_fn({
        let woken = woken.clone();
        move || {
            woken.fetch_add(1, Ordering::Relaxed);
        }
    });
    let mut cx = Context::from_waker(&waker);
    assert!(matches!(server.poll_read_ready(&mut cx), Poll::Pending));
    assert!(matches!(server.poll_read_ready(&mut cx), Poll::Pending));
    write_now(&client, b"a").unwrap();
    write_now(&client, b"b").unwrap();
    assert_eq!(woken.load(Ordering::Relaxed), 1);
}
