//! The clients, in one loop.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::event::Source;
use mio::net::{TcpStream, UdpSocket, UnixStream};
use mio::{Events, Interest, Poll, Registry, Token};
use net_bench::{Address, Transport};
use socket2::SockRef;

use crate::result::{Measurement, Report};
use crate::{Limit, Options};

/// How long the server is warmed up, when a time is measured.
const WARM_UP: Duration = Duration::from_millis(200);

/// Connections that are opened before it is made sure that the server has accepted
/// them: fewer than the shortest backlog. One that does not fit is tried again by the
/// system a second later.
const BATCH: usize = 64;

/// How long the server may keep quiet.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection of whatever kind.
enum Wire {
    Tcp(TcpStream),
    Unix(UnixStream),
    Udp(UdpSocket),
}

impl Wire {
    fn open(options: &Options) -> io::Result<Wire> {
        match (&options.address, options.transport) {
            (Address::Path(path), Transport::Unix) => Ok(Wire::Unix(UnixStream::connect(path)?)),
            (Address::Ip(addr), Transport::Tcp) => {
                // Blocking, so that it is connected; it takes one round trip.
                let stream = std::net::TcpStream::connect(addr)?;
                stream.set_nodelay(true)?;
                stream.set_nonblocking(true)?;
                Ok(Wire::Tcp(TcpStream::from_std(stream)))
            }
            (Address::Ip(addr), Transport::Udp) => {
                let socket = UdpSocket::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
                socket.connect(*addr)?;
                Ok(Wire::Udp(socket))
            }
            _ => Err(io::Error::other("the address is of another transport")),
        }
    }

    fn source(&mut self) -> &mut dyn Source {
        match self {
            Wire::Tcp(stream) => stream,
            Wire::Unix(stream) => stream,
            Wire::Udp(socket) => socket,
        }
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Wire::Tcp(stream) => stream.read(buf),
            Wire::Unix(stream) => stream.read(buf),
            Wire::Udp(socket) => socket.recv(buf),
        }
    }

    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Wire::Tcp(stream) => stream.write(buf),
            Wire::Unix(stream) => stream.write(buf),
            Wire::Udp(socket) => socket.send(buf),
        }
    }

    /// Ends a TCP connection without leaving its port behind.
    fn reset(self) -> io::Result<()> {
        if let Wire::Tcp(stream) = &self {
            SockRef::from(stream).set_linger(Some(Duration::ZERO))?;
        }
        Ok(())
    }
}

/// One connection and its request under way.
struct Client {
    wire: Wire,
    sent: usize,
    received: usize,
    /// When the request began; of the first on a connection, when that began.
    start: Instant,
    fresh: bool,
    active: bool,
}

impl Client {
    fn open(options: &Options, registry: &Registry, token: Token) -> io::Result<Client> {
        let start = Instant::now();
        let mut wire = Wire::open(options)?;
        let both = Interest::READABLE | Interest::WRITABLE;
        registry.register(wire.source(), token, both)?;
        Ok(Client {
            wire,
            sent: 0,
            received: 0,
            start,
            fresh: options.churn,
            active: false,
        })
    }

    /// Goes as far as it can; whether the request is done.
    fn advance(&mut self, message: &[u8], buf: &mut [u8]) -> io::Result<bool> {
        loop {
            while self.sent < message.len() {
                match self.wire.write(&message[self.sent..]) {
                    Ok(count) => self.sent += count,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
            match self.wire.read(buf) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.received += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
            if self.received >= message.len() {
                return Ok(true);
            }
        }
    }

    /// Begins a request.
    fn start(&mut self) {
        self.active = true;
        self.sent = 0;
        self.received = 0;
        if !self.fresh {
            self.start = Instant::now();
        }
        self.fresh = false;
    }
}

/// Runs the load.
pub(crate) fn run(options: &Options) -> io::Result<Report> {
    let mut load = Load::new(options)?;
    let mut events = Events::with_capacity(1024);
    let mut warm = matches!(options.limit, Limit::Requests(_));
    for at in 0..load.clients.len() {
        load.begin(at);
        load.advance(at)?;
    }
    loop {
        match options.limit {
            Limit::Requests(limit) if load.measurement.count() >= limit => break,
            Limit::Time(time) if warm && load.measurement.elapsed() >= time => break,
            Limit::Time(_) if !warm && load.measurement.elapsed() >= WARM_UP => {
                warm = true;
                load.measurement = Measurement::start(options.pid)?;
            }
            _ => {}
        }
        load.poll.poll(&mut events, Some(PATIENCE))?;
        if events.is_empty() {
            return Err(io::Error::other("the server does not answer"));
        }
        for event in &events {
            load.advance(event.token().0)?;
        }
    }
    let report = load.measurement.finish()?;
    for client in load.clients {
        client.wire.reset()?;
    }
    Ok(report)
}

/// All clients, and what they have measured.
struct Load<'a> {
    options: &'a Options,
    poll: Poll,
    clients: Vec<Client>,
    measurement: Measurement,
    started: u64,
    message: Vec<u8>,
    buf: Vec<u8>,
}

impl<'a> Load<'a> {
    fn new(options: &'a Options) -> io::Result<Load<'a>> {
        let mut load = Load {
            options,
            poll: Poll::new()?,
            clients: Vec::with_capacity(options.connections),
            measurement: Measurement::start(options.pid)?,
            started: 0,
            message: vec![7; options.size],
            buf: vec![0; options.size.max(64)],
        };
        for at in 0..options.connections {
            let client = Client::open(options, load.poll.registry(), Token(at))?;
            load.clients.push(client);
            if (at + 1) % BATCH == 0 {
                load.probe(at)?;
            }
        }
        load.measurement = Measurement::start(options.pid)?;
        Ok(load)
    }

    /// Sends one message and waits for the answer, so that the server has accepted this
    /// connection and all before it.
    fn probe(&mut self, at: usize) -> io::Result<()> {
        let mut events = Events::with_capacity(2 * BATCH);
        let client = &mut self.clients[at];
        client.start();
        while !client.advance(&self.message, &mut self.buf)? {
            // What is told of others on the way is tried when they begin.
            self.poll.poll(&mut events, Some(PATIENCE))?;
            if events.is_empty() {
                return Err(io::Error::other("the server does not accept"));
            }
        }
        client.active = false;
        client.fresh = self.options.churn;
        Ok(())
    }

    /// Begins the next request of a client, if there is to be one.
    fn begin(&mut self, at: usize) {
        let may = match self.options.limit {
            Limit::Requests(limit) => self.started < limit,
            Limit::Time(_) => true,
        };
        if may {
            self.started += 1;
            self.clients[at].start();
        } else {
            self.clients[at].active = false;
        }
    }

    /// Goes on with the requests of a client, as far as it can.
    fn advance(&mut self, at: usize) -> io::Result<()> {
        while self.clients[at].active && self.clients[at].advance(&self.message, &mut self.buf)? {
            self.measurement.add(self.clients[at].start.elapsed());
            if self.options.churn {
                let fresh = Client::open(self.options, self.poll.registry(), Token(at))?;
                std::mem::replace(&mut self.clients[at], fresh)
                    .wire
                    .reset()?;
            }
            self.begin(at);
        }
        Ok(())
    }
}
