//! The floor: one thread, one `mio` loop, no tasks.
//!
//! Each event is answered at once. A short read is taken for an empty socket, so
//! that no call is made that would only say so; this loop may do that because mio
//! tells of the end of a stream by an event of its own.

use std::io::{self, Read, Write};

use mio::event::Source;
use mio::net::{TcpListener, UdpSocket, UnixListener};
use mio::{Events, Interest, Poll, Token};
use net_bench::{Address, Transport, socket_path};

use super::{BUFFER, announce};

const LISTENER: Token = Token(usize::MAX);

pub(super) fn serve(transport: Transport) -> io::Result<()> {
    match transport {
        Transport::Tcp => {
            let mut listener = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
            announce(&Address::Ip(listener.local_addr()?));
            streams(&mut listener, |listener| {
                let (stream, _) = listener.accept()?;
                stream.set_nodelay(true)?;
                Ok(stream)
            })
        }
        Transport::Unix => {
            let path = socket_path();
            let mut listener = UnixListener::bind(&path)?;
            announce(&Address::Path(path));
            streams(&mut listener, |listener| Ok(listener.accept()?.0))
        }
        Transport::Udp => datagrams(),
    }
}

/// One connection, and what could not be sent back yet.
struct Connection<S> {
    stream: S,
    unsent: Vec<u8>,
}

impl<S: Read + Write> Connection<S> {
    /// Echoes what there is; whether the connection goes on.
    fn echo(&mut self, buf: &mut [u8], ended: bool) -> io::Result<bool> {
        if !self.flush()? {
            return Ok(true);
        }
        loop {
            let count = match self.stream.read(buf) {
                Ok(0) => return Ok(false),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error),
            };
            match self.stream.write(&buf[..count]) {
                Ok(sent) if sent == count => {}
                Ok(sent) => self.unsent.extend(&buf[sent..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.unsent.extend(&buf[..count]);
                }
                Err(error) => return Err(error),
            }
            if !self.unsent.is_empty() || (count < buf.len() && !ended) {
                return Ok(true);
            }
        }
    }

    /// Sends what was left; whether nothing is left.
    fn flush(&mut self) -> io::Result<bool> {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(sent) => drop(self.unsent.drain(..sent)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

fn streams<L: Source, S: Source + Read + Write>(
    listener: &mut L,
    accept: impl Fn(&L) -> io::Result<S>,
) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(1024);
    poll.registry()
        .register(listener, LISTENER, Interest::READABLE)?;
    let mut connections: Vec<Option<Connection<S>>> = Vec::new();
    let mut buf = vec![0; BUFFER];
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() == LISTENER {
                accept_all(&poll, &mut connections, || accept(listener))?;
                continue;
            }
            let slot = &mut connections[event.token().0];
            let Some(connection) = slot else { continue };
            let ended = event.is_read_closed();
            if !matches!(connection.echo(&mut buf, ended), Ok(true)) {
                *slot = None;
            }
        }
    }
}

fn accept_all<S: Source>(
    poll: &Poll,
    connections: &mut Vec<Option<Connection<S>>>,
    accept: impl Fn() -> io::Result<S>,
) -> io::Result<()> {
    loop {
        let mut stream = match accept() {
            Ok(stream) => stream,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        let free = connections.iter().position(Option::is_none);
        let at = free.unwrap_or(connections.len());
        let both = Interest::READABLE | Interest::WRITABLE;
        poll.registry().register(&mut stream, Token(at), both)?;
        let connection = Some(Connection {
            stream,
            unsent: Vec::new(),
        });
        if at == connections.len() {
            connections.push(connection);
        } else {
            connections[at] = connection;
        }
    }
}

fn datagrams() -> io::Result<()> {
    let mut socket = UdpSocket::bind(([127, 0, 0, 1], 0).into())?;
    announce(&Address::Ip(socket.local_addr()?));
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);
    poll.registry()
        .register(&mut socket, LISTENER, Interest::READABLE)?;
    let mut buf = vec![0; BUFFER];
    loop {
        poll.poll(&mut events, None)?;
        loop {
            match socket.recv_from(&mut buf) {
                Ok((count, from)) => {
                    socket.send_to(&buf[..count], from)?;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
    }
}
