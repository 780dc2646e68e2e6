//! One client: read, execute, write.
//!
//! All requests that have come are executed before anything is written, so that
//! their replies leave in one write, and the database is locked once for them.
//! Replies have to be sent before more is executed as soon as there are
//! [`OUTPUT`] bytes of them: a client that does not read is not read from either,
//! and what it can make the server hold is one request, the replies up to that
//! limit, and values that the database shares.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::task::Poll;

use bytes::{Buf, Bytes, BytesMut};
use sinew::prelude::*;
use sinew::time::{Duration, timeout};

use crate::client::Client;
use crate::command::{self, Context, Outcome, Session};
use crate::database::Database;
use crate::output::Output;
use crate::request::Parser;

/// How many bytes of replies there may be before they are sent.
pub const OUTPUT: usize = 64 << 10;

/// The least and the most bytes to read at once, unless an argument is known to
/// be longer.
const CHUNK: (usize, usize) = (4 << 10, 64 << 10);

/// The most bytes to make room for at once, whatever a client has announced.
const LONG_CHUNK: usize = 1 << 20;

/// How long, and for how many bytes, to listen to a client that was refused: if
/// the socket were closed while bytes of his come in, he would not see why.
const LINGER: (Duration, usize) = (Duration::from_secs(1), 4 << 20);

/// Answers the requests that come over `stream`, until the client leaves or
/// sends what is no request, or is told to stop, or was dropped.
///
/// # Errors
///
/// Those of the stream, and [`TimedOut`](io::ErrorKind::TimedOut) for a client
/// that was dropped because it reads too slowly what it listens to.
///
/// # Cancel safety
///
/// Dropping the future closes the connection, in the middle of a reply if there
/// is one. Commands are executed whole or not at all.
pub async fn serve<S>(stream: S, session: Session) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let connection = Connection {
        stream,
        database: session.shared().database.clone(),
        parser: Parser::new(*session.limits()),
        session,
        input: BytesMut::new(),
        chunk: CHUNK.0,
        output: Output::default(),
    };
    connection.run().await
}

struct Connection<S> {
    stream: S,
    session: Session,
    database: Database,
    parser: Parser,
    /// What was read and not executed yet.
    input: BytesMut,
    /// How much to read next.
    chunk: usize,
    output: Output,
}

/// What to do when the requests at hand were executed.
enum Next {
    /// To wait for more.
    Wait,
    /// To go on when the output is sent.
    Send,
    /// To send these, then go on.
    SendAll(Vec<Option<Bytes>>),
    /// To end: the client has said so.
    Close,
    /// To end: the client has sent what is no request.
    Refuse,
}

/// What has happened while waiting.
enum Event {
    /// Bytes have come.
    Input,
    /// No more will come.
    End,
    /// A message has come.
    Mail,
    /// The server ends.
    Stop,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    async fn run(mut self) -> io::Result<()> {
        loop {
            self.deliver();
            match self.execute() {
                Next::SendAll(values) => self.send_all(values).await?,
                Next::Send => self.send().await?,
                Next::Wait => {
                    self.send().await?;
                    match self.wait().await? {
                        Event::Input | Event::Mail => {}
                        Event::End | Event::Stop => return self.stream.shutdown().await,
                    }
                }
                Next::Close => {
                    self.send().await?;
                    return self.stream.shutdown().await;
                }
                Next::Refuse => {
                    self.send().await?;
                    return self.leave().await;
                }
            }
            if self.session.client().is_stopping() {
                self.send().await?;
                return self.stream.shutdown().await;
            }
        }
    }

    /// Moves messages to the output, as far as there is room.
    fn deliver(&mut self) {
        let client = self.session.client();
        while client.has_mail() && self.output.len() < OUTPUT {
            match client.receive() {
                Some(message) => self.output.raw_shared(&message),
                None => break,
            }
        }
    }

