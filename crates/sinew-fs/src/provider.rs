//! The seam under the files: a virtual file system instead of the operating system's.
//!
//! Each function of this crate that takes a path, [`OpenOptions::open`](crate::OpenOptions::open)
//! among them, looks once, when it is called, whether a virtual file system is
//! [entered](enter) on its thread. If so, the operation is done there, and a file
//! that it opens stays there: a file that was opened before is not moved, and one
//! opened inside works outside as well. If not, the operating system is asked.
//! Files that come from `from_std` are the operating system's in any case.
//!
//! The traits speak of paths, offsets and bytes, not of descriptors. They are the
//! smallest set on which the whole surface can be built: copying, making a path of
//! directories and removing a tree are made of it, and so are a file's position,
//! its writes behind the caller's back, leaf registration and the cooperative
//! budget. [`memory`](crate::memory) is the first provider.
//!
//! # What begins runs to its end
//!
//! As with the operating system, an operation has begun when its method returns.
//! It takes its effect even if the future is dropped; the future is only how its
//! end is told. A provider that lets time pass must keep the work elsewhere than
//! in the future.
//!
//! # Metadata
//!
//! Programs name [`std::fs::Metadata`] and [`FileType`](std::fs::FileType) in
//! their own signatures, so the functions of this crate give these and no types of
//! their own. Only the operating system can make one. What a provider says in
//! [`Attributes`] is therefore given to a nameless file of the kernel's memory (a
//! short-lived entry of the temporary directory, where there is no such thing and
//! for directories and links), and that one's metadata is given out. Kind, length
//! (other than a directory's), rights and the two times are the provider's; device,
//! file number and owner are the stand-in's.
//!
//! ```
//! use sinew_fs::memory::FileSystem;
//!
//! let disk = FileSystem::new();
//! let _entered = disk.enter();
//! sinew_core::block_on(async {
//!     sinew_fs::create_dir("/etc").await?;
//!     sinew_fs::write("/etc/motd", "welcome").await?;
//!     assert_eq!(sinew_fs::metadata("/etc/motd").await?.len(), 7);
//!     std::io::Result::Ok(())
//! })?;
//! # std::io::Result::Ok(())
//! ```

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use sinew_core::{Ambient, Entered, Slot};

thread_local!(static SLOT: Slot<dyn VirtualFs> = const { Slot::new() });
static FS: Ambient<dyn VirtualFs> = Ambient::without_default(&SLOT);

/// A future of a provider's operation.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

/// Makes `fs` the file system of this thread until the guard is dropped.
pub fn enter(fs: Arc<dyn VirtualFs>) -> Entered<dyn VirtualFs> {
    FS.enter(fs)
}

/// The virtual file system that is entered on this thread, if any. One
/// thread-local load when there is none.
#[inline]
#[must_use]
pub fn entered() -> Option<Arc<dyn VirtualFs>> {
    FS.entered()
}

/// What a thing on a file system is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
}

/// What a provider knows about a file, a directory or a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// What it is.
    pub kind: FileKind,
    /// Its length in bytes; of a link, the length of what it points to.
    pub len: u64,
    /// The rights, as the lowest 12 bits of a Unix mode. Where there are no modes, a
    /// file is read-only if none may write.
    pub mode: u32,
    /// The time of the last access.
    pub accessed: SystemTime,
    /// The time of the last change of the content.
    pub modified: SystemTime,
}

/// How a file is to be opened. What does not go together has been refused before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Whether to open for reading.
    pub read: bool,
    /// Whether to open for writing.
    pub write: bool,
    /// Whether all writes go to the end of the file. The file then uses
    /// [`append`](VirtualFile::append) in place of [`write_at`](VirtualFile::write_at).
    pub append: bool,
    /// Whether to cut the file to nothing.
    pub truncate: bool,
    /// Whether to make the file if there is none.
    pub create: bool,
    /// Whether to make the file, and fail if there is something at its path, be it
    /// a link to nothing.
    pub create_new: bool,
    /// The rights of a file that is made, before the process's mask.
    pub mode: u32,
    /// Further flags of `open(2)`.
    pub custom_flags: i32,
}

