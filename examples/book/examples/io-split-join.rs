//! A stream in two halves, two halves as a stream, and pipes in memory with one
//! direction or two.
//!
//! ```text
//! read and written by two tasks: "over there"
//! the halves again one stream: true
//! simplex: "one way"
//! reader and writer joined: "in", and "out" went out
//! ```

use sinew::io::{Cursor, duplex, join, simplex, split};
use sinew::prelude::*;

#[sinew::main]
async fn main() -> std::io::Result<()> {
    let (client, mut server) = duplex(4);
    let (mut reader, mut writer) = split(client);
    // Both directions at once, although the pipe has room for four bytes only: with
    // one task, a peer that sends while we send would bring both to a halt.
    let writing = sinew::spawn(async move {
        writer.write_all(b"over there").await?;
        writer.flush().await?;
        std::io::Result::Ok(writer)
    });
    let echoing = sinew::spawn(async move {
        let mut ten = [0; 10];
        server.read_exact(&mut ten).await?;
        server.write_all(&ten).await?;
        std::io::Result::Ok(())
    });
    let mut echo = [0; 10];
    reader.read_exact(&mut echo).await?;
    let writer = writing.await??;
    echoing.await??;
    println!(
        "read and written by two tasks: {:?}",
        String::from_utf8_lossy(&echo)
    );
    println!(
        "the halves again one stream: {}",
        reader.is_pair_of(&writer)
    );
    drop(reader.unsplit(writer));

    let (mut reader, mut writer) = simplex(16);
    writer.write_all(b"one way").await?;
    writer.shutdown().await?;
    let mut text = String::new();
    reader.read_to_string(&mut text).await?;
    println!("simplex: {text:?}");

    // A library that wants one stream gets two ends that are not one.
    let mut both = join(&b"in"[..], Cursor::new(Vec::new()));
    let mut read = String::new();
    both.read_to_string(&mut read).await?;
    both.write_all(b"out").await?;
    let written = both.into_inner().1.into_inner();
    println!(
        "reader and writer joined: {read:?}, and {:?} went out",
        String::from_utf8_lossy(&written)
    );
    Ok(())
}
