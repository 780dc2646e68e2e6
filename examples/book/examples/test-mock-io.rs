//! Testing with scripted IO: the mock says what the peer sends and checks what it gets,
//! in pieces and with errors as a network would have them.
//!
//! ```text
//! greeted: Ok("hello, ann")
//! in pieces of one byte: Ok("hello, ann")
//! reset: connection reset
//! ```

use std::io;

use sinew::io::BufReader;
use sinew::prelude::*;
use sinew::testing::io::{Builder, Scripted};

/// What is under test: asks for a name, greets.
async fn greet(stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<String> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"name?\n").await?;
    let mut name = String::new();
    stream.read_line(&mut name).await?;
    Ok(format!("hello, {}", name.trim_end()))
}

#[sinew::main]
async fn main() {
    // The mock panics when something else is written, or when part of its script is
    // left at its end.
    let peer = Builder::new()
        .write(b"name?\n")
        .read(b"an")
        .read(b"n\n")
        .build();
    println!("greeted: {:?}", greet(peer).await);

    let peer = Builder::new().write(b"name?\n").read(b"ann\n").build();
    println!(
        "in pieces of one byte: {:?}",
        greet(Scripted::chunked(peer, 1)).await
    );

    let reset = io::Error::new(io::ErrorKind::ConnectionReset, "connection reset");
    let peer = Builder::new().write(b"name?\n").read_error(reset).build();
    println!(
        "reset: {}",
        greet(peer).await.expect_err("the script has an error")
    );
}
