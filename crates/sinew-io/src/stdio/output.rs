//! A writer that blocks, on a thread of its own.
//!
//! Handles put [`Job`]s into the queue of an [`Output`], its thread does them in order. A job is
//! done once its `outcome` is set, which the thread does after the writing, and never taken back;
//! the handle that waits for it then sees it. No waker is called or dropped under a lock.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::panic::Location;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::thread;

use memchr::memrchr;
use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};

/// The most bytes that one write takes. Lines up to this length are written in one piece.
const MOST: usize = 64 * 1024;

/// Writes all of a piece and, if asked, flushes.
type WritePiece = fn(&[u8], bool) -> io::Result<()>;

pub(super) struct Output {
    name: &'static str,
    write: WritePiece,
    queue: Mutex<Queue>,
    /// Told when a job is put into the queue.
    more: Condvar,
}

struct Queue {
    jobs: VecDeque<Arc<Job>>,
    started: bool,
    /// The thread is at a job that it has taken out.
    busy: bool,
}

struct Job {
    bytes: Vec<u8>,
    flush: bool,
    progress: Mutex<Progress>,
}

#[derive(Default)]
struct Progress {
    outcome: Option<io::Result<()>>,
    waiting: Option<Waker>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing in the critical sections leaves the state half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Output {
    /// `name` is the thread's.
    pub(super) const fn new(name: &'static str, write: WritePiece) -> Self {
        Self {
            name,
            write,
            queue: Mutex::new(Queue {
                jobs: VecDeque::new(),
                started: false,
                busy: false,
            }),
            more: Condvar::new(),
        }
    }

    fn submit(&'static self, bytes: Vec<u8>, flush: bool) -> io::Result<Arc<Job>> {
        let job = Arc::new(Job {
            bytes,
            flush,
            progress: Mutex::default(),
        });
        let mut queue = lock(&self.queue);
        if !queue.started {
            // Under the lock, so that there is one; the thread starts by waiting for it.
            let thread = thread::Builder::new().name(self.name.to_owned());
            thread.spawn(|| self.run())?;
            queue.started = true;
        }
        queue.jobs.push_back(Arc::clone(&job));
        drop(queue);
        self.more.notify_one();
        Ok(job)
    }

    /// Whether all that was put into the queue is done.
    fn is_idle(&self) -> bool {
        let queue = lock(&self.queue);
        queue.jobs.is_empty() && !queue.busy
    }

    /// The thread.
    fn run(&self) {
        loop {
            let mut queue = self
                .more
                .wait_while(lock(&self.queue), |queue| queue.jobs.is_empty())
                .unwrap_or_else(PoisonError::into_inner);
            let job = queue.jobs.pop_front();
            queue.busy = job.is_some();
            drop(queue);
            let Some(job) = job else { continue };
            let outcome = (self.write)(&job.bytes, job.flush);
            // Before anybody can see the outcome: what is done is not waited for again.
            lock(&self.queue).busy = false;
            let mut progress = lock(&job.progress);
            progress.outcome = Some(outcome);
            let waiting = progress.waiting.take();
            drop(progress);
            if let Some(waker) = waiting {
                waker.wake();
            }
        }
    }
}

/// How a handle cuts what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// At the last newline: the beginning of a line waits for its end, or for a flush.
    Lines,
    /// Not at all.
    Nowhere,
}

/// A handle's side.
pub(super) struct Handle {
    output: &'static Output,
    cut: Cut,
    /// The beginning of a line; always empty if nothing is cut.
    begun: Vec<u8>,
    /// The piece on the way.
    job: Option<Arc<Job>>,
    /// Something was written since the last flush.
    unflushed: bool,
    /// The piece on the way is a flush's, which is over with it.
    flushing: bool,
    location: &'static Location<'static>,
}

impl Handle {
    pub(super) fn new(
        output: &'static Output,
        cut: Cut,
        location: &'static Location<'static>,
    ) -> Self {
        Self {
            output,
            cut,
            begun: Vec::new(),
            job: None,
            unflushed: false,
            flushing: false,
            location,
        }
    }

    /// Ready when no piece is on the way, with how the last one ended.
    fn poll_job(&mut self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        let Some(job) = &self.job else {
            return Poll::Ready(Ok(()));
        };
        let mut progress = lock(&job.progress);
        if let Some(outcome) = progress.outcome.take() {
            drop(progress);
            self.job = None;
            return Poll::Ready(outcome);
        }
        let stale = match &progress.waiting {
            Some(waker) if waker.will_wake(cx.waker()) => None,
            _ => progress.waiting.replace(cx.waker().clone()),
        };
        drop(progress);
        drop(stale);
        leaf::pending(&Wait {
            kind: Kind::Writable,
            resource: 0,
            location: self.location,
        })
    }

    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let proceed = ready!(coop::poll_proceed(cx));
        ready!(self.poll_job(cx))?;
        self.flushing = false;
        let before = self.begun.len();
        let mut piece = std::mem::take(&mut self.begun);
        for buf in bufs {
            let room = MOST.saturating_sub(piece.len() - before);
            piece.extend_from_slice(&buf[..buf.len().min(room)]);
        }
        let taken = piece.len() - before;
        if self.cut == Cut::Lines {
            // A line longer than all that is held back goes out in parts.
            let end = memrchr(b'\n', &piece).map(|at| at + 1);
            let end = end.unwrap_or(if piece.len() >= MOST { piece.len() } else { 0 });
            self.begun = piece.split_off(end);
        }
        if taken > 0 {
            self.unflushed = true;
        }
        if !piece.is_empty() {
            match self.output.submit(piece, false) {
                Ok(job) => self.job = Some(job),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        proceed.made_progress();
        Poll::Ready(Ok(taken))
    }

    /// Waits for what was written through this handle, and for what other handles have handed on
    /// before, those dropped included.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let proceed = ready!(coop::poll_proceed(cx));
        loop {
            let done = ready!(self.poll_job(cx));
            let flushed = std::mem::take(&mut self.flushing);
            done?;
            if flushed || (!self.unflushed && self.output.is_idle()) {
                proceed.made_progress();
                return Poll::Ready(Ok(()));
            }
            let begun = std::mem::take(&mut self.begun);
            self.job = Some(self.output.submit(begun, true)?);
            self.unflushed = false;
            self.flushing = true;
        }
    }
}

impl Drop for Handle {
    /// Hands on the line that was begun. Nobody waits for it.
    fn drop(&mut self) {
        if self.unflushed {
            let begun = std::mem::take(&mut self.begun);
            // Without a thread nobody could be told either.
            let _ = self.output.submit(begun, true);
        }
    }
}

#[cfg(test)]
mod tests;
