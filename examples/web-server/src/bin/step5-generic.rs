//! Step 5: the handler takes anything that reads and writes, so that a test can
//! give it a mock.

use std::time::Duration;

use sinew::futures::StreamExt;
use sinew::net::TcpListener;
use sinew::prelude::*;
use sinew::spawn;
use sinew::time::sleep;

#[sinew::main]
async fn main() {
    // Where to listen: the first argument, if there is one.
    let addr = std::env::args().nth(1);
    let addr = addr.as_deref().unwrap_or("127.0.0.1:7878");
    let listener = TcpListener::bind(addr).await.unwrap();
    println!("listening on http://{}", listener.local_addr().unwrap());

    listener
        .incoming()
        .for_each_concurrent(/* limit */ None, |stream| async move {
            let stream = stream.unwrap();
            spawn(handle_connection(stream));
        })
        .await;
}

async fn handle_connection(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    // Read the first 1024 bytes of the request. A client that is gone is no
    // reason to stop.
    let mut buffer = [0; 1024];
    if stream.read(&mut buffer).await.is_err() {
        return;
    }

    let get = b"GET / HTTP/1.1\r\n";
    let slow = b"GET /sleep HTTP/1.1\r\n";

    // Respond with greetings or a 404, depending on the request.
    let (status_line, contents) = if buffer.starts_with(get) {
        (
            "HTTP/1.1 200 OK\r\n\r\n",
            include_str!("../../pages/hello.html"),
        )
    } else if buffer.starts_with(slow) {
        sleep(Duration::from_secs(5)).await;
        (
            "HTTP/1.1 200 OK\r\n\r\n",
            include_str!("../../pages/hello.html"),
        )
    } else {
        (
            "HTTP/1.1 404 NOT FOUND\r\n\r\n",
            include_str!("../../pages/404.html"),
        )
    };

    let response = format!("{status_line}{contents}");
    if stream.write_all(response.as_bytes()).await.is_ok() {
        let _ = stream.flush().await;
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::min;
    use std::io::Error;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use super::*;

    struct MockTcpStream {
        read_data: Vec<u8>,
        write_data: Vec<u8>,
    }

    impl AsyncRead for MockTcpStream {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut [u8],
        ) -> Poll<Result<usize, Error>> {
            let size = min(self.read_data.len(), buf.len());
            buf[..size].copy_from_slice(&self.read_data[..size]);
            Poll::Ready(Ok(size))
        }
    }

    impl AsyncWrite for MockTcpStream {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<Result<usize, Error>> {
            self.write_data.extend_from_slice(buf);
            Poll::Ready(Ok(buf.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
            Poll::Ready(Ok(()))
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
            Poll::Ready(Ok(()))
        }
    }

    async fn response_to(request: &str) -> String {
        let mut stream = MockTcpStream {
            read_data: request.as_bytes().to_vec(),
            write_data: Vec::new(),
        };
        handle_connection(&mut stream).await;
        String::from_utf8(stream.write_data).unwrap()
    }

    #[sinew::test]
    async fn the_root_is_the_greeting() {
        let contents = include_str!("../../pages/hello.html");
        let expected = format!("HTTP/1.1 200 OK\r\n\r\n{contents}");
        assert_eq!(response_to("GET / HTTP/1.1\r\n\r\n").await, expected);
    }

    #[sinew::test(start_paused = true)]
    async fn the_slow_page_is_the_greeting_after_five_seconds() {
        let start = sinew::time::Instant::now();
        let response = response_to("GET /sleep HTTP/1.1\r\n\r\n").await;
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"));
        assert_eq!(start.elapsed(), Duration::from_secs(5));
    }

    #[sinew::test]
    async fn anything_else_is_not_found() {
        let contents = include_str!("../../pages/404.html");
        let expected = format!("HTTP/1.1 404 NOT FOUND\r\n\r\n{contents}");
        assert_eq!(response_to("GET /else HTTP/1.1\r\n\r\n").await, expected);
    }
}
