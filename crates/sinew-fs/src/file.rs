//! `File`: one open file.

use std::fmt;
use std::fs::{self, FileTimes, Metadata, Permissions};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use crate::OpenOptions;
use crate::hop::hop;

mod state;
#[cfg(test)]
mod tests;
#[cfg(feature = "tokio-io")]
mod tokio_io;
mod traits;

use state::Shared;

/// An open file.
///
/// Read and written through the traits `AsyncRead`, `AsyncWrite` and `AsyncSeek`
/// with their extension methods. Dropping it closes it.
///
/// # Reads
///
/// What the kernel has in its cache is taken at once, straight into the caller's
/// buffer. Where it has to ask the disk, a thread of the pool reads, further
/// ahead than was asked for, and the next reads are served from that.
///
/// # Writes
///
/// A write takes the bytes into a buffer and ends; a thread of the pool writes
/// them, together with those that further writes have brought meanwhile. When as
/// many wait as [`set_max_buf_size`](Self::set_max_buf_size) allows, the next
/// write waits. **So a write that fails is reported by the operation after it**:
/// the next read, write, seek or flush, [`sync_all`](Self::sync_all) or
/// [`sync_data`](Self::sync_data). What was accepted behind it is discarded then.
/// Flush before the end, or the last error goes nowhere:
///
/// ```
/// use sinew_fs::File;
/// use sinew_io::AsyncWriteExt;
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("file");
/// # sinew_core::block_on(async {
/// let mut file = File::create(path).await?;
/// file.write_all(b"some bytes").await?;
/// file.flush().await?;
/// # std::io::Result::Ok(()) })?;
/// # std::io::Result::Ok(())
/// ```
///
/// A file that is dropped with writes under way is closed when they are done.
///
/// # Cancel safety
///
/// A read, write or seek may be dropped at any time; the file stays usable. A
/// dropped read has taken nothing: the bytes come with the next one. A dropped
/// write has accepted nothing. After a dropped seek the position is either the
/// old or the new one.
pub struct File {
    shared: Arc<Shared>,
}

impl File {
    pub(crate) fn opened(std: fs::File, path: Box<Path>, local: bool) -> File {
        File {
            shared: Shared::new(std, Some(path), local),
        }
    }

