use std::io::{self, Cursor};
use std::pin::Pin;
use std::task::{Context, Poll};

use sinew::io::{DuplexStream, duplex};
use sinew::prelude::*;
use sinew::time::{Duration, Instant, sleep};

use super::{HEAD_TIMEOUT, IDLE_TIMEOUT, MAX_BODY, SLEEP, WRITE_TIMEOUT, serve};
use crate::drain::Drain;
use crate::files::Files;
use crate::response::{HELLO, NOT_FOUND};

/// Gives its bytes a few at a time, then the end; keeps what is written.
struct Mock {
    read: Cursor<Vec<u8>>,
    step: usize,
    written: Vec<u8>,
    writes: usize,
}

impl AsyncRead for Mock {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let step = self.step.min(buf.len());
        Poll::Ready(io::Read::read(&mut self.read, &mut buf[..step]))
    }
}

impl AsyncWrite for Mock {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.writes += 1;
        self.written.extend_from_slice(buf);
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

async fn exchange_by(input: &str, step: usize) -> (String, usize) {
    let mut mock = Mock {
        read: Cursor::new(input.as_bytes().to_vec()),
        step,
        written: Vec::new(),
        writes: 0,
    };
    serve(&mut mock, &Files::none(), &Drain::new().enter())
        .await
        .unwrap();
    (String::from_utf8(mock.written).unwrap(), mock.writes)
}

async fn exchange(input: &str) -> String {
    exchange_by(input, usize::MAX).await.0
}

fn hello(connection: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: {connection}\r\n\r\n{HELLO}",
        HELLO.len()
    )
}

#[sinew::test]
async fn one_request_is_answered_in_one_write() {
    let answer = exchange_by("GET / HTTP/1.1\r\n\r\n", usize::MAX).await;
    assert_eq!(answer, (hello("keep-alive"), 1));
    assert_eq!(exchange("GET / HTTP/1.0\r\n\r\n").await, hello("close"));
}

#[sinew::test]
async fn how_the_bytes_arrive_makes_no_difference() {
    let input = "GET / HTTP/1.1\r\na: b\r\n\r\n\r\nHEAD / HTTP/1.1\r\n\r\n\
                 GET /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nGET /GET / HTTP/1.0\r\n\r\n";
    let expected = exchange(input).await;
    assert_eq!(expected.matches("HTTP/1.1 200 OK").count(), 3);
    assert_eq!(expected.matches(HELLO).count(), 2);
    assert_eq!(expected.matches(NOT_FOUND).count(), 1);
    for step in 1..40 {
        assert_eq!(exchange_by(input, step).await.0, expected, "{step}");
    }
}

#[sinew::test]
async fn nothing_is_read_after_the_last_request() {
    let last = "GET / HTTP/1.1\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\n\r\n";
    assert_eq!(exchange(last).await, hello("close"));
    let chunked =
        "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n";
    assert_eq!(exchange(chunked).await, hello("close"));
    let large = format!("GET / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", MAX_BODY + 1);
    assert_eq!(exchange(&large).await, hello("close"));
}

#[sinew::test]
async fn a_body_of_the_largest_size_is_skipped() {
    let body = "x".repeat(MAX_BODY as usize);
    let input =
        format!("GET / HTTP/1.1\r\nContent-Length: {MAX_BODY}\r\n\r\n{body}GET / HTTP/1.0\r\n\r\n");
    let expected = hello("keep-alive") + &hello("close");
    assert_eq!(exchange(&input).await, expected);
    assert_eq!(exchange_by(&input, 1000).await.0, expected);
    // One that is cut off: the answer is whole, and the last.
    let cut = "GET / HTTP/1.1\r\nContent-Length: 9\r\n\r\n12345678";
    assert_eq!(exchange(cut).await, hello("close"));
}

#[sinew::test]
async fn what_is_not_a_request_ends_the_connection() {
    for (input, status) in [
        ("\x01garbage\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost: cut of", "400 Bad Request"),
        ("POST / HTTP/1.1\r\n\r\n", "405 Method Not Allowed"),
        (&"a".repeat(9000), "431 Request Header Fields Too Large"),
        (
            &format!("GET / HTTP/1.1\r\na: {}", "a".repeat(1_000_000)),
            "431 Request Header Fields Too Large",
        ),
    ] {
        let answer = exchange(&format!("{input}\r\n\r\nGET / HTTP/1.1\r\n\r\n")).await;
        // The one that is cut off is not cut off here, and fine.
        if input.ends_with("cut of") {
            assert_eq!(answer, hello("keep-alive").repeat(2));
            let answer = exchange(input).await;
            assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"));
            continue;
        }
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{answer}"
        );
        assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
        let allow = answer.contains("\r\nAllow: GET, HEAD\r\n");
        assert_eq!(allow, status.starts_with("405"));
    }
}

