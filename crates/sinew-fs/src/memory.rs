//! A file system inside the process: the first [provider].
//!
//! A [`FileSystem`] is one disk of its own, empty at first but for the root.
//! Nothing leaves the process: tests need no directory, clean up nothing, and can
//! have what is hard to have on a real disk, such as one that is
//! [full](FileSystem::with_capacity) or a clock that [stands
//! still](FileSystem::with_clock). What a local file system does on Unix, it does as
//! well:
//!
//! - paths go through links and `..`, relative ones begin at the root, and a path
//!   that ends in `/` is one of a directory;
//! - a file lives until its last name and its last opener are gone;
//! - what was never written is a hole: it reads as zeros and takes no room;
//! - renaming replaces a file or an empty directory at once, and refuses to move a
//!   directory into itself;
//! - the owner's rights count, for files when they are opened and for directories
//!   on the way: the program is the owner of all, and not the superuser. New
//!   things are made under the mask `022`.
//!
//! All operations end at once and what is written is safe at once; delays, faults
//! and crashes are for a simulator. The time of access changes only when it is set.
//!
//! ```
//! use sinew_fs::{File, memory::FileSystem};
//! use sinew_io::AsyncWriteExt;
//! use std::io::ErrorKind;
//!
//! // Room for one block.
//! let disk = FileSystem::with_capacity(4096);
//! let _entered = disk.enter();
//! sinew_core::block_on(async {
//!     let mut log = File::create("/log").await?;
//!     log.write_all(&[b'x'; 4096]).await?;
//!     let error = log.write_all(b"more").await.unwrap_err();
//!     assert_eq!(error.kind(), ErrorKind::StorageFull);
//!     assert_eq!(error.to_string(), "write to /log: no storage space");
//!     std::io::Result::Ok(())
//! })?;
//! # std::io::Result::Ok(())
//! ```

mod blocks;
mod file;
mod node;
mod tree;
mod walk;

use std::fmt;
use std::future::ready;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use sinew_core::Entered;

use crate::provider::{self, Attributes, BoxFuture, Entry, Opening, VirtualFile, VirtualFs};
use file::OpenFile;
use tree::Tree;

/// A file system inside the process. Clones are the same file system.
///
/// See the [module](self) for what it does.
#[derive(Clone)]
pub struct FileSystem {
    disk: Arc<Disk>,
}

struct Disk {
    tree: Mutex<Tree>,
}

impl Disk {
    fn lock(&self) -> MutexGuard<'_, Tree> {
        self.tree.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FileSystem {
    /// An empty file system that takes what the process's memory takes, and whose
    /// clock is the system's.
    #[must_use]
    pub fn new() -> Self {
        FileSystem::with(u64::MAX, Box::new(SystemTime::now))
    }

    /// One whose files hold `bytes` at most, in blocks of 4096. What goes beyond is
    /// [`StorageFull`](io::ErrorKind::StorageFull). Directories take nothing.
    #[must_use]
    pub fn with_capacity(bytes: u64) -> Self {
        FileSystem::with(bytes, Box::new(SystemTime::now))
    }

    /// One whose files get their times from `clock`, which must not use this file
    /// system.
    #[must_use]
    pub fn with_clock(clock: impl Fn() -> SystemTime + Send + 'static) -> Self {
        FileSystem::with(u64::MAX, Box::new(clock))
    }

    fn with(capacity: u64, clock: Box<dyn Fn() -> SystemTime + Send>) -> Self {
        FileSystem {
            disk: Arc::new(Disk {
                tree: Mutex::new(Tree::new(capacity, clock)),
            }),
        }
    }

    /// Makes this the file system of the current thread until the guard is dropped.
    pub fn enter(&self) -> Entered<dyn VirtualFs> {
        provider::enter(Arc::new(self.clone()))
    }

    /// The bytes that its files take: whole blocks of 4096, also of files that have
    /// no name any more but are open.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.disk.lock().used()
    }

    fn at_once<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Tree) -> io::Result<T>,
    ) -> BoxFuture<T> {
        Box::pin(ready(f(&mut self.disk.lock())))
    }
}

impl Default for FileSystem {
    fn default() -> Self {
        FileSystem::new()
    }
}

impl fmt::Debug for FileSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileSystem")
            .field("used", &self.used())
            .finish_non_exhaustive()
    }
}

impl VirtualFs for FileSystem {
    fn open(&self, path: &Path, opening: &Opening) -> BoxFuture<Arc<dyn VirtualFile>> {
        let opened = self.disk.lock().open(path, opening);
        Box::pin(ready(opened.map(|id| {
            Arc::new(OpenFile::new(self.disk.clone(), id, opening)) as Arc<dyn VirtualFile>
        })))
    }

    fn attributes(&self, path: &Path, follow: bool) -> BoxFuture<Attributes> {
        self.at_once(|tree| tree.attributes(path, follow))
    }

    fn set_mode(&self, path: &Path, mode: u32) -> BoxFuture<()> {
        self.at_once(|tree| tree.set_mode(path, mode))
    }

    fn read_dir(&self, path: &Path) -> BoxFuture<Vec<Entry>> {
        self.at_once(|tree| tree.read_dir(path))
    }

    fn create_dir(&self, path: &Path, mode: u32) -> BoxFuture<()> {
        self.at_once(|tree| tree.create_dir(path, mode))
    }

    fn remove_dir(&self, path: &Path) -> BoxFuture<()> {
        self.at_once(|tree| tree.remove_dir(path))
    }

    fn remove_file(&self, path: &Path) -> BoxFuture<()> {
        self.at_once(|tree| tree.remove_file(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> BoxFuture<()> {
        self.at_once(|tree| tree.rename(from, to))
    }

    fn hard_link(&self, original: &Path, link: &Path) -> BoxFuture<()> {
        self.at_once(|tree| tree.hard_link(original, link))
    }

    fn symlink(&self, original: &Path, link: &Path) -> BoxFuture<()> {
        self.at_once(|tree| tree.symlink(original, link))
    }

    fn read_link(&self, path: &Path) -> BoxFuture<PathBuf> {
        self.at_once(|tree| tree.read_link(path))
    }

    fn canonicalize(&self, path: &Path) -> BoxFuture<PathBuf> {
        self.at_once(|tree| tree.canonicalize(path))
    }
}