    /// Executes what has come, until there is something else to do.
    fn execute(&mut self) -> Next {
        let mut locked = None;
        let mut used = 0;
        let next = loop {
            if self.output.len() >= OUTPUT {
                break Next::Send;
            }
            let (request, length) = match self.parser.parse(&self.input[used..]) {
                Ok(Some(parsed)) => parsed,
                Ok(None) => break Next::Wait,
                Err(error) => {
                    self.output
                        .error(format_args!("ERR Protocol error: {error}"));
                    break Next::Refuse;
                }
            };
            used += length;
            if request.is_empty() {
                continue;
            }
            let mut context = Context {
                keys: locked.get_or_insert_with(|| self.database.lock()),
                session: &mut self.session,
                output: &mut self.output,
            };
            match command::execute(&mut context, request) {
                Outcome::Done => {}
                Outcome::Values(values) => break Next::SendAll(values),
                Outcome::Close => break Next::Close,
            }
        };
        drop(locked);
        self.input.advance(used);
        next
    }

    /// Writes an array, and sends what there is whenever that is much.
    async fn send_all(&mut self, values: Vec<Option<Bytes>>) -> io::Result<()> {
        self.output.array(values.len());
        for value in values {
            self.output.value(value.as_ref());
            if self.output.len() >= OUTPUT {
                self.send().await?;
            }
        }
        Ok(())
    }

    async fn send(&mut self) -> io::Result<()> {
        while !self.output.is_empty() {
            let write = self.stream.write(self.output.front());
            match unless_dropped(self.session.client(), write).await?? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                count => self.output.advance(count),
            }
        }
        Ok(())
    }

    /// Waits for whatever comes first.
    async fn wait(&mut self) -> io::Result<Event> {
        self.make_room();
        let room = self.input.capacity() - self.input.len();
        let client = self.session.client();
        let mut read = pin!(self.stream.read_buf(&mut self.input));
        let event = poll_fn(|cx| {
            if !client.is_stopping() {
                if let Poll::Ready(count) = read.as_mut().poll(cx) {
                    return Poll::Ready(count.map(Ok));
                }
            }
            client.register(cx);
            if client.is_dropped() {
                Poll::Ready(Err(too_slow()))
            } else if client.is_stopping() {
                Poll::Ready(Ok(Err(Event::Stop)))
            } else if client.has_mail() {
                Poll::Ready(Ok(Err(Event::Mail)))
            } else {
                Poll::Pending
            }
        });
        match event.await? {
            Ok(0) => Ok(Event::End),
            Ok(count) => {
                if count == room {
                    self.chunk = (self.chunk * 2).min(CHUNK.1);
                }
                Ok(Event::Input)
            }
            Err(event) => Ok(event),
        }
    }

    fn make_room(&mut self) {
        if self.input.is_empty() && self.input.capacity() > 2 * CHUNK.1 {
            // A long argument is gone; its buffer shall not stay.
            self.input = BytesMut::new();
        }
        let missing = self.parser.missing(&self.input);
        self.input.reserve(missing.clamp(self.chunk, LONG_CHUNK));
    }

    /// Closes the connection so that the last reply arrives.
    async fn leave(mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        let (patience, most) = LINGER;
        let skip = async {
            let mut left = most;
            while left > 0 {
                self.input.clear();
                self.input.reserve(CHUNK.0);
                match self.stream.read_buf(&mut self.input).await? {
                    0 => break,
                    count => left = left.saturating_sub(count),
                }
            }
            Ok(())
        };
        timeout(patience, skip).await.unwrap_or(Ok(()))
    }
}

/// What `future` gives, unless the client is dropped before.
async fn unless_dropped<F: Future>(client: &Client, future: F) -> io::Result<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Ok(output));
        }
        client.register(cx);
        if client.is_dropped() {
            return Poll::Ready(Err(too_slow()));
        }
        Poll::Pending
    })
    .await
}

fn too_slow() -> io::Error {
    let what = "the client reads too slowly what it listens to";
    io::Error::new(io::ErrorKind::TimedOut, what)
}
