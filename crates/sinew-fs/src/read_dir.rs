//! Going through a directory.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, FileType, Metadata};
use std::future::poll_fn;
use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::vec;

use sinew_blocking::spawn_blocking;
use sinew_core::coop;
use sinew_task::JoinHandle;

use crate::hop::{hop, named, on_path};
use crate::metadata::symlink_metadata;

/// Entries in the first batch; each further one is twice as large, so that a
/// short look costs little and a long walk few hops.
const FIRST_BATCH: usize = 32;

/// Entries in a batch at most: what a directory that does not end may take.
const LARGEST_BATCH: usize = 1024;

/// The entries of a directory, as [`read_dir`] gives them. In no order; `.` and
/// `..` are left out.
pub struct ReadDir {
    state: State,
    /// Entries of the next batch.
    batch: usize,
}

type Entries = vec::IntoIter<io::Result<DirEntry>>;

enum State {
    /// Entries that are there, and the rest of the directory if there is more.
    Here(Entries, Option<Box<Rest>>),
    /// The next batch is being read.
    Reading(JoinHandle<(Entries, Option<Box<Rest>>)>),
}

struct Rest {
    entries: fs::ReadDir,
    path: Arc<Path>,
}

impl Rest {
    fn read(mut self: Box<Self>, batch: usize) -> (Entries, Option<Box<Rest>>) {
        let mut entries = Vec::with_capacity(batch);
        for entry in self.entries.by_ref().take(batch) {
            // The type is in the entry on most systems; where it is not, it is
            // asked for here, on the pool.
            let entry = entry.map(|std| DirEntry {
                file_type: std.file_type().ok(),
                std: Arc::new(std),
            });
            entries.push(entry.map_err(|error| named("read directory", &self.path, error)));
        }
        let more = entries.len() == batch;
        (entries.into_iter(), more.then_some(self))
    }
}

/// Opens a directory and reads its first entries.
///
/// # Errors
///
/// The system's, naming the path;
/// [`NotADirectory`](io::ErrorKind::NotADirectory) if it is none.
///
/// # Cancel safety
///
/// Nothing is lost when the future is dropped.
pub async fn read_dir(path: impl AsRef<Path>) -> io::Result<ReadDir> {
    on_path("read directory", path.as_ref(), |path| {
        let rest = Box::new(Rest {
            entries: fs::read_dir(path)?,
            path: path.into(),
        });
        let (entries, rest) = rest.read(FIRST_BATCH);
        Ok(ReadDir {
            state: State::Here(entries, rest),
            batch: FIRST_BATCH * 2,
        })
    })
    .await
}

impl ReadDir {
    /// The next entry; `None` after the last.
    ///
    /// # Errors
    ///
    /// The system's, naming the path. The next call goes on behind it.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: a batch that is being read is
    /// there for the next call.
    pub async fn next_entry(&mut self) -> io::Result<Option<DirEntry>> {
        poll_fn(|cx| self.poll_next_entry(cx)).await
    }

    /// The next entry, or notes the waker of `cx`; only that of the last call is
    /// kept.
    ///
    /// # Errors
    ///
    /// As [`next_entry`](Self::next_entry).
    pub fn poll_next_entry(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<DirEntry>>> {
        let proceed = ready!(coop::poll_proceed(cx));
        loop {
            match &mut self.state {
                State::Here(entries, rest) => {
                    if let Some(entry) = entries.next() {
                        proceed.made_progress();
                        return Poll::Ready(entry.map(Some));
                    }
                    let Some(rest) = rest.take() else {
                        proceed.made_progress();
                        return Poll::Ready(Ok(None));
                    };
                    let batch = self.batch;
                    self.batch = (batch * 2).min(LARGEST_BATCH);
                    self.state = State::Reading(spawn_blocking(move || rest.read(batch)));
                }
                State::Reading(reading) => {
                    let read = match ready!(Pin::new(reading).poll(cx)) {
                        Ok(read) => Ok(read),
                        Err(error) => match error.try_into_panic() {
                            Ok(payload) => resume_unwind(payload),
                            Err(error) => Err(io::Error::other(format!(
                                "the blocking pool was shut down: {error}"
                            ))),
                        },
                    };
                    let (entries, rest) = match read {
                        Ok(read) => read,
                        Err(error) => (vec![Err(error)].into_iter(), None),
                    };
                    self.state = State::Here(entries, rest);
                }
            }
        }
    }
}

impl fmt::Debug for ReadDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadDir").finish_non_exhaustive()
    }
}

/// One entry of a directory.
pub struct DirEntry {
    std: Arc<fs::DirEntry>,
    /// Known from reading the directory.
    file_type: Option<FileType>,
}

impl DirEntry {
    /// The directory's path with the entry's name.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.std.path()
    }

    /// The entry's name.
    #[must_use]
    pub fn file_name(&self) -> OsString {
        self.std.file_name()
    }

    /// What is known about it; about a link itself if it is one.
    ///
    /// # Errors
    ///
    /// The system's, naming the path.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn metadata(&self) -> io::Result<Metadata> {
        symlink_metadata(self.path()).await
    }

    /// What it is: a file, a directory, a link. Links are not followed.
    ///
    /// At hand without a question to the system in nearly all cases.
    ///
    /// # Errors
    ///
    /// The system's, naming the path.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn file_type(&self) -> io::Result<FileType> {
        if let Some(file_type) = self.file_type {
            return Ok(file_type);
        }
        let std = self.std.clone();
        hop(move || {
            std.file_type()
                .map_err(|error| named("look at", &std.path(), error))
        })
        .await
    }

    /// The entry's file number.
    #[cfg(unix)]
    #[must_use]
    pub fn ino(&self) -> u64 {
        std::os::unix::fs::DirEntryExt::ino(&*self.std)
    }
}

impl fmt::Debug for DirEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DirEntry").field(&self.path()).finish()
    }
}
