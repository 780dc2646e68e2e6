//! What the pool's threads and the ring do for a file.
//!
//! The life cycle and the invariants are told in [`state`](super::state).

use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::mem;
use std::sync::{Arc, MutexGuard};
use std::task::Waker;

use sinew_blocking::spawn_blocking;

use super::state::{Ahead, Job, Shared, State};
use crate::answer::answer;
use crate::hop::hop;

impl Shared {
    /// Reads up to `count` bytes.
    pub(super) fn start_read(self: &Arc<Self>, mut state: MutexGuard<'_, State>, count: usize) {
        let mut bytes = state.ahead.reuse();
        state.read = None;
        let ring = self.ring(state.reads);
        let work = self.start(state, Job::Read);
        if let Some(ring) = ring {
            return ring.read(work, bytes, count, |work, read| {
                work.end(|shared| shared.end_read(read))
            });
        }
        on_pool(work, move |shared| {
            bytes.clear();
            bytes.resize(count, 0);
            let read = retry(|| shared.std().read(&mut bytes));
            shared.end_read(read.map(|count| {
                bytes.truncate(count);
                bytes
            }));
        });
    }

    fn end_read(&self, read: io::Result<Vec<u8>>) {
        let read = self.named("read", read);
        let mut state = self.lock();
        state.read = Some(read.map(|bytes| state.ahead = Ahead::new(bytes)));
    }

    /// Moves to a place that is counted from the end, on the pool.
    pub(super) fn start_seek(self: &Arc<Self>, state: MutexGuard<'_, State>, from_end: i64) {
        on_pool(self.start(state, Job::Seek(from_end)), move |shared| {
            let sought = shared.std().seek(SeekFrom::End(from_end));
            let sought = shared.named("seek in", sought);
            shared.lock().sought = Some((from_end, sought));
        });
    }

    /// Writes what is pending.
    pub(super) fn start_write(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        if let Some(ring) = self.ring(state.writes) {
            let bytes = mem::take(&mut state.pending);
            let work = self.start(state, Job::Write);
            return ring.write(work, bytes, |work, written, bytes| {
                work.shared().next_to_write(written, bytes)
            });
        }
        on_pool(self.start(state, Job::Write), |shared| {
            let mut bytes = Vec::new();
            let mut written = Ok(());
            while let Some(next) = shared.next_to_write(written, bytes) {
                written = shared.std().write_all(&next);
                bytes = next;
            }
        });
    }

    /// Takes note of how `bytes` were written, and gives what is pending. When there
    /// is nothing, the job is about to end.
    fn next_to_write(&self, written: io::Result<()>, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
        bytes.clear();
        let mut state = self.lock();
        if let Err(error) = self.named("write to", written) {
            state.pending.clear();
            state.write_error = Some(error);
        }
        mem::swap(&mut bytes, &mut state.pending);
        if bytes.is_empty() {
            state.job = Some(Job::Finish);
            return None;
        }
        // There is room again.
        let waiting = mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
        Some(bytes)
    }

    /// Brings what was written to the disk, unless a write has failed.
    pub(super) async fn sync(self: &Arc<Self>, data: bool) -> io::Result<()> {
        const VERB: &str = "sync";
        self.idle().await;
        self.lock().write_outcome()?;
        let Some(ring) = self.ring_for_sync() else {
            return self.on_pool(VERB, move |file| sync(file, data)).await;
        };
        let (teller, told) = answer();
        ring.sync(Syncing(self.clone()), data, |shared, synced| {
            // First, since who is told may want the file for itself.
            drop(shared);
            teller.tell(synced);
        });
        self.named(VERB, told.await)
    }

    /// Runs `f` on the pool, beside whatever is under way.
    pub(super) async fn on_pool<T: Send + 'static>(
        self: &Arc<Self>,
        verb: &'static str,
        f: impl FnOnce(&fs::File) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let shared = self.clone();
        hop(move || shared.named(verb, f(shared.std()))).await
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

    fn start(self: &Arc<Self>, mut state: MutexGuard<'_, State>, job: Job) -> Work {
        state.job = Some(job);
        drop(state);
        Work {
            shared: Some(self.clone()),
            done: false,
        }
    }
}

fn sync(file: &fs::File, data: bool) -> io::Result<()> {
    if data {
        file.sync_data()
    } else {
        file.sync_all()
    }
}

fn on_pool(work: Work, f: impl FnOnce(&Shared) + Send + 'static) {
    // Nobody awaits the task: `Work` tells of its end.
    drop(spawn_blocking(move || work.end(f)));
}

/// The right to work on the file.
struct Work {
    /// Present until `drop`.
    shared: Option<Arc<Shared>>,
    done: bool,
}

impl Work {
    fn shared(&self) -> &Shared {
        self.shared.as_ref().expect("present until it is dropped")
    }

    /// Does the last of the work.
    fn end(mut self, f: impl FnOnce(&Shared)) {
        f(self.shared());
        self.done = true;
    }
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

impl AsRef<fs::File> for Work {
    fn as_ref(&self) -> &fs::File {
        self.shared().std()
    }
}

/// A file that is being synced, whatever else is done with it.
struct Syncing(Arc<Shared>);

impl AsRef<fs::File> for Syncing {
    fn as_ref(&self) -> &fs::File {
        self.0.std()
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
