//! The boxed arm of a file: a provider's file, with the position and the writing
//! behind the caller's back that the provider leaves to us.
//!
//! # State
//!
//! | field | meaning |
//! |---|---|
//! | `job` | an operation of the provider that has begun; nothing else is begun meanwhile |
//! | `read` | how a read ended, and where it began, until a reader has been told |
//! | `end` | where the end of the file is, until the seek that asked has been told |
//! | `write_error` | an error that nobody has been told of |
//!
//! # Life cycle
//!
//! Whoever finds a job drives it on before anything else, so no task of our own is
//! needed. Several may wait, for the methods of a file that take `&self`; the
//! provider sees one waker, which wakes all of them. A write has accepted its bytes
//! once it has begun: if the provider does not end it at once, it becomes the job
//! and the writer goes on.
//!
//! # Invariants
//!
//! 1. `read` and `end` are of the file as it is: what may change it clears them.
//! 2. The provider's futures are polled under the lock of the state. So they must
//!    not use the same `File`; they do not know it.

use std::fs::{FileTimes, Metadata};
use std::future::poll_fn;
use std::io::{self, IoSlice, SeekFrom};
use std::panic::Location;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};

use super::state::MAX;
use super::waiting::Waiting;
use crate::hop::{named, wait};
use crate::provider::{Attributes, BoxFuture, VirtualFile};
use crate::stand_in;

pub(super) struct Virtual {
    io: Arc<dyn VirtualFile>,
    /// The position, which clones share.
    position: Arc<AtomicU64>,
    append: bool,
    path: Box<Path>,
    location: &'static Location<'static>,
    waiting: Arc<Waiting>,
    state: Mutex<State>,
}

struct State {
    job: Option<Job>,
    read: Option<(u64, io::Result<Vec<u8>>)>,
    end: Option<io::Result<u64>>,
    write_error: Option<io::Error>,
    max: usize,
}

enum Job {
    Read(u64, BoxFuture<Vec<u8>>),
    Write(Writing),
    End(BoxFuture<Attributes>),
}

struct Writing {
    /// What the operation has been given, or more.
    bytes: Vec<u8>,
    offset: u64,
    operation: BoxFuture<Written>,
}

/// How many bytes, and where the position is behind them.
type Written = (usize, u64);

impl State {
    fn forget(&mut self) {
        self.read = None;
        self.end = None;
    }

    fn write_outcome(&mut self) -> io::Result<()> {
        self.write_error.take().map_or(Ok(()), Err)
    }
}

impl Virtual {
    pub(super) fn new(
        io: Arc<dyn VirtualFile>,
        path: Box<Path>,
        append: bool,
        location: &'static Location<'static>,
    ) -> Virtual {
        Virtual {
            io,
            position: Arc::default(),
            append,
            path,
            location,
            waiting: Arc::default(),
            state: Mutex::new(State {
                job: None,
                read: None,
                end: None,
                write_error: None,
                max: MAX,
            }),
        }
    }

    pub(super) async fn try_clone(&self) -> Virtual {
        self.idle().await;
        let mut state = self.lock();
        state.forget();
        let clone = Virtual::new(
            self.io.clone(),
            self.path.clone(),
            self.append,
            self.location,
        );
        clone.lock().max = state.max;
        Virtual {
            position: self.position.clone(),
            ..clone
        }
    }

    pub(super) fn io(&self) -> &Arc<dyn VirtualFile> {
        &self.io
    }

    pub(super) fn max(&self) -> usize {
        self.lock().max
    }

