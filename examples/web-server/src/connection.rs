//! One connection, over anything that reads and writes.

mod input;

use std::future::poll_fn;
use std::io;
use std::mem;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::Poll;

use sinew::prelude::*;
use sinew::time::{Duration, Instant, sleep, timeout, timeout_at};

use crate::drain::Member;
use crate::files::{self, Files, Found};
use crate::request::{self, Body, MAX_HEAD, Request, Route};
use crate::response::{HELLO, HTML, Head, NOT_FOUND, Status};
use input::Input;

/// How long a request head may take: from its first byte on, or, if it is the
/// first one, from the start of the connection. Also how long a body may take.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may wait for its next request.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a client may take to receive one write: a response, or a chunk of a file.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long `/sleep` sleeps.
pub const SLEEP: Duration = Duration::from_secs(5);

/// The size in bytes of a request body that is read, to be thrown away. After a
/// larger one the connection is closed.
pub const MAX_BODY: u64 = 64 * 1024;

/// How long, and for how many bytes, to listen to a client that is being left.
const LINGER: (Duration, usize) = (Duration::from_secs(2), 4 * 1024 * 1024);

/// The buffer that a connection keeps for its responses, in bytes.
const OUTPUT: usize = 4 * 1024;

/// Answers the requests that come over `stream`, until the client or the
/// server has had enough, or `member` was told to stop.
///
/// # Errors
///
/// Those of the stream, [`TimedOut`](io::ErrorKind::TimedOut) when the client
/// does not read its response, and those of a file that ends or fails after its
/// length was sent. Nothing is left to be done about them.
///
/// # Cancel safety
///
/// Dropping the future closes the connection, in the middle of a response if
/// there is one.
pub async fn serve<S>(stream: S, files: &Files, member: &Member) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let connection = Connection {
        stream,
        input: Input::new(),
        output: Vec::new(),
        files,
        member,
    };
    connection.run().await
}

struct Connection<'a, S> {
    stream: S,
    input: Input,
    output: Vec<u8>,
    files: &'a Files,
    member: &'a Member,
}

/// What came of reading.
enum Read {
    /// More bytes.
    Some,
    /// The client sends no more.
    End,
    /// The server is stopping, and nothing had come.
    Stop,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<'_, S> {
    async fn run(mut self) -> io::Result<()> {
        let mut deadline = Some(Instant::now() + HEAD_TIMEOUT);
        loop {
            let request = match self.next_request(deadline.take()).await? {
                Ok(Some(request)) => request,
                Ok(None) => return Ok(()),
                Err(status) => return self.refuse(status).await,
            };
            self.input.consume(request.head_len);
            let intact = match request.body {
                Body::Length(length @ 0..=MAX_BODY) => match self.skip(length).await? {
                    Ok(intact) => intact,
                    Err(status) => return self.refuse(status).await,
                },
                _ => false,
            };
            if !self.answer(request, intact).await? {
                return self.leave().await;
            }
        }
    }

    /// The next request, or what to answer in its place; `None` if there is
    /// none. It has to be there by `deadline`, if there is one.
    async fn next_request(
        &mut self,
        mut deadline: Option<Instant>,
    ) -> io::Result<Result<Option<Request>, Status>> {
        loop {
            let started = self.input.has_content();
            if started {
                match request::parse(self.input.bytes()) {
                    Ok(None) => {}
                    other => return Ok(other),
                }
            }
            if self.input.bytes().len() >= MAX_HEAD {
                return Ok(Err(Status::HeadTooLarge));
            }
            if started && deadline.is_none() {
                deadline = Some(Instant::now() + HEAD_TIMEOUT);
            }
            let read = match deadline {
                Some(deadline) => timeout_at(deadline, self.read(!started)).await,
                None => timeout(IDLE_TIMEOUT, self.read(true)).await,
            };
            match read {
                Ok(Ok(Read::Some)) => {}
                Ok(Ok(Read::End)) if started => return Ok(Err(Status::BadRequest)),
                Ok(Ok(Read::End | Read::Stop)) => return Ok(Ok(None)),
                Ok(Err(error)) => return Err(error),
                Err(_) if deadline.is_some() => return Ok(Err(Status::RequestTimeout)),
                Err(_) => return Ok(Ok(None)),
            }
        }
    }

    /// Reads what there is. `stoppable`: or waits until the server stops.
    async fn read(&mut self, stoppable: bool) -> io::Result<Read> {
        let Connection {
            stream,
            input,
            member,
            ..
        } = self;
        let space = input.space();
        let read = poll_fn(|cx| {
            // First the bytes: a request that has come is answered.
            if let Poll::Ready(read) = Pin::new(&mut *stream).poll_read(cx, space) {
                return Poll::Ready(read.map(Some));
            }
            if stoppable && member.poll_stop(cx).is_ready() {
                return Poll::Ready(Ok(None));
            }
            Poll::Pending
        });
        Ok(match read.await? {
            Some(0) => Read::End,
            Some(count) => {
                input.filled(count);
                Read::Some
            }
            None => Read::Stop,
        })
    }

