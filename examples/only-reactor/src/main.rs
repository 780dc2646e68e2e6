//! The reactor alone: two sockets, awaited at once on the main thread.
//!
//! Run it: `cargo run -p only-reactor`
//!
//! `crates.txt` lists all crates that this pulls in: no executor, no tasks, no
//! runtime.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;

use sinew_core::{block_on, join};
use sinew_reactor::Async;

/// Reads until the peer closes the socket.
async fn read_to_string(name: &str, socket: &Async<UnixStream>) -> io::Result<String> {
    let mut text = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        // Tries to read; if that would block, waits for the reactor to say that
        // the socket is readable, and tries again.
        let count = socket.read_with(|mut io| io.read(&mut buffer)).await?;
        if count == 0 {
            println!("{name} is closed");
            return String::from_utf8(text).map_err(io::Error::other);
        }
        println!("{name} gave {count} bytes");
        text.extend_from_slice(&buffer[..count]);
    }
}

/// What came in on each of the two sockets.
fn exchange() -> io::Result<(String, String)> {
    let (first, mut first_peer) = UnixStream::pair()?;
    let (second, mut second_peer) = UnixStream::pair()?;

    // No reactor has been entered on this thread, so both go to the default
    // one, which has a thread of its own that is started here.
    let first = Async::new(first)?;
    let second = Async::new(second)?;

    // Stands for something outside of this program.
    let outside = thread::spawn(move || second_peer.write_all(b"out of the blue"));

    let (first_text, second_text) = block_on(async {
        join!(read_to_string("the first", &first), async {
            let text = read_to_string("the second", &second).await?;
            // Only now is there anything to read on the first.
            first_peer.write_all(b"in return")?;
            drop(first_peer);
            io::Result::Ok(text)
        })
    });
    outside.join().expect("the thread does not panic")?;
    Ok((first_text?, second_text?))
}

fn main() -> io::Result<()> {
    let (first, second) = exchange()?;
    println!("the first said {first:?}, the second {second:?}");
    Ok(())
}

#[cfg(test)]
#[test]
fn both_sockets_are_read() {
    let (first, second) = exchange().unwrap();
    assert_eq!(first, "in return");
    assert_eq!(second, "out of the blue");
}
