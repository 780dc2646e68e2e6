//! What a [`File`](super::File) and those who work for it share: a thread of the
//! pool, or the [ring](crate::ring).
//!
//! # State
//!
//! | field | meaning |
//! |---|---|
//! | `job` | what a worker does with the file; only it does IO then |
//! | `ahead` | bytes read and not yet given out: the system's position is that much ahead of ours |
//! | `read` | how the last read on the pool ended, until a reader has been told |
//! | `pending` | bytes accepted and not yet taken by the writer |
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
//! cannot wait, or sets `job` and hands [`Work`](super::work) to a worker: a closure
//! on the pool, or a request in the ring. One that finds it busy leaves its waker
//! and is polled again when the work is done. The writer takes `pending` again and
//! again until there is none, so that many small writes cost few hops; then it goes
//! from `Write` to `Finish`, in which nothing is accepted that it would not see.
//!
//! # Invariants
//!
//! 1. `job` is set by whoever hands work over, under the lock, and cleared when
//!    that `Work` is dropped, be it that nobody has done it.
//! 2. `pending` is empty unless `job` is `Write`.
//! 3. No IO that may wait is done, no waker is woken and nothing is handed to a
//!    worker under the lock: a pool that is shut down drops the closure at once.

use std::fs;
use std::future::poll_fn;
use std::io::{self, IoSlice, Seek, SeekFrom};
use std::mem;
use std::panic::Location;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use sinew_core::leaf::{self, Kind, Wait};

use crate::backend::Chosen;
use crate::cached::Quick;
use crate::hop::named;
use crate::ring::Ring;

/// As many written bytes wait, and as many are read ahead, at most.
pub(super) const MAX: usize = 2 * 1024 * 1024;

pub(super) struct Shared {
    file: fs::File,
    path: Option<Box<Path>>,
    local: bool,
    chosen: Chosen,
    /// The ring, if this file goes there. Found out when it is first needed.
    ring: OnceLock<Option<&'static Ring>>,
    state: Mutex<State>,
}

/// What a worker does.
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
    pub(super) pending: Vec<u8>,
    pub(super) write_error: Option<io::Error>,
    pub(super) waiting: Vec<Waker>,
    pub(super) max: usize,
    pub(super) reads: Quick,
    pub(super) writes: Quick,
}

/// Bytes that were read ahead.
#[derive(Default)]
pub(super) struct Ahead {
    bytes: Vec<u8>,
    taken: usize,
}

impl Ahead {
    pub(super) fn new(bytes: Vec<u8>) -> Ahead {
        Ahead { bytes, taken: 0 }
    }

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

    /// The buffer, to be read into.
    pub(super) fn reuse(&mut self) -> Vec<u8> {
        mem::take(self).bytes
    }
}

impl State {
    /// The error of a write that nobody has been told of.
    pub(super) fn write_outcome(&mut self) -> io::Result<()> {
        self.write_error.take().map_or(Ok(()), Err)
    }

    /// Whether the next read or write tells how an earlier one has ended.
    #[cfg(target_os = "linux")]
    pub(super) fn has_result(&self) -> bool {
        self.read.is_some() || self.write_error.is_some()
    }

    /// The job did not come to its end.
    pub(super) fn fail(&mut self, job: Option<Job>, error: io::Error) {
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
    pub(super) fn new(
        file: fs::File,
        path: Option<Box<Path>>,
        local: bool,
        chosen: Chosen,
    ) -> Arc<Shared> {
        Arc::new(Shared {
            file,
            path,
            local,
            chosen,
            ring: OnceLock::new(),
            state: Mutex::new(State {
                job: None,
                ahead: Ahead::default(),
                read: None,
                sought: None,
                pending: Vec::new(),
                write_error: None,
                waiting: Vec::new(),
                max: MAX,
                reads: Quick::Cached,
                writes: Quick::Cached,
            }),
        })
    }

    /// The state of another descriptor of the same file.
    pub(super) fn beside(&self, file: fs::File) -> Arc<Shared> {
        let shared = Shared::new(file, self.path.clone(), self.local, self.chosen);
        shared.lock().max = self.lock().max;
        shared
    }

    pub(super) fn std(&self) -> &fs::File {
        &self.file
    }

    /// The ring, if it takes this file's reads or writes instead of the pool.
    pub(super) fn ring(&self, quick: Quick) -> Option<&'static Ring> {
        self.ring_for_sync().filter(|_| quick.suits_ring())
    }

    /// The ring, if it takes this file.
    pub(super) fn ring_for_sync(&self) -> Option<&'static Ring> {
        *self.ring.get_or_init(|| {
            let ring = self.chosen.ring();
            ring.filter(|ring| ring.takes(&self.file))
        })
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
}
