//! Files and directories, without blocking the thread that polls.
//!
//! | you want to | look at |
//! |---|---|
//! | read or write a whole file | [`read`], [`read_to_string`], [`write()`], [`copy`] |
//! | read or write a file piece by piece | [`File`], [`OpenOptions`] |
//! | go through a directory | [`read_dir`], [`ReadDir`], [`ReadDirStream`], [`DirEntry`] |
//! | know about a file | [`metadata`], [`symlink_metadata`], [`try_exists`], [`canonicalize`], [`read_link`] |
//! | change names and rights | [`rename`], [`hard_link`], [`symlink`], [`remove_file`], [`set_permissions`] |
//! | make and remove directories | [`create_dir`], [`create_dir_all`], [`DirBuilder`], [`remove_dir`], [`remove_dir_all`] |
//! | test without a disk | [`memory`], [`provider`] |
//! | know who waits for the disk | [`backend()`], [`Backend`] |
//!
//! Works under any executor: what blocks runs on the current blocking pool, or in
//! the kernel.
//!
//! # How it works
//!
//! Operating systems do not say when a file is ready; a read of one blocks if
//! the disk has to be asked. So each operation is handed to a thread of the
//! pool, as a whole: [`read`] is one hop, not one for each of open, read and
//! close. On a [`File`], writes are taken into a buffer and written behind the
//! caller's back, as many as come while the thread is busy in one go.
//!
//! On Linux most operations need no hop. The kernel can be asked for what it can
//! give *without waiting for a device*: a path whose parts are all in its name
//! cache (`openat2` with `RESOLVE_CACHED`), bytes that are all in its page cache
//! (`preadv2` with `RWF_NOWAIT`). What it gives is taken on the calling thread,
//! for the price of the system calls; what it refuses goes to the pool. Network
//! file systems, for which the name cache proves nothing, always go there.
//!
//! Reads, writes and syncs of a regular file that have to wait go to an io_uring
//! where the kernel allows one: see [`Backend`].
//!
//! # What a dropped future leaves behind
//!
//! An operation that was handed to the pool runs to its end even if its future
//! is dropped: a file may be removed although nobody waited for it. Each
//! function says so where it matters.
//!
//! # Errors
//!
//! They name the path; the system's number is found by
//! [`raw_os_error`](sinew_core::error::raw_os_error).
//!
//! # When not to use this crate
//!
//! A program that reads its configuration once, before it serves anyone, is
//! well served by `std::fs`. Long work on many files at once, as a search tool
//! does, belongs on threads of its own. Pipes, sockets and terminals have
//! readiness: use `sinew-net` or `sinew_reactor::Async` for them.
//!
//! # Example
//!
//! ```
//! use sinew_core::block_on;
//!
//! # fn main() -> std::io::Result<()> {
//! let dir = tempfile::tempdir()?;
//! let path = dir.path().join("greeting");
//! block_on(async {
//!     sinew_fs::write(&path, "hello").await?;
//!     assert_eq!(sinew_fs::read_to_string(&path).await?, "hello");
//!     sinew_fs::remove_file(&path).await
//! })
//! # }
//! ```

mod answer;
mod backend;
mod cached;
mod composed;
mod contents;
mod dir_builder;
mod directories;
mod file;
mod hop;
pub mod memory;
mod metadata;
mod open_options;
mod paths;
pub mod provider;
mod read_dir;
mod ring;
mod stand_in;

pub use backend::{Backend, EnteredBackend, backend};
pub use contents::{copy, read, read_to_string, write};
pub use dir_builder::DirBuilder;
pub use directories::{create_dir, create_dir_all, remove_dir, remove_dir_all};
pub use file::File;
pub use metadata::{metadata, set_permissions, symlink_metadata, try_exists};
pub use open_options::OpenOptions;
#[cfg(unix)]
pub use paths::symlink;
pub use paths::{canonicalize, hard_link, read_link, remove_file, rename};
#[cfg(windows)]
pub use paths::{symlink_dir, symlink_file};
pub use read_dir::{DirEntry, ReadDir, ReadDirStream, read_dir};

#[doc(no_inline)]
pub use std::fs::{FileTimes, FileType, Metadata, Permissions};