    /// Opens a file for reading.
    ///
    /// # Errors
    ///
    /// The system's, naming the path.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn open(path: impl AsRef<Path>) -> io::Result<File> {
        OpenOptions::new().read(true).open(path).await
    }

    /// Opens a file for writing: makes it if there is none, and empties it if
    /// there is one.
    ///
    /// # Errors
    ///
    /// The system's, naming the path.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: once polled, the file is made and emptied even if the
    /// future is dropped.
    pub async fn create(path: impl AsRef<Path>) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        options.open(path).await
    }

    /// Makes a file, for reading and writing, and fails if there is one.
    ///
    /// # Errors
    ///
    /// The system's, naming the path;
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: once polled, the file is made even if the future is
    /// dropped.
    pub async fn create_new(path: impl AsRef<Path>) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        options.open(path).await
    }

    /// How to open a file in another way: the same as [`OpenOptions::new`].
    #[must_use]
    pub fn options() -> OpenOptions {
        OpenOptions::new()
    }

    /// Takes over a file of `std`. Its position stays as it is.
    #[must_use]
    pub fn from_std(std: fs::File) -> File {
        File {
            shared: Shared::new(std, None, false),
        }
    }

    /// The file of `std`, after what was written has reached the system. Its
    /// position is behind what was read. An error of a write that nobody has been
    /// told of is lost: flush first.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the file, once the writes are done.
    pub async fn into_std(self) -> fs::File {
        self.shared.idle().await;
        self.shared.rewind(&mut self.shared.lock());
        Shared::into_file(self.shared)
    }

    /// The file of `std`.
    ///
    /// # Errors
    ///
    /// Gives the file back if an operation is under way.
    pub fn try_into_std(self) -> Result<fs::File, File> {
        if self.shared.is_busy() {
            return Err(self);
        }
        self.shared.rewind(&mut self.shared.lock());
        Ok(Shared::into_file(self.shared))
    }

    /// Waits until all that was written, and the metadata, is on the disk.
    ///
    /// # Errors
    ///
    /// That of an earlier write which was not reported yet, or the system's,
    /// naming the path.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped; an error of a write that it
    /// was about to report is reported by the next operation.
    pub async fn sync_all(&self) -> io::Result<()> {
        self.written("sync", fs::File::sync_all).await
    }

    /// As [`sync_all`](Self::sync_all), without the metadata that is not needed to
    /// read the data back.
    ///
    /// # Errors
    ///
    /// As [`sync_all`](Self::sync_all).
    ///
    /// # Cancel safety
    ///
    /// As [`sync_all`](Self::sync_all).
    pub async fn sync_data(&self) -> io::Result<()> {
        self.written("sync", fs::File::sync_data).await
    }

    /// Cuts the file, or fills it up with zeros, to this length. The position
    /// stays.
    ///
    /// # Errors
    ///
    /// That of an earlier write which was not reported yet, or the system's,
    /// naming the path.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: once polled, it is done even if the future is dropped.
    pub async fn set_len(&self, size: u64) -> io::Result<()> {
        self.shared.idle().await;
        self.shared.rewind(&mut self.shared.lock());
        self.written("set the length of", move |file| file.set_len(size))
            .await
    }

    /// What is known about the file, with what was written.
    ///
    /// # Errors
    ///
    /// The system's, naming the path.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn metadata(&self) -> io::Result<Metadata> {
        self.shared.idle().await;
        if self.shared.is_local() {
            return self.shared.named("look at", self.shared.std().metadata());
        }
        self.on_pool("look at", fs::File::metadata).await
    }

    /// A second handle to the open file. Both share one position; what one has
    /// read ahead is given back first.
    ///
    /// # Errors
    ///
    /// The system's, naming the path.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn try_clone(&self) -> io::Result<File> {
        self.shared.idle().await;
        self.shared.rewind(&mut self.shared.lock());
        let std = self
            .shared
            .named("duplicate", self.shared.std().try_clone())?;
        Ok(File {
            shared: self.shared.beside(std),
        })
    }

    /// Sets the file's rights.
    ///
    /// # Errors
    ///
    /// The system's, naming the path.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: once polled, it is done even if the future is dropped.
    pub async fn set_permissions(&self, permissions: Permissions) -> io::Result<()> {
        self.on_pool("set the permissions of", move |file| {
            file.set_permissions(permissions)
        })
        .await
    }

    /// Sets the file's times, after what was written, which would set them anew.
    ///
    /// # Errors
    ///
    /// That of an earlier write which was not reported yet, or the system's,
    /// naming the path.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: once polled, it is done even if the future is dropped.
    pub async fn set_times(&self, times: FileTimes) -> io::Result<()> {
        self.written("set the times of", move |file| file.set_times(times))
            .await
    }

    /// Sets the time of the last change, as [`set_times`](Self::set_times) does.
    ///
    /// # Errors
    ///
    /// As [`set_times`](Self::set_times).
    ///
    /// # Cancel safety
    ///
    /// As [`set_times`](Self::set_times).
    pub async fn set_modified(&self, time: SystemTime) -> io::Result<()> {
        self.set_times(FileTimes::new().set_modified(time)).await
    }

    /// Sets how many written bytes may wait, and how many are read ahead at most:
    /// 2 MiB if it is not set. No read or write takes more in one go.
    ///
    /// # Panics
    ///
    /// When it is zero.
    #[track_caller]
    pub fn set_max_buf_size(&mut self, max_buf_size: usize) {
        assert!(max_buf_size > 0, "`max_buf_size` must be greater than 0");
        self.shared.lock().max = max_buf_size;
    }

    /// What [`set_max_buf_size`](Self::set_max_buf_size) has set.
    #[must_use]
    pub fn max_buf_size(&self) -> usize {
        self.shared.lock().max
    }

    async fn on_pool<T: Send + 'static>(
        &self,
        verb: &'static str,
        f: impl FnOnce(&fs::File) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let shared = self.shared.clone();
        hop(move || shared.named(verb, f(shared.std()))).await
    }

    /// Runs `f` on the pool after all writes, unless one of them has failed.
    async fn written<T: Send + 'static>(
        &self,
        verb: &'static str,
        f: impl FnOnce(&fs::File) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        self.shared.idle().await;
        self.shared.lock().write_outcome()?;
        self.on_pool(verb, f).await
    }
}

impl From<fs::File> for File {
    fn from(std: fs::File) -> File {
        File::from_std(std)
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("sinew::fs::File")
            .field("std", self.shared.std())
            .finish()
    }
}
