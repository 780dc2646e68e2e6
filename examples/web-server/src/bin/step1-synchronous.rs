//! Step 1: one request after the other, on one thread, with the standard library.

use std::io::prelude::*;
use std::net::{TcpListener, TcpStream};

fn main() {
    // Where to listen: the first argument, if there is one.
    let addr = std::env::args().nth(1);
    let addr = addr.as_deref().unwrap_or("127.0.0.1:7878");
    let listener = TcpListener::bind(addr).unwrap();
    println!("listening on http://{}", listener.local_addr().unwrap());

    // Block forever, handling each request that arrives.
    for stream in listener.incoming() {
        let stream = stream.unwrap();

        handle_connection(stream);
    }
}

fn handle_connection(mut stream: TcpStream) {
    // Read the first 1024 bytes of the request. A client that is gone is no
    // reason to stop.
    let mut buffer = [0; 1024];
    if stream.read(&mut buffer).is_err() {
        return;
    }

    let get = b"GET / HTTP/1.1\r\n";

    // Respond with greetings or a 404, depending on the request.
    let (status_line, contents) = if buffer.starts_with(get) {
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
    if stream.write_all(response.as_bytes()).is_ok() {
        let _ = stream.flush();
    }
}
