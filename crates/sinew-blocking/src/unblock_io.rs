//! A reader or writer of the standard library that blocks, as an async one.
//!
//! # State
//!
//! The value is *idle*, and is here, or *busy*, and is inside of a closure on the
//! pool, which gives it back with the outcome of its one operation. An outcome
//! is filed by what it is of, and stays until somebody who asks for that kind
//! is told: so a read that was given up does not disturb a flush.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};
use std::panic::{Location, resume_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncSeek, AsyncWrite};
use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};
use sinew_task::JoinHandle;

use crate::spawn_blocking;

#[cfg(any(feature = "tokio-io", feature = "hyper"))]
mod adapters;

/// Bytes that are read ahead, or written by one closure, unless told otherwise:
/// a common size of pipes.
const CAPACITY: usize = 64 * 1024;

/// What comes back from the pool.
struct Back<T> {
    io: T,
    outcome: Outcome,
}

enum Outcome {
    /// What was read: nothing at the end.
    Read(io::Result<Vec<u8>>),
    /// With the buffer, to be used again.
    Written(io::Result<()>, Vec<u8>),
    Flushed(io::Result<()>),
    Sought(io::Result<u64>),
    /// A closure of the user's.
    Done,
}

enum State<T> {
    Idle(T),
    Busy(JoinHandle<Back<T>>),
    /// The value was lost: the pool was shut down, or an operation panicked.
    Gone,
}

/// Makes an async reader, writer or both of one that blocks.
///
/// Each operation that cannot be served from the buffer runs as a closure on the
/// current blocking pool. Writes are accepted into a buffer and made in the
/// background: errors come with a later operation, and whoever wants to be sure
/// that everything was written calls `flush` or `close`. Dropped while it is
/// busy, it leaves the operation under way to its end.
///
/// A value that has one position for reading and writing, as a file has, must be
/// sought between the two, because reading goes ahead.
///
/// # Panics
///
/// Polling passes on a panic of the value's own methods.
///
/// # Cancel safety
///
/// The outcome of an operation stays here until a poll takes it: dropping a
/// future of the extension traits loses no byte that was read. Bytes accepted by
/// a write are written.
///
/// ```
/// use futures::{AsyncReadExt, AsyncWriteExt};
/// use sinew_blocking::UnblockIo;
///
/// # sinew_core::block_on(async {
/// let (reader, writer) = std::io::pipe()?;
/// let (mut reader, mut writer) = (UnblockIo::new(reader), UnblockIo::new(writer));
/// writer.write_all(b"through a pipe").await?;
/// writer.close().await?;
/// drop(writer);
/// let mut text = String::new();
/// reader.read_to_string(&mut text).await?;
/// assert_eq!(text, "through a pipe");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct UnblockIo<T> {
    state: State<T>,
    /// What was read and not given yet, from `taken` on.
    unread: Vec<u8>,
    taken: usize,
    /// The outcome of a read that nobody has been told of: it was the end if it
    /// is `Ok` and nothing is unread.
    read: Option<io::Result<()>>,
    /// A buffer for the next write.
    spare: Vec<u8>,
    /// The error of a write that nobody has been told of.
    failed: Option<io::Error>,
    /// The outcome of a flush that nobody has been told of.
    flushed: Option<io::Result<()>>,
    /// The seek that was asked for, and its outcome once it is there.
    seek: Option<(SeekFrom, Option<io::Result<u64>>)>,
    /// Where a seek in tokio's two steps goes, between them.
    #[cfg(feature = "tokio-io")]
    seeking: Option<SeekFrom>,
    capacity: usize,
    location: &'static Location<'static>,
}

// Nothing in it is pinned: the value is moved to the pool and back.
impl<T> Unpin for UnblockIo<T> {}

fn gone() -> io::Error {
    io::Error::new(
        io::ErrorKind::NotConnected,
        "the blocking pool was shut down, or an operation panicked, and the value went with it",
    )
}

