//! The system's side: readiness. `mio` is the thin layer over epoll, kqueue and IOCP on
//! which event loops are built. One says what one waits for, sleeps for all of it at
//! once, and is told what would no longer block. No futures here: a reactor is this
//! loop, with wakers in the place of `match`.
//!
//! ```text
//! the listener is readable: accepted
//! the stream is readable: "hi"
//! nothing more to read: WouldBlock
//! ```

use std::io::{self, ErrorKind, Read, Write};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

const LISTENER: Token = Token(0);
const STREAM: Token = Token(1);

fn main() -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);

    let mut listener = TcpListener::bind("127.0.0.1:0".parse().expect("an address"))?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    // The client is an ordinary one, which blocks.
    let mut client = std::net::TcpStream::connect(listener.local_addr()?)?;
    client.write_all(b"hi")?;

    let mut accepted: Option<TcpStream> = None;
    let mut text = Vec::new();
    while text.len() < 2 {
        // Sleeps until one of them is ready. A task would sleep as well, and its thread
        // would run another.
        poll.poll(&mut events, None)?;
        for event in &events {
            match (event.token(), &mut accepted) {
                (LISTENER, _) => {
                    let (mut stream, _) = listener.accept()?;
                    println!("the listener is readable: accepted");
                    poll.registry()
                        .register(&mut stream, STREAM, Interest::READABLE)?;
                    accepted = Some(stream);
                }
                (STREAM, Some(stream)) => {
                    let error = read_all(stream, &mut text)?;
                    println!(
                        "the stream is readable: {:?}",
                        String::from_utf8_lossy(&text)
                    );
                    println!("nothing more to read: {error:?}");
                }
                _ => unreachable!("nothing else is registered"),
            }
        }
    }
    Ok(())
}

/// One is told of a change only, hence all has to be read that is there.
fn read_all(stream: &mut TcpStream, into: &mut Vec<u8>) -> io::Result<ErrorKind> {
    let mut buffer = [0; 64];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => into.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(error.kind()),
            Err(error) => return Err(error),
        }
    }
}
