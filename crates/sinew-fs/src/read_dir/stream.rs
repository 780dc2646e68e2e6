//! The entries as a stream.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::{DirEntry, ReadDir};

/// The entries of a directory as a stream, which ends after the last. An error is
/// one of its items, and the stream goes on behind it.
///
/// # Cancel safety
///
/// An entry that no poll has yielded is there for the next one, or for the
/// [`ReadDir`] that is given back.
///
/// # Examples
///
/// ```
/// use futures::TryStreamExt;
/// use sinew_fs::{ReadDirStream, read_dir};
///
/// # sinew_core::block_on(async {
/// let entries = ReadDirStream::new(read_dir(".").await?);
/// let names: Vec<_> = entries.map_ok(|entry| entry.file_name()).try_collect().await?;
/// assert!(names.iter().any(|name| name == "Cargo.toml"));
/// # std::io::Result::Ok(())
/// # })?;
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct ReadDirStream(ReadDir);

impl ReadDirStream {
    /// The entries that `entries` has not yet given.
    pub fn new(entries: ReadDir) -> ReadDirStream {
        ReadDirStream(entries)
    }

    /// What is left of the directory.
    pub fn into_inner(self) -> ReadDir {
        self.0
    }
}

impl Stream for ReadDirStream {
    type Item = io::Result<DirEntry>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<DirEntry>>> {
        self.0.poll_next_entry(cx).map(Result::transpose)
    }
}

impl AsRef<ReadDir> for ReadDirStream {
    fn as_ref(&self) -> &ReadDir {
        &self.0
    }
}

impl AsMut<ReadDir> for ReadDirStream {
    fn as_mut(&mut self) -> &mut ReadDir {
        &mut self.0
    }
}