impl<T: Send + 'static> UnblockIo<T> {
    /// With buffers of 64 KiB.
    #[track_caller]
    pub fn new(io: T) -> UnblockIo<T> {
        UnblockIo::with_capacity(CAPACITY, io)
    }

    /// With buffers of `capacity` bytes: the most that is read ahead, and that
    /// one write accepts.
    ///
    /// # Panics
    ///
    /// When `capacity` is zero.
    #[track_caller]
    pub fn with_capacity(capacity: usize, io: T) -> UnblockIo<T> {
        assert!(capacity > 0, "a buffer needs at least one byte");
        UnblockIo {
            state: State::Idle(io),
            unread: Vec::new(),
            taken: 0,
            read: None,
            spare: Vec::new(),
            failed: None,
            flushed: None,
            seek: None,
            #[cfg(feature = "tokio-io")]
            seeking: None,
            capacity,
            location: Location::caller(),
        }
    }

    /// Sends an operation to the pool, if the value is idle.
    fn start(&mut self, operation: impl FnOnce(&mut T) -> Outcome + Send + 'static) {
        match std::mem::replace(&mut self.state, State::Gone) {
            State::Idle(mut io) => {
                self.state = State::Busy(spawn_blocking(move || {
                    let outcome = operation(&mut io);
                    Back { io, outcome }
                }));
            }
            other => self.state = other,
        }
    }

    /// Waits until the value is here, and files the outcome of what was under way.
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<&mut T>> {
        if let State::Busy(handle) = &mut self.state {
            // No operation of its own: it spends no budget.
            let polled = pin!(coop::unconstrained(handle)).poll(cx);
            let Poll::Ready(result) = polled else {
                return leaf::pending(&Wait {
                    kind: Kind::Blocking,
                    resource: std::ptr::from_ref(self).addr() as u64,
                    location: self.location,
                });
            };
            self.state = State::Gone;
            match result.map_err(sinew_task::JoinError::try_into_panic) {
                Ok(back) => self.file(back),
                Err(Ok(payload)) => resume_unwind(payload),
                Err(Err(_cancelled)) => {}
            }
        }
        Poll::Ready(match &mut self.state {
            State::Idle(io) => Ok(io),
            _ => Err(gone()),
        })
    }

    fn file(&mut self, back: Back<T>) {
        self.state = State::Idle(back.io);
        match back.outcome {
            Outcome::Read(result) => {
                self.read = Some(result.map(|bytes| {
                    self.unread = bytes;
                    self.taken = 0;
                }));
            }
            Outcome::Written(result, buffer) => {
                self.failed = result.err();
                self.spare = buffer;
            }
            Outcome::Flushed(result) => self.flushed = Some(result),
            Outcome::Sought(result) => {
                if let Some((_, outcome)) = &mut self.seek {
                    *outcome = Some(result);
                }
            }
            Outcome::Done => {}
        }
    }

    fn unread(&self) -> &[u8] {
        &self.unread[self.taken..]
    }

    /// The value itself, once it is idle. What was read ahead stays here.
    ///
    /// # Errors
    ///
    /// When the pool was shut down or an operation has panicked: the value has
    /// gone then.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn get_mut(&mut self) -> io::Result<&mut T> {
        poll_fn(|cx| self.poll_idle(cx).map_ok(|_| ())).await?;
        match &mut self.state {
            State::Idle(io) => Ok(io),
            _ => Err(gone()),
        }
    }

    /// Runs `f` on the value, on the pool.
    ///
    /// # Errors
    ///
    /// When the pool was shut down or an operation has panicked.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future lets a closure that was sent to the pool run, and
    /// loses its result.
    pub async fn with_mut<R, F>(&mut self, f: F) -> io::Result<R>
    where
        F: FnOnce(&mut T) -> R + Send + 'static,
        R: Send + 'static,
    {
        self.get_mut().await?;
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.start(move |io| {
            // If the other end was dropped, nobody wants to know.
            let _ = sender.send(f(io));
            Outcome::Done
        });
        self.get_mut().await?;
        receiver.try_recv().map_err(|_| gone())
    }

    /// The value itself, once it is idle. What was read ahead is lost; an error
    /// of a write that nobody was told of is given.
    ///
    /// # Errors
    ///
    /// The error of the last write, if it failed; an error if the pool was shut
    /// down or an operation has panicked.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the value.
    pub async fn into_inner(mut self) -> io::Result<T> {
        poll_fn(|cx| self.poll_idle(cx).map_ok(|_| ())).await?;
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        match std::mem::replace(&mut self.state, State::Gone) {
            State::Idle(io) => Ok(io),
            _ => Err(gone()),
        }
    }
}

