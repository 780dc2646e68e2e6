//! Going through a directory.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, FileType, Metadata};
use std::future::poll_fn;
use std::io;
use std::panic::{RefUnwindSafe, UnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::vec;

use sinew_blocking::spawn_blocking;
use sinew_core::coop;
use sinew_task::JoinHandle;

use crate::composed;
use crate::hop::{hop_with, named, wait};
use crate::metadata;
use crate::provider::{Entry, VirtualFs};
use crate::stand_in;

mod stream;

pub use stream::ReadDirStream;

/// Entries in the first batch: most directories have fewer, and then one hop opens,
/// reads and closes them. The system has given as many, or more, with its first
/// answer, and to make entries of them takes less time than another hop.
const FIRST_BATCH: usize = 256;

/// Entries in each further batch: about what the system gives with one answer, and all
/// that a directory that does not end may take at once.
const BATCH: usize = 1024;

/// For how many entries room is made before there are any.
const ROOM: usize = 32;

/// The entries of a directory, as [`read_dir`] gives them. In no order; `.` and
/// `..` are left out.
pub struct ReadDir {
    state: State,
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
        let mut entries = Vec::with_capacity(ROOM);
        for entry in self.entries.by_ref().take(batch) {
            // The type is in the entry on most systems; where it is not, it is
            // asked for here, on the pool.
            let entry = entry.map(|std| {
                DirEntry(Arm::System {
                    file_type: std.file_type().ok(),
                    std,
                })
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
#[track_caller]
pub fn read_dir(path: impl AsRef<Path>) -> impl Future<Output = io::Result<ReadDir>> {
    const VERB: &str = "read directory";
    let entered = composed::entered();
    async move {
        let path = path.as_ref();
        let Some(virt) = entered else {
            return hop_with(VERB, path, open).await;
        };
        let entries = wait(virt.fs.read_dir(path), virt.location).await;
        let entries = entries.map_err(|error| named(VERB, path, error))?;
        let entries: Vec<_> = entries
            .into_iter()
            .map(|entry| {
                Ok(DirEntry(Arm::Virtual {
                    fs: virt.fs.clone(),
                    path: path.join(&entry.name),
                    entry,
                }))
            })
            .collect();
        Ok(ReadDir {
            state: State::Here(entries.into_iter(), None),
        })
    }
}

fn open(path: &Path) -> io::Result<ReadDir> {
    let rest = Box::new(Rest {
        entries: fs::read_dir(path)?,
        path: path.into(),
    });
    let (entries, rest) = rest.read(FIRST_BATCH);
    Ok(ReadDir {
        state: State::Here(entries, rest),
    })
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
                    self.state = State::Reading(spawn_blocking(move || rest.read(BATCH)));
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
pub struct DirEntry(Arm);

enum Arm {
    System {
        std: fs::DirEntry,
        /// Known from reading the directory.
        file_type: Option<FileType>,
    },
    Virtual {
        fs: Arc<dyn VirtualFs>,
        path: PathBuf,
        entry: Entry,
    },
}

// Read only: a panic around it leaves nothing half done. The trait object hides that.
impl UnwindSafe for DirEntry {}
impl RefUnwindSafe for DirEntry {}

impl DirEntry {
    /// The directory's path with the entry's name.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        match &self.0 {
            Arm::System { std, .. } => std.path(),
            Arm::Virtual { path, .. } => path.clone(),
        }
    }

    /// The entry's name.
    #[must_use]
    pub fn file_name(&self) -> OsString {
        match &self.0 {
            Arm::System { std, .. } => std.file_name(),
            Arm::Virtual { entry, .. } => entry.name.clone(),
        }
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
        let fs = match &self.0 {
            Arm::System { .. } => None,
            Arm::Virtual { fs, .. } => Some(fs.clone()),
        };
        metadata::of(composed::on(fs), self.path(), false).await
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
        match &self.0 {
            Arm::System {
                file_type: Some(file_type),
                ..
            } => Ok(*file_type),
            // As `std` does, for an entry that says nothing.
            Arm::System { std, .. } => {
                let look = |path: &Path| fs::symlink_metadata(path).map(|known| known.file_type());
                hop_with("look at", &std.path(), look).await
            }
            Arm::Virtual { entry, .. } => stand_in::file_type(entry.kind),
        }
    }

    /// The entry's file number.
    #[cfg(unix)]
    #[must_use]
    pub fn ino(&self) -> u64 {
        match &self.0 {
            Arm::System { std, .. } => std::os::unix::fs::DirEntryExt::ino(std),
            Arm::Virtual { entry, .. } => entry.id,
        }
    }
}

impl fmt::Debug for DirEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DirEntry").field(&self.path()).finish()
    }
}
