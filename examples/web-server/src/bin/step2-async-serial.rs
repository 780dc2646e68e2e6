//! Step 2: asynchronous, and still one request after the other. `/sleep` holds
//! all others up, although it does not block the thread.

use std::time::Duration;

use sinew::net::{TcpListener, TcpStream};
use sinew::prelude::*;
use sinew::time::sleep;

#[sinew::main]
async fn main() {
    // Where to listen: the first argument, if there is one.
    let addr = std::env::args().nth(1);
    let addr = addr.as_deref().unwrap_or("127.0.0.1:7878");
    let listener = TcpListener::bind(addr).await.unwrap();
    println!("listening on http://{}", listener.local_addr().unwrap());

    loop {
        let (stream, _) = listener.accept().await.unwrap();
        // This is not concurrent: the next one is accepted when this one is done.
        handle_connection(stream).await;
    }
}

async fn handle_connection(mut stream: TcpStream) {
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