impl<T: Read + Send + 'static> AsyncRead for UnblockIo<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        target: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let proceed = ready!(coop::poll_proceed(cx));
        let this = &mut *self;
        loop {
            // Also while a write is under way: it may be what is to be read.
            if this.unread().is_empty() && !target.is_empty() {
                ready!(this.poll_idle(cx))?;
            }
            let ended = this.read.take();
            let unread = this.unread();
            if !unread.is_empty() || target.is_empty() {
                let count = unread.len().min(target.len());
                target[..count].copy_from_slice(&unread[..count]);
                this.taken += count;
                proceed.made_progress();
                return Poll::Ready(Ok(count));
            }
            if let Some(result) = ended {
                proceed.made_progress();
                return Poll::Ready(result.map(|()| 0));
            }
            let capacity = this.capacity;
            let mut buffer = std::mem::take(&mut this.unread);
            this.taken = 0;
            this.start(move |io| {
                buffer.resize(capacity, 0);
                Outcome::Read(read(io, &mut buffer).map(|count| {
                    buffer.truncate(count);
                    buffer
                }))
            });
        }
    }
}

fn read(io: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match io.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

impl<T: Write + Send + 'static> AsyncWrite for UnblockIo<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        source: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(source)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        sources: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let proceed = ready!(coop::poll_proceed(cx));
        let this = &mut *self;
        ready!(this.poll_idle(cx))?;
        if let Some(error) = this.failed.take() {
            return Poll::Ready(Err(error));
        }
        let mut buffer = std::mem::take(&mut this.spare);
        buffer.clear();
        for source in sources {
            let room = this.capacity - buffer.len();
            buffer.extend_from_slice(&source[..source.len().min(room)]);
        }
        let count = buffer.len();
        if count > 0 {
            // A flush before does not speak of this write.
            this.flushed = None;
            this.start(move |io| Outcome::Written(io.write_all(&buffer), buffer));
        }
        proceed.made_progress();
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_idle(cx))?;
            if let Some(error) = self.failed.take() {
                return Poll::Ready(Err(error));
            }
            if let Some(result) = self.flushed.take() {
                return Poll::Ready(result);
            }
            self.start(|io| Outcome::Flushed(io.flush()));
        }
    }

    /// Flushes. The value itself is closed when it is dropped.
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl<T: Seek + Send + 'static> AsyncSeek for UnblockIo<T> {
    fn poll_seek(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        target: SeekFrom,
    ) -> Poll<io::Result<u64>> {
        loop {
            ready!(self.poll_idle(cx))?;
            if let Some(error) = self.failed.take() {
                return Poll::Ready(Err(error));
            }
            match self.seek.take() {
                // The outcome of another seek, which was given up, is nobody's.
                Some((asked, Some(result))) if asked == target => return Poll::Ready(result),
                _ => {}
            }
            let mut from = target;
            if let SeekFrom::Current(offset) = target {
                // Reading went ahead of what was given.
                let ahead = i64::try_from(self.unread().len()).unwrap_or(i64::MAX);
                from = SeekFrom::Current(offset.saturating_sub(ahead));
            }
            self.unread.clear();
            self.taken = 0;
            self.read = None;
            self.seek = Some((target, None));
            self.start(move |io| Outcome::Sought(io.seek(from)));
        }
    }
}

impl<T> fmt::Debug for UnblockIo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Idle(_) => "idle",
            State::Busy(_) => "busy",
            State::Gone => "gone",
        };
        f.debug_struct("UnblockIo")
            .field("state", &state)
            .field("unread", &(self.unread.len() - self.taken))
            .finish_non_exhaustive()
    }
}
