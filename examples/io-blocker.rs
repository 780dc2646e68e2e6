//! The async book's `IoBlocker`: an event loop on `sinew-reactor` alone, without
//! a future in sight.
//!
//! Run it: `cargo run -p examples --example io-blocker`
//!
//! This is what is at the bottom of every async runtime: one call that blocks
//! until any of many sockets can be used.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;

use sinew_reactor::{Interest, Reactor, Ready, Source};

/// Something that has happened.
#[derive(Debug)]
struct Event {
    /// Which of the interests it is about.
    id: usize,
    signals: Ready,
}

/// A set of events to block on.
struct IoBlocker<'io> {
    reactor: Arc<Reactor>,
    interests: Vec<(usize, Interest, Source<'io>)>,
}

impl<'io> IoBlocker<'io> {
    fn new() -> io::Result<IoBlocker<'io>> {
        Ok(IoBlocker {
            reactor: Reactor::new()?,
            interests: Vec::new(),
        })
    }

    /// Adds an interest in an object, with an id for the events it will give.
    fn add_io_event_interest(
        &mut self,
        io_object: &'io impl AsFd,
        id: usize,
        signals: Interest,
    ) -> io::Result<()> {
        let source = Source::new(&self.reactor, io_object)?;
        self.interests.push((id, signals, source));
        Ok(())
    }

    /// Blocks until one of the events occurs.
    ///
    /// The system tells of changes only. So whoever is told that a socket is
    /// readable reads until it would block, or else may never hear of the rest.
    fn block(&self) -> io::Result<Event> {
        loop {
            for (id, interest, source) in &self.interests {
                let event = source.event();
                let signals = event.ready().intersection(*interest);
                if !signals.is_empty() {
                    source.clear(event);
                    return Ok(Event { id: *id, signals });
                }
            }
            // Nothing is ready as far as we know: ask the system, and wait.
            self.reactor.lock().turn(None)?;
        }
    }
}

/// Reads what there is. Returns whether the peer has closed.
fn read_until_blocked(mut socket: &UnixStream, text: &mut Vec<u8>) -> io::Result<bool> {
    match socket.read_to_end(text) {
        Ok(_) => Ok(true),
        // What was read before it would have blocked is in `text`.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads two sockets in one thread, as the data comes, until both are closed.
fn read_both(socket_1: &UnixStream, socket_2: &UnixStream) -> io::Result<[Vec<u8>; 2]> {
    socket_1.set_nonblocking(true)?;
    socket_2.set_nonblocking(true)?;

    let mut io_blocker = IoBlocker::new()?;
    io_blocker.add_io_event_interest(socket_1, 1, Interest::READABLE)?;
    io_blocker.add_io_event_interest(socket_2, 2, Interest::READABLE | Interest::WRITABLE)?;

    let mut texts = [Vec::new(), Vec::new()];
    let mut closed = [false, false];
    while closed != [true, true] {
        let event = io_blocker.block()?;
        println!("Socket {} is now {:?}", event.id, event.signals);
        if event.signals.is_readable() {
            let socket = if event.id == 1 { socket_1 } else { socket_2 };
            let index = event.id - 1;
            closed[index] = read_until_blocked(socket, &mut texts[index])?;
        }
    }
    Ok(texts)
}

fn main() -> io::Result<()> {
    let (socket_1, mut peer_1) = UnixStream::pair()?;
    let (socket_2, mut peer_2) = UnixStream::pair()?;

    let peers = thread::spawn(move || -> io::Result<()> {
        peer_2.write_all(b"hello from peer 2")?;
        peer_1.write_all(b"hello from peer 1")
        // Both peers are dropped here, which closes their sockets.
    });
    for text in read_both(&socket_1, &socket_2)? {
        println!("{}", String::from_utf8_lossy(&text));
    }
    peers.join().expect("the peers do not panic")
}

#[cfg(test)]
#[test]
fn an_event_names_the_socket_and_what_it_is_ready_for() {
    let (socket_1, mut peer_1) = UnixStream::pair().unwrap();
    let (socket_2, _peer_2) = UnixStream::pair().unwrap();
    let mut io_blocker = IoBlocker::new().unwrap();
    io_blocker
        .add_io_event_interest(&socket_1, 1, Interest::READABLE)
        .unwrap();
    io_blocker
        .add_io_event_interest(&socket_2, 2, Interest::READABLE | Interest::WRITABLE)
        .unwrap();

    let event = io_blocker.block().unwrap();
    assert_eq!((event.id, event.signals), (2, Ready::WRITABLE));

    peer_1.write_all(b"!").unwrap();
    let event = io_blocker.block().unwrap();
    assert_eq!((event.id, event.signals), (1, Ready::READABLE));
}

#[cfg(test)]
#[test]
fn two_sockets_are_read_to_their_ends() {
    let (socket_1, mut peer_1) = UnixStream::pair().unwrap();
    let (socket_2, mut peer_2) = UnixStream::pair().unwrap();
    let peers = thread::spawn(move || {
        for _ in 0..100 {
            peer_2.write_all(b"two").unwrap();
            peer_1.write_all(b"one").unwrap();
        }
    });
    let [one, two] = read_both(&socket_1, &socket_2).unwrap();
    peers.join().unwrap();
    assert_eq!(one, b"one".repeat(100));
    assert_eq!(two, b"two".repeat(100));
}