    pub(super) fn set_max(&self, max: usize) {
        self.lock().max = max;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn position(&self) -> u64 {
        // ORDERING: a lone number. Clones that are used at once race for it with
        // any ordering; those used one after the other are ordered by whoever
        // hands over between them.
        self.position.load(Ordering::Relaxed)
    }

    fn set_position(&self, position: u64) {
        // ORDERING: as in `position`.
        self.position.store(position, Ordering::Relaxed);
    }

    fn named(&self, verb: &'static str) -> impl FnOnce(io::Error) -> io::Error + '_ {
        move |error| named(verb, &self.path, error)
    }

    /// Waits until no operation has been begun that has not ended.
    pub(super) async fn idle(&self) {
        poll_fn(|cx| self.poll_idle(&mut self.lock(), cx)).await;
    }

    /// Runs `operation` after all writes, unless one of them has failed.
    pub(super) async fn written<T>(
        &self,
        verb: &'static str,
        operation: impl FnOnce(&dyn VirtualFile) -> BoxFuture<T>,
    ) -> io::Result<T> {
        self.idle().await;
        self.lock().write_outcome()?;
        self.done(verb, operation).await
    }

    /// Runs `operation` beside whatever is under way.
    pub(super) async fn done<T>(
        &self,
        verb: &'static str,
        operation: impl FnOnce(&dyn VirtualFile) -> BoxFuture<T>,
    ) -> io::Result<T> {
        self.lock().forget();
        let done = wait(operation(&*self.io), self.location).await;
        done.map_err(self.named(verb))
    }

    pub(super) async fn metadata(&self) -> io::Result<Metadata> {
        const VERB: &str = "look at";
        self.idle().await;
        let attributes = self.done(VERB, |io| io.attributes()).await?;
        stand_in::metadata(&attributes).map_err(self.named(VERB))
    }

    pub(super) async fn set_times(&self, times: FileTimes) -> io::Result<()> {
        const VERB: &str = "set the times of";
        let attributes = self.written(VERB, |io| io.attributes()).await?;
        let times = stand_in::with_times(&attributes, times);
        let (accessed, modified) = times.map_err(self.named(VERB))?;
        self.done(VERB, |io| io.set_times(accessed, modified)).await
    }

    pub(super) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let proceed = ready!(coop::poll_proceed(cx));
        let mut state = self.lock();
        loop {
            ready!(self.poll_idle(&mut state, cx));
            state.write_outcome()?;
            state.end = None;
            let position = self.position();
            match state.read.take() {
                Some((offset, Ok(mut bytes))) if offset == position => {
                    let count = bytes.len().min(buf.len());
                    buf[..count].copy_from_slice(&bytes[..count]);
                    bytes.drain(..count);
                    let next = position + count as u64;
                    if !bytes.is_empty() {
                        state.read = Some((next, Ok(bytes)));
                    }
                    self.set_position(next);
                    proceed.made_progress();
                    return Poll::Ready(Ok(count));
                }
                Some((offset, Err(error))) if offset == position => {
                    proceed.made_progress();
                    return Poll::Ready(Err(self.named("read")(error)));
                }
                _ => {}
            }
            if buf.is_empty() {
                proceed.made_progress();
                return Poll::Ready(Ok(0));
            }
            let operation = self.io.read_at(position, buf.len().min(state.max));
            state.job = Some(Job::Read(position, operation));
        }
    }

    pub(super) fn poll_write(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let proceed = ready!(coop::poll_proceed(cx));
        let mut state = self.lock();
        ready!(self.poll_idle(&mut state, cx));
        proceed.made_progress();
        state.write_outcome()?;
        let mut bytes = Vec::new();
        for buf in bufs {
            let room = state.max - bytes.len();
            bytes.extend_from_slice(&buf[..room.min(buf.len())]);
        }
        let count = bytes.len();
        if count == 0 {
            return Poll::Ready(Ok(0));
        }
        state.forget();
        let offset = self.position();
        let mut operation = self.begin_write(offset, bytes.clone());
        match self.poll_operation(&mut operation, cx) {
            Poll::Ready(written) => {
                let written = written.map(|(count, behind)| {
                    self.set_position(behind);
                    count
                });
                Poll::Ready(written.map_err(self.named("write to")))
            }
            Poll::Pending => {
                self.set_position(offset + count as u64);
                state.job = Some(Job::Write(Writing {
                    bytes,
                    offset,
                    operation,
                }));
                Poll::Ready(Ok(count))
            }
        }
    }

    pub(super) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let proceed = ready!(coop::poll_proceed(cx));
        let mut state = self.lock();
        ready!(self.poll_idle(&mut state, cx));
        proceed.made_progress();
        Poll::Ready(state.write_outcome())
    }

