//! Reading and writing without blocking: a pipe in memory, lines, exact reads, copy.
//!
//! ```text
//! line: GET /
//! exactly four bytes: body
//! copied 5 bytes: "!rest"
//! ```

use sinew::io::{BufReader, copy, duplex};
use sinew::prelude::*;

#[sinew::main]
async fn main() -> std::io::Result<()> {
    // Eight bytes of room: the writer waits for the reader, which is back-pressure.
    let (mut client, server) = duplex(8);
    let writer = sinew::spawn(async move {
        client.write_all(b"GET /\nbody!rest").await?;
        // Ends the stream; else the reader would wait for more.
        client.shutdown().await
    });

    let mut server = BufReader::new(server);
    let mut line = String::new();
    server.read_line(&mut line).await?;
    println!("line: {}", line.trim_end());

    // The buffer is ours, so it can be reused from read to read.
    let mut four = [0; 4];
    server.read_exact(&mut four).await?;
    println!("exactly four bytes: {}", String::from_utf8_lossy(&four));

    let mut rest = Vec::new();
    let count = copy(&mut server, &mut rest).await?;
    println!("copied {count} bytes: {:?}", String::from_utf8_lossy(&rest));
    writer.await?
}