impl Opening {
    /// Whether a file may be made.
    #[must_use]
    pub fn creates(&self) -> bool {
        self.create || self.create_new
    }

    /// Whether the file is to be written in one way or the other.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.write || self.append
    }
}

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, without the directory's.
    pub name: OsString,
    /// What it is; links are not followed.
    pub kind: FileKind,
    /// Its file number.
    pub id: u64,
}

/// A file system that is not the operating system's.
///
/// Errors have the kinds that the operating system's have; the functions of this
/// crate add the path to the message. Paths come as the program gave them:
/// relative ones start at whatever the provider takes for the current directory,
/// and one with a NUL is [`InvalidInput`](io::ErrorKind::InvalidInput).
///
/// See the [module](self) on futures that are dropped.
pub trait VirtualFs: Send + Sync {
    /// Opens a file.
    fn open(&self, path: &Path, opening: &Opening) -> BoxFuture<Arc<dyn VirtualFile>>;

    /// What is known about what is at `path`; about a link itself unless it is to
    /// be followed.
    fn attributes(&self, path: &Path, follow: bool) -> BoxFuture<Attributes>;

    /// Sets the rights; see [`Attributes::mode`]. Follows links.
    fn set_mode(&self, path: &Path, mode: u32) -> BoxFuture<()>;

    /// The entries of a directory, without `.` and `..`.
    fn read_dir(&self, path: &Path) -> BoxFuture<Vec<Entry>>;

    /// Makes a directory with these rights, before the process's mask.
    fn create_dir(&self, path: &Path, mode: u32) -> BoxFuture<()>;

    /// Removes an empty directory.
    fn remove_dir(&self, path: &Path) -> BoxFuture<()>;

    /// Removes a name of a file or a link. Open files stay usable.
    fn remove_file(&self, path: &Path) -> BoxFuture<()>;

    /// Gives what is at `from` the name `to`, in place of a file or an empty
    /// directory that is there.
    fn rename(&self, from: &Path, to: &Path) -> BoxFuture<()>;

    /// Gives a file a second name.
    fn hard_link(&self, original: &Path, link: &Path) -> BoxFuture<()>;

    /// Makes a link to `original`, which need not be there.
    fn symlink(&self, original: &Path, link: &Path) -> BoxFuture<()>;

    /// What the link at `path` points to.
    fn read_link(&self, path: &Path) -> BoxFuture<PathBuf>;

    /// The absolute path of what is at `path`, through no link.
    fn canonicalize(&self, path: &Path) -> BoxFuture<PathBuf>;
}

/// A file that a [`VirtualFs`] has opened. Dropping it closes it.
///
/// It has no position: that is kept outside, and shared by clones.
pub trait VirtualFile: Send + Sync + fmt::Debug {
    /// Up to `len` bytes from `offset` on; none only at the end of the file, or if
    /// `len` is 0.
    fn read_at(&self, offset: u64, len: usize) -> BoxFuture<Vec<u8>>;

    /// Writes `bytes` from `offset` on and gives how many were written, at least
    /// one if there are any. What lies between the end and `offset` becomes zeros.
    fn write_at(&self, offset: u64, bytes: Vec<u8>) -> BoxFuture<usize>;

    /// Writes `bytes` at the end, and gives how many were written, at least one if
    /// there are any, and where the end is then.
    fn append(&self, bytes: Vec<u8>) -> BoxFuture<(usize, u64)>;

    /// Waits until what was written is where a crash does not reach it; `data`
    /// leaves out metadata that is not needed to read it back.
    fn sync(&self, data: bool) -> BoxFuture<()>;

    /// Cuts the file, or fills it up with zeros, to this length.
    fn set_len(&self, len: u64) -> BoxFuture<()>;

    /// What is known about the file.
    fn attributes(&self) -> BoxFuture<Attributes>;

    /// Sets the rights; see [`Attributes::mode`].
    fn set_mode(&self, mode: u32) -> BoxFuture<()>;

    /// Sets both times.
    fn set_times(&self, accessed: SystemTime, modified: SystemTime) -> BoxFuture<()>;

    /// What tells this file apart from the provider's other files; shown when a
    /// task waits for it. 56 bits are kept.
    fn id(&self) -> u64;
}
