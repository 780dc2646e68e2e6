//! Names: links, renaming, removing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::hop::{on_path, on_paths};

/// The absolute path, with all links followed and no `.` or `..` in it.
///
/// # Errors
///
/// The system's, naming the path; also if there is nothing at it.
///
/// # Cancel safety
///
/// Nothing is lost when the future is dropped.
pub async fn canonicalize(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    on_path("resolve", path.as_ref(), |path| fs::canonicalize(path)).await
}

/// What the link at `path` points to.
///
/// # Errors
///
/// The system's, naming the path;
/// [`InvalidInput`](io::ErrorKind::InvalidInput) if it is not a link.
///
/// # Cancel safety
///
/// Nothing is lost when the future is dropped.
pub async fn read_link(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    on_path("read link", path.as_ref(), |path| fs::read_link(path)).await
}

/// Gives the file at `original` a second name.
///
/// # Errors
///
/// The system's, naming both paths.
///
/// # Cancel safety
///
/// Not cancel safe: once polled, it is done even if the future is dropped.
pub async fn hard_link(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    on_paths("link", original.as_ref(), link.as_ref(), |from, to| {
        fs::hard_link(from, to)
    })
    .await
}

/// Makes a link at `link` that points to `original`, which need not be there.
///
/// # Errors
///
/// The system's, naming both paths.
///
/// # Cancel safety
///
/// Not cancel safe: once polled, it is done even if the future is dropped.
#[cfg(unix)]
pub async fn symlink(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    on_paths("link", original.as_ref(), link.as_ref(), |from, to| {
        std::os::unix::fs::symlink(from, to)
    })
    .await
}

/// Makes a link at `link` that points to the directory `original`.
///
/// # Errors
///
/// The system's, naming both paths.
///
/// # Cancel safety
///
/// Not cancel safe: once polled, it is done even if the future is dropped.
#[cfg(windows)]
pub async fn symlink_dir(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    on_paths("link", original.as_ref(), link.as_ref(), |from, to| {
        std::os::windows::fs::symlink_dir(from, to)
    })
    .await
}

/// Makes a link at `link` that points to the file `original`.
///
/// # Errors
///
/// The system's, naming both paths.
///
/// # Cancel safety
///
/// Not cancel safe: once polled, it is done even if the future is dropped.
#[cfg(windows)]
pub async fn symlink_file(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    on_paths("link", original.as_ref(), link.as_ref(), |from, to| {
        std::os::windows::fs::symlink_file(from, to)
    })
    .await
}

/// Gives the file or directory at `from` the name `to`, and replaces a file that
/// is there.
///
/// # Errors
///
/// The system's, naming both paths; among others if they are on different file
/// systems.
///
/// # Cancel safety
///
/// Not cancel safe: once polled, it is done even if the future is dropped.
pub async fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
    on_paths("rename", from.as_ref(), to.as_ref(), |from, to| {
        fs::rename(from, to)
    })
    .await
}

/// Removes the name `path` of a file. The file goes with its last name, once
/// nobody has it open.
///
/// # Errors
///
/// The system's, naming the path.
///
/// # Cancel safety
///
/// Not cancel safe: once polled, it is done even if the future is dropped.
pub async fn remove_file(path: impl AsRef<Path>) -> io::Result<()> {
    on_path("remove", path.as_ref(), |path| fs::remove_file(path)).await
}
