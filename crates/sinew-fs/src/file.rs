//! `File`: one open file.

use std::fmt;
use std::fs::{self, FileTimes, Metadata, Permissions};
use std::io;
use std::panic::Location;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use crate::OpenOptions;
use crate::backend::{self, Chosen};
use crate::provider::VirtualFile;
use crate::stand_in;

#[cfg(any(feature = "tokio-io", feature = "hyper"))]
mod adapters;
mod splice;
mod state;
#[cfg(test)]
mod tests;
mod traits;
mod virtual_arm;
mod waiting;
mod work;

use state::Shared;
use virtual_arm::Virtual;

/// An open file.
///
/// Read and written through the traits `AsyncRead`, `AsyncWrite` and `AsyncSeek`
/// with their extension methods. Dropping it closes it.
///
/// # Reads
///
/// What the kernel has in its cache is taken at once, straight into the caller's
/// buffer. Where it has to ask the disk, the [backend](crate::backend()) reads,
/// further ahead than was asked for, and the next reads are served from that.
///
/// # Writes
///
/// A write takes the bytes into a buffer and ends; the backend writes them, together with those that further writes have brought meanwhile. When as
/// many wait as [`set_max_buf_size`](Self::set_max_buf_size) allows, the next
/// write waits. **So a write that fails may be reported by the operation after it**:
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
    arm: Arm,
    /// Where a seek in tokio's two steps goes, between them.
    #[cfg(feature = "tokio-io")]
    seeking: Option<io::SeekFrom>,
}

enum Arm {
    System(Arc<Shared>),
    Virtual(Box<Virtual>),
}

impl File {
    fn new(arm: Arm) -> File {
        File {
            arm,
            #[cfg(feature = "tokio-io")]
            seeking: None,
        }
    }

    pub(crate) fn opened(std: fs::File, path: Box<Path>, local: bool, chosen: Chosen) -> File {
        splice::offer();
        File::new(Arm::System(Shared::new(std, Some(path), local, chosen)))
    }

    pub(crate) fn opened_virtually(
        io: Arc<dyn VirtualFile>,
        path: Box<Path>,
        append: bool,
        location: &'static Location<'static>,
    ) -> File {
        File::new(Arm::Virtual(Box::new(Virtual::new(
            io, path, append, location,
        ))))
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
    #[track_caller]
    pub fn open(path: impl AsRef<Path>) -> impl Future<Output = io::Result<File>> {
        let mut options = OpenOptions::new();
        options.read(true);
        options.into_open(path)
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
    #[track_caller]
    pub fn create(path: impl AsRef<Path>) -> impl Future<Output = io::Result<File>> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        options.into_open(path)
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
    #[track_caller]
    pub fn create_new(path: impl AsRef<Path>) -> impl Future<Output = io::Result<File>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        options.into_open(path)
    }

    /// How to open a file in another way: the same as [`OpenOptions::new`].
    #[must_use]
    pub fn options() -> OpenOptions {
        OpenOptions::new()
    }

    /// Takes over a file of `std`. Its position stays as it is.
    #[must_use]
    pub fn from_std(std: fs::File) -> File {
        File::new(Arm::System(Shared::new(
            std,
            None,
            false,
            backend::chosen(),
        )))
    }

    /// The file of `std`, after what was written has reached the system. Its
    /// position is behind what was read. An error of a write that nobody has been
    /// told of is lost: flush first.
    ///
    /// # Panics
    ///
    /// When the file is one of a virtual file system; see
    /// [`try_into_std`](Self::try_into_std).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the file, once the writes are done.
    pub async fn into_std(self) -> fs::File {
        let Arm::System(shared) = self.arm else {
            no_descriptor();
        };
        shared.idle().await;
        shared.rewind(&mut shared.lock());
        Shared::into_file(shared)
    }

    /// The file of `std`.
    ///
    /// # Errors
    ///
    /// Gives the file back if an operation is under way, or if it is one of a
    /// virtual file system.
    pub fn try_into_std(self) -> Result<fs::File, File> {
        match self.arm {
            Arm::System(shared) if !shared.is_busy() => {
                shared.rewind(&mut shared.lock());
                Ok(Shared::into_file(shared))
            }
            arm => Err(File {
                arm,
                #[cfg(feature = "tokio-io")]
                seeking: self.seeking,
            }),
        }
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
        match &self.arm {
            Arm::System(shared) => shared.sync(false).await,
            Arm::Virtual(virt) => virt.written("sync", |io| io.sync(false)).await,
        }
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
        match &self.arm {
            Arm::System(shared) => shared.sync(true).await,
            Arm::Virtual(virt) => virt.written("sync", |io| io.sync(true)).await,
        }
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
        const VERB: &str = "set the length of";
        match &self.arm {
            Arm::System(shared) => {
                shared.idle().await;
                shared.rewind(&mut shared.lock());
                shared.written(VERB, move |file| file.set_len(size)).await
            }
            Arm::Virtual(virt) => virt.written(VERB, |io| io.set_len(size)).await,
        }
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
        const VERB: &str = "look at";
        match &self.arm {
            Arm::System(shared) => {
                shared.idle().await;
                if shared.is_local() {
                    return shared.named(VERB, shared.std().metadata());
                }
                shared.on_pool(VERB, fs::File::metadata).await
            }
            Arm::Virtual(virt) => virt.metadata().await,
        }
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
        match &self.arm {
            Arm::System(shared) => {
                shared.idle().await;
                shared.rewind(&mut shared.lock());
                let std = shared.named("duplicate", shared.std().try_clone())?;
                Ok(File::new(Arm::System(shared.beside(std))))
            }
            Arm::Virtual(virt) => {
                let clone = virt.try_clone().await;
                Ok(File::new(Arm::Virtual(Box::new(clone))))
            }
        }
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
        const VERB: &str = "set the permissions of";
        match &self.arm {
            Arm::System(shared) => {
                let set = move |file: &fs::File| file.set_permissions(permissions);
                shared.on_pool(VERB, set).await
            }
            Arm::Virtual(virt) => {
                let mode = stand_in::mode(&permissions);
                virt.done(VERB, |io| io.set_mode(mode)).await
            }
        }
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
        match &self.arm {
            Arm::System(shared) => {
                let set = move |file: &fs::File| file.set_times(times);
                shared.written("set the times of", set).await
            }
            Arm::Virtual(virt) => virt.set_times(times).await,
        }
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
        match &self.arm {
            Arm::System(shared) => shared.lock().max = max_buf_size,
            Arm::Virtual(virt) => virt.set_max(max_buf_size),
        }
    }

    /// What [`set_max_buf_size`](Self::set_max_buf_size) has set.
    #[must_use]
    pub fn max_buf_size(&self) -> usize {
        match &self.arm {
            Arm::System(shared) => shared.lock().max,
            Arm::Virtual(virt) => virt.max(),
        }
    }
}

impl From<fs::File> for File {
    fn from(std: fs::File) -> File {
        File::from_std(std)
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("sinew::fs::File");
        match &self.arm {
            Arm::System(shared) => debug.field("std", shared.std()),
            Arm::Virtual(virt) => debug.field("virtual", virt.io()),
        };
        debug.finish()
    }
}

/// A virtual file was asked for what only the system's files have.
#[cold]
#[track_caller]
fn no_descriptor() -> ! {
    panic!("a file of a virtual file system has no descriptor");
}
