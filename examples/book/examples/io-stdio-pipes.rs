//! Standard streams, pipes, and any other descriptor: what the system can wait for,
//! `Async` makes asynchronous.
//!
//! ```text
//! written to the standard output without blocking
//! through a pipe: "drip"
//! from a child's standard output: "hello"
//! a descriptor of std's: "wrapped"
//! ```

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::Stdio;

use sinew::io::Async;
use sinew::net::unix::pipe::pipe;
use sinew::prelude::*;
use sinew::process::Command;

#[sinew::main]
async fn main() -> std::io::Result<()> {
    // `println!` blocks when nobody reads the other end of the output.
    let mut stdout = sinew::io::stdout();
    stdout
        .write_all(b"written to the standard output without blocking\n")
        .await?;
    stdout.flush().await?;

    let (mut writer, mut reader) = pipe()?;
    writer.write_all(b"drip").await?;
    drop(writer);
    let mut text = String::new();
    reader.read_to_string(&mut text).await?;
    println!("through a pipe: {text:?}");

    let mut child = Command::new("echo")
        .arg("hello")
        .stdout(Stdio::piped())
        .spawn()?;
    let mut output = String::new();
    let mut pipe = child.stdout.take().expect("it is piped");
    pipe.read_to_string(&mut output).await?;
    child.wait().await?;
    println!("from a child's standard output: {:?}", output.trim_end());

    // `read_with` tries, and waits for readiness as often as the try would block.
    let (ours, mut theirs) = UnixStream::pair()?;
    let ours = Async::new(ours)?;
    theirs.write_all(b"wrapped")?;
    let mut buffer = [0; 16];
    let count = ours.read_with(|mut it| it.read(&mut buffer)).await?;
    println!(
        "a descriptor of std's: {:?}",
        String::from_utf8_lossy(&buffer[..count])
    );
    Ok(())
}
