//! What a [`File`](super::File) and the pool's thread that works for it share.
//!
//! # State
//!
//! | field | meaning |
//! |---|---|
//! | `job` | what a closure on the pool does with the file; only it does IO then |
//! | `ahead` | bytes read and not yet given out: the system's position is that much ahead of ours |
//! | `read` | how the last read on the pool ended, until a reader has been told |
//! | `pending` | bytes accepted and not yet taken by the writing closure |
//! | `write_error` | an error that nobody has been told of |
//! | `sought` | where a seek on the pool has come to, until it is asked for |
//!
//! On a file that has a position, `ahead` and `pending` are never both non-empty:
//! a write gives back what was read ahead before it is accepted, and a read
//! waits for the writes. A pipe or a terminal has no position; its two
//! directions are independent.
//!
//! # Life cycle
//!
//! An operation that finds the file idle either does its IO itself, if that
//! cannot wait, or sets `job` and hands a closure to the pool. One that finds it
//! busy leaves its waker and is polled again when the closure is done. The
//! writing closure takes `pending` again and again until there is none, so that
//! many small writes cost few hops; then it goes from `Write` to `Finish`, in
//! which nothing is accepted that it would not see.
//!
//! # Invariants
//!
//! 1. `job` is set by whoever hands a closure over, under the lock, and cleared
//!    by that closure's [`Work`], also when it is dropped without having run.
//! 2. `pending` is empty unless `job` is `Write`.
//! 3. No IO that may wait is done, no waker is woken and nothing is handed to the
//!    pool under the lock: a pool that is shut down drops the closure at once.

use std::fs;
use std::future::poll_fn;
use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};
use std::mem;
use std::panic::Location;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use sinew_blocking::spawn_blocking;
use sinew_core::leaf::{self, Kind, Wait};

use crate::hop::{hop, named};

/// As many written bytes wait, and as many are read ahead, at most.
pub(super) const MAX: usize = 2 * 1024 * 1024;

pub(super) struct Shared {
    file: fs::File,
    path: Option<Box<Path>>,
    local: bool,
    state: Mutex<State>,
}

/// What a closure on the pool does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Job {
    Read,
    Write,
    /// Moves to a place counted from the end.
    Seek(i64),
    /// Has done its work and is about to say so.
    Finish,
}

pub(super) struct State {
    pub(super) job: Option<Job>,
    pub(super) ahead: Ahead,
    pub(super) read: Option<io::Result<()>>,
    pub(super) sought: Option<(i64, io::Result<u64>)>,
    pending: Vec<u8>,
    write_error: Option<io::Error>,
    waiting: Vec<Waker>,
    pub(super) max: usize,
    /// Whether the kernel has not yet said that it never reads this file without
    /// waiting, or writes it.
    pub(super) reads_nowait: bool,
    pub(super) writes_nowait: bool,
}

/// Bytes that were read ahead.
#[derive(Default)]
pub(super) struct Ahead {
    bytes: Vec<u8>,
    taken: usize,
}

impl Ahead {
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.taken
    }

    pub(super) fn take(&mut self, buf: &mut [u8]) -> usize {
        let count = self.len().min(buf.len());
        buf[..count].copy_from_slice(&self.bytes[self.taken..][..count]);
        self.taken += count;
        count
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.taken = 0;
    }

    /// The empty buffer, to be read into.
    fn reuse(&mut self) -> Vec<u8> {
        let mut bytes = mem::take(self).bytes;
        bytes.clear();
        bytes
    }
}

impl State {
    /// The error of a write that nobody has been told of.
    pub(super) fn write_outcome(&mut self) -> io::Result<()> {
        self.write_error.take().map_or(Ok(()), Err)
    }

    /// The job did not come to its end.
    fn fail(&mut self, job: Option<Job>, error: io::Error) {
        match job {
            Some(Job::Read) => self.read = Some(Err(error)),
            Some(Job::Seek(from_end)) => self.sought = Some((from_end, Err(error))),
            Some(Job::Write) => {
                self.pending.clear();
                self.write_error = Some(error);
            }
            Some(Job::Finish) | None => {}
        }
    }

    /// Takes as many bytes as there is room for.
    pub(super) fn accept(&mut self, bufs: &[IoSlice<'_>]) -> usize {
        let before = self.pending.len();
        for buf in bufs {
            let room = self.max.saturating_sub(self.pending.len());
            self.pending.extend_from_slice(&buf[..room.min(buf.len())]);
        }
        self.pending.len() - before
    }
}

impl Shared {
    pub(super) fn new(file: fs::File, path: Option<Box<Path>>, local: bool) -> Arc<Shared> {
        Arc::new(Shared {
            file,
            path,
            local,
            state: Mutex::new(State {
                job: None,
                ahead: Ahead::default(),
                read: None,
                sought: None,
                pending: Vec::new(),
                write_error: None,
                waiting: Vec::new(),
                max: MAX,
                reads_nowait: true,
                writes_nowait: true,
            }),
        })
    }

    /// The state of another descriptor of the same file.
    pub(super) fn beside(&self, file: fs::File) -> Arc<Shared> {
        let shared = Shared::new(file, self.path.clone(), self.local);
        shared.lock().max = self.lock().max;
        shared
    }

    pub(super) fn std(&self) -> &fs::File {
        &self.file
    }

    pub(super) fn is_local(&self) -> bool {
        self.local
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_busy(&self) -> bool {
        self.lock().job.is_some()
    }

    pub(super) fn named<T>(&self, verb: &str, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| match &self.path {
            Some(path) => named(verb, path, error),
            None => error,
        })
    }