    /// Throws `length` bytes of a request's body away. `false` if the client
    /// has sent fewer.
    async fn skip(&mut self, length: u64) -> io::Result<Result<bool, Status>> {
        let mut left = self.input.consume_up_to(length);
        if left == 0 {
            return Ok(Ok(true));
        }
        let skipping = async {
            while left > 0 {
                match self.read(false).await? {
                    Read::Some => left = self.input.consume_up_to(left),
                    Read::End | Read::Stop => return Ok(false),
                }
            }
            Ok(true)
        };
        match timeout(HEAD_TIMEOUT, skipping).await {
            Ok(skipped) => skipped.map(Ok),
            Err(_) => Ok(Err(Status::RequestTimeout)),
        }
    }

    /// Answers a request. Whether the connection goes on after that; not if it
    /// is not `intact`, that is, if what follows is not the next request.
    async fn answer(&mut self, request: Request, intact: bool) -> io::Result<bool> {
        let (status, page) = match request.route {
            Route::Hello => (Status::Ok, HELLO),
            Route::Sleep => {
                sleep(SLEEP).await;
                (Status::Ok, HELLO)
            }
            Route::File(path) => match self.find(path).await {
                Ok(found) => {
                    return self
                        .send_file(found, request.head_only, intact && request.keep_alive)
                        .await;
                }
                Err(Status::NotFound) => (Status::NotFound, NOT_FOUND),
                Err(other) => (other, other.line()),
            },
            Route::Nowhere => (Status::NotFound, NOT_FOUND),
        };
        let keep_alive =
            intact && request.keep_alive && !self.is_last() && status != Status::Unavailable;
        self.send_page(status, page, request.head_only, keep_alive)
            .await?;
        Ok(keep_alive)
    }

    /// Whether the server is stopping.
    fn is_last(&self) -> bool {
        self.member.is_stopping()
    }

    async fn find(&self, path: PathBuf) -> Result<Found, Status> {
        match self.files.open(path).await {
            Ok(found) => found.ok_or(Status::NotFound),
            Err(_) => Err(Status::Unavailable),
        }
    }

    /// Sends a response whose body is at hand, in one write.
    async fn send_page(
        &mut self,
        status: Status,
        page: &str,
        head_only: bool,
        keep_alive: bool,
    ) -> io::Result<()> {
        let content_type = match status {
            Status::Ok | Status::NotFound => HTML,
            _ => "text/plain; charset=utf-8",
        };
        self.output.clear();
        self.output.reserve(OUTPUT);
        let head = Head {
            status,
            content_type,
            length: page.len() as u64,
            keep_alive,
        };
        head.write(&mut self.output);
        if !head_only {
            self.output.extend_from_slice(page.as_bytes());
        }
        self.flush_output().await
    }

    /// Sends a file, the head with its first chunk. Whether the connection goes on.
    async fn send_file(
        &mut self,
        found: Found,
        head_only: bool,
        keep_alive: bool,
    ) -> io::Result<bool> {
        let keep_alive = keep_alive && !self.is_last();
        self.output.clear();
        let head = Head {
            status: Status::Ok,
            content_type: found.content_type,
            length: found.length,
            keep_alive,
        };
        head.write(&mut self.output);
        let mut left = if head_only { 0 } else { found.length };
        let mut file = found.file;
        while left > 0 {
            let before = self.output.len();
            let chunk = files::read_chunk(file, mem::take(&mut self.output), left);
            (file, self.output) = chunk.await?;
            left -= (self.output.len() - before) as u64;
            self.flush_output().await?;
            self.output.clear();
        }
        // The head, where there is no body; nothing otherwise.
        self.flush_output().await?;
        self.output.clear();
        self.output.shrink_to(OUTPUT);
        Ok(keep_alive)
    }

    async fn flush_output(&mut self) -> io::Result<()> {
        let writing = async {
            self.stream.write_all(&self.output).await?;
            self.stream.flush().await
        };
        match timeout(WRITE_TIMEOUT, writing).await {
            Ok(written) => written,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// Answers what is not a request, and leaves.
    async fn refuse(mut self, status: Status) -> io::Result<()> {
        self.send_page(status, status.line(), false, false).await?;
        self.leave().await
    }

    /// Closes the sending direction, then reads on for a while. A socket that
    /// is closed with unread bytes resets the connection, and the client might
    /// lose the response that it has not read yet.
    async fn leave(mut self) -> io::Result<()> {
        let (duration, mut left) = LINGER;
        let lingering = async {
            self.stream.close().await?;
            self.input.clear();
            while let Read::Some = self.read(false).await? {
                left = left.saturating_sub(self.input.bytes().len());
                self.input.clear();
                if left == 0 {
                    break;
                }
            }
            Ok(())
        };
        // Patience has an end, and that is as good as the client's own.
        timeout(duration, lingering).await.unwrap_or(Ok(()))
    }
}

#[cfg(test)]
mod tests;