#[sinew::test]
async fn silence_is_answered_with_silence() {
    assert_eq!(exchange("").await, "");
    assert_eq!(exchange("\r\n\r\n").await, "");
}

/// A connection with a client on the other end that has 256 bytes of room.
async fn connected<F: AsyncFnOnce(DuplexStream)>(client: F) -> io::Result<()> {
    let (near, far) = duplex(256);
    let (files, member) = (Files::none(), Drain::new().enter());
    sinew::join!(serve(far, &files, &member), client(near)).0
}

#[sinew::test(start_paused = true)]
async fn one_byte_a_second_is_too_slow() {
    connected(async |mut client| {
        let start = Instant::now();
        for byte in *b"GET / HTTP" {
            client.write_all(&[byte]).await.unwrap();
            sleep(Duration::from_secs(1)).await;
        }
        let mut answer = [0; 28];
        client.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 408 Request Timeout");
        assert_eq!(start.elapsed(), HEAD_TIMEOUT);
    })
    .await
    .unwrap();
}

#[sinew::test(start_paused = true)]
async fn a_body_must_not_take_for_ever_either() {
    connected(async |mut client| {
        let start = Instant::now();
        let head = b"GET / HTTP/1.1\r\nContent-Length: 9\r\n\r\n";
        client.write_all(head).await.unwrap();
        let mut answer = [0; 28];
        client.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 408 Request Timeout");
        assert_eq!(start.elapsed(), HEAD_TIMEOUT);
    })
    .await
    .unwrap();
}

#[sinew::test(start_paused = true)]
async fn an_idle_connection_is_closed_quietly_and_each_head_has_its_time() {
    connected(async |mut client| {
        let expected = hello("keep-alive");
        let mut answer = vec![0; expected.len()];
        for _ in 0..2 {
            sleep(Duration::from_secs(9)).await;
            client.write_all(b"GET / HTTP/1").await.unwrap();
            // Not the first: its time counts from its first byte.
            sleep(Duration::from_millis(900)).await;
            client.write_all(b".1\r\n\r\n").await.unwrap();
            client.read_exact(&mut answer).await.unwrap();
            assert_eq!(answer, expected.as_bytes());
            sleep(IDLE_TIMEOUT - Duration::from_secs(10)).await;
        }
        let start = Instant::now();
        assert_eq!(client.read(&mut answer).await.unwrap(), 0);
        assert_eq!(start.elapsed(), Duration::from_secs(10));
    })
    .await
    .unwrap();
}

#[sinew::test(start_paused = true)]
async fn a_client_that_does_not_read_is_given_up() {
    let start = Instant::now();
    let served = connected(async |mut client| {
        client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        sleep(WRITE_TIMEOUT * 2).await;
    });
    assert_eq!(served.await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    assert_eq!(start.elapsed(), WRITE_TIMEOUT * 2);
}

#[sinew::test(start_paused = true)]
async fn stop_closes_who_is_idle_and_finishes_what_has_started() {
    let drain = Drain::new();
    let files = Files::none();
    let (mut idle, far_idle) = duplex(4096);
    let (mut busy, far_busy) = duplex(4096);
    let start = Instant::now();
    let (one, two) = (drain.enter(), drain.enter());
    let ((), idle_end, busy_end) = sinew::join!(
        async {
            busy.write_all(b"GET /sleep HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n")
                .await
                .unwrap();
            sleep(Duration::from_secs(1)).await;
            drain.stop();
            assert_eq!(idle.read(&mut [0]).await.unwrap(), 0);
            assert_eq!(start.elapsed(), Duration::from_secs(1));
            let mut answer = String::new();
            busy.read_to_string(&mut answer).await.unwrap();
            assert_eq!(answer, hello("close"));
            assert_eq!(start.elapsed(), SLEEP);
            drop(busy);
        },
        serve(far_idle, &files, &one),
        serve(far_busy, &files, &two),
    );
    idle_end.unwrap();
    busy_end.unwrap();
}