    pub(super) fn poll_seek(&self, cx: &mut Context<'_>, to: SeekFrom) -> Poll<io::Result<u64>> {
        let proceed = ready!(coop::poll_proceed(cx));
        let mut state = self.lock();
        ready!(self.poll_idle(&mut state, cx));
        state.write_outcome()?;
        let known_end = state.end.take();
        state.read = None;
        let sought = match to {
            SeekFrom::Start(position) => checked(Some(position)),
            SeekFrom::Current(by) => checked(self.position().checked_add_signed(by)),
            SeekFrom::End(by) => {
                // The answer to the question that this future asked before, or now.
                let end = if let Some(end) = known_end {
                    end
                } else {
                    state.job = Some(Job::End(self.io.attributes()));
                    ready!(self.poll_idle(&mut state, cx));
                    state.end.take().expect("asked for by the job")
                };
                end.and_then(|end| checked(end.checked_add_signed(by)))
            }
        };
        proceed.made_progress();
        if let Ok(position) = sought {
            self.set_position(position);
        }
        Poll::Ready(sought.map_err(self.named("seek in")))
    }

    /// Begins to write `bytes`, with the guarantee that some are written.
    fn begin_write(&self, offset: u64, bytes: Vec<u8>) -> BoxFuture<Written> {
        if self.append {
            let operation = self.io.append(bytes);
            return Box::pin(async move { progress(operation.await?) });
        }
        let operation = self.io.write_at(offset, bytes);
        Box::pin(async move {
            let count = operation.await?;
            progress((count, offset + count as u64))
        })
    }

    /// Drives the job to its end.
    fn poll_idle(&self, state: &mut State, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match &mut state.job {
                None => return Poll::Ready(()),
                Some(Job::Read(offset, operation)) => {
                    let read = ready!(self.poll_operation(operation, cx));
                    state.read = Some((*offset, read));
                }
                Some(Job::End(operation)) => {
                    let attributes = ready!(self.poll_operation(operation, cx));
                    state.end = Some(attributes.map(|attributes| attributes.len));
                }
                Some(Job::Write(writing)) => {
                    match ready!(self.poll_operation(&mut writing.operation, cx)) {
                        Ok((count, behind)) => {
                            if count < writing.bytes.len() {
                                writing.bytes.drain(..count);
                                writing.offset = behind;
                                writing.operation = self.begin_write(behind, writing.bytes.clone());
                                continue;
                            }
                            if self.append {
                                self.set_position(behind);
                            }
                        }
                        Err(error) => {
                            self.set_position(writing.offset);
                            state.write_error = Some(self.named("write to")(error));
                        }
                    }
                }
            }
            state.job = None;
        }
    }

    fn poll_operation<T>(
        &self,
        operation: &mut BoxFuture<T>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        self.waiting.add(cx.waker());
        let waker = Waker::from(self.waiting.clone());
        match operation.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => leaf::pending(&Wait {
                kind: Kind::Blocking,
                resource: self.io.id(),
                location: self.location,
            }),
            done => done,
        }
    }
}

fn progress(written: Written) -> io::Result<Written> {
    if written.0 == 0 {
        return Err(io::ErrorKind::WriteZero.into());
    }
    Ok(written)
}

fn checked(position: Option<u64>) -> io::Result<u64> {
    position
        .filter(|position| *position <= i64::MAX as u64)
        .ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "a position before the start or beyond what a file can have",
            )
        })
}