    /// The file, of which nobody else may have a reference any more but a closure
    /// that is past its end.
    pub(super) fn into_file(mut shared: Arc<Shared>) -> fs::File {
        loop {
            shared = match Arc::try_unwrap(shared) {
                Ok(shared) => return shared.file,
                Err(shared) => shared,
            };
            // `Work` has cleared `job` and drops its reference next.
            thread::yield_now();
        }
    }

    /// Waits until no closure works on the file.
    pub(super) async fn idle(&self) {
        poll_fn(|cx| {
            let mut state = self.lock();
            if state.job.is_some() {
                return self.wait(&mut state, cx);
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Runs `f` on the pool, beside whatever is under way.
    pub(super) async fn on_pool<T: Send + 'static>(
        self: &Arc<Self>,
        verb: &'static str,
        f: impl FnOnce(&fs::File) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let shared = self.clone();
        hop(move || shared.named(verb, f(&shared.file))).await
    }

    /// Runs `f` on the pool after all writes, unless one of them has failed.
    pub(super) async fn written<T: Send + 'static>(
        self: &Arc<Self>,
        verb: &'static str,
        f: impl FnOnce(&fs::File) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        self.idle().await;
        self.lock().write_outcome()?;
        self.on_pool(verb, f).await
    }

    /// Leaves the waker of `cx` for the end of the closure that works.
    pub(super) fn wait<T>(&self, state: &mut State, cx: &mut Context<'_>) -> Poll<T> {
        if !state
            .waiting
            .iter()
            .any(|waker| waker.will_wake(cx.waker()))
        {
            state.waiting.push(cx.waker().clone());
        }
        leaf::pending(&Wait {
            kind: Kind::Blocking,
            resource: std::ptr::from_ref(self).addr() as u64,
            location: Location::caller(),
        })
    }

    /// Gives back what was read ahead, so that the system's position is ours.
    /// Moving the position by an amount asks no device.
    pub(super) fn rewind(&self, state: &mut State) {
        state.read = None;
        state.sought = None;
        let ahead = state.ahead.len();
        if ahead > 0 {
            let moved = (&self.file).seek(SeekFrom::Current(-(ahead as i64)));
            if moved.is_err() {
                // It has no position to go back to. The next read has the bytes.
                return;
            }
        }
        state.ahead.clear();
    }

    /// Reads up to `count` bytes on the pool.
    pub(super) fn start_read(self: &Arc<Self>, mut state: MutexGuard<'_, State>, count: usize) {
        let mut bytes = state.ahead.reuse();
        state.read = None;
        self.start(state, Job::Read, move |shared| {
            bytes.resize(count, 0);
            let read = retry(|| (&shared.file).read(&mut bytes));
            bytes.truncate(*read.as_ref().unwrap_or(&0));
            let read = shared.named("read", read);
            let mut state = shared.lock();
            state.ahead = Ahead { bytes, taken: 0 };
            state.read = Some(read.map(drop));
        });
    }

    /// Moves to a place that is counted from the end, on the pool.
    pub(super) fn start_seek(self: &Arc<Self>, state: MutexGuard<'_, State>, from_end: i64) {
        self.start(state, Job::Seek(from_end), move |shared| {
            let sought = (&shared.file).seek(SeekFrom::End(from_end));
            let sought = shared.named("seek in", sought);
            shared.lock().sought = Some((from_end, sought));
        });
    }

    /// Writes what is pending on the pool.
    pub(super) fn start_write(self: &Arc<Self>, state: MutexGuard<'_, State>) {
        self.start(state, Job::Write, |shared| {
            let mut bytes = Vec::new();
            loop {
                let written = (&shared.file).write_all(&bytes);
                bytes.clear();
                let mut state = shared.lock();
                if let Err(error) = shared.named("write to", written) {
                    state.pending.clear();
                    state.write_error = Some(error);
                }
                mem::swap(&mut bytes, &mut state.pending);
                if bytes.is_empty() {
                    state.job = Some(Job::Finish);
                    return;
                }
                // There is room again.
                let waiting = mem::take(&mut state.waiting);
                drop(state);
                waiting.into_iter().for_each(Waker::wake);
            }
        });
    }

    fn start(
        self: &Arc<Self>,
        mut state: MutexGuard<'_, State>,
        job: Job,
        f: impl FnOnce(&Shared) + Send + 'static,
    ) {
        state.job = Some(job);
        drop(state);
        let work = Work {
            shared: Some(self.clone()),
            done: false,
        };
        // Nobody awaits the task: `Work` tells of its end.
        drop(spawn_blocking(move || {
            let mut work = work;
            if let Some(shared) = &work.shared {
                f(shared);
            }
            work.done = true;
        }));
    }
}

/// The right of a closure to work on the file.
struct Work {
    /// Present until `drop`.
    shared: Option<Arc<Shared>>,
    done: bool,
}

impl Drop for Work {
    fn drop(&mut self) {
        let Some(shared) = self.shared.take() else {
            return;
        };
        let mut state = shared.lock();
        let job = state.job.take();
        if !self.done {
            state.fail(job, io::Error::other("the blocking pool was shut down"));
        }
        let waiting = mem::take(&mut state.waiting);
        drop(state);
        // Before the wakers, so that who is woken finds itself alone.
        drop(shared);
        waiting.into_iter().for_each(Waker::wake);
    }
}

/// Again, when a signal came in between.
fn retry<T>(mut f: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match f() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
