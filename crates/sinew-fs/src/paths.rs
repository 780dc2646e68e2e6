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
#[track_caller]
pub fn canonicalize(path: impl AsRef<Path>) -> impl Future<Output = io::Result<PathBuf>> {
    on_path(
        "resolve",
        path,
        |path| fs::canonicalize(path),
        |fs, path| fs.canonicalize(path),
    )
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
#[track_caller]
pub fn read_link(path: impl AsRef<Path>) -> impl Future<Output = io::Result<PathBuf>> {
    on_path(
        "read link",
        path,
        |path| fs::read_link(path),
        |fs, path| fs.read_link(path),
    )
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
#[track_caller]
pub fn hard_link(
    original: impl AsRef<Path>,
    link: impl AsRef<Path>,
) -> impl Future<Output = io::Result<()>> {
    on_paths(
        "link",
        original,
        link,
        |from, to| fs::hard_link(from, to),
        |fs, from, to| fs.hard_link(from, to),
    )
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
#[track_caller]
pub fn symlink(
    original: impl AsRef<Path>,
    link: impl AsRef<Path>,
) -> impl Future<Output = io::Result<()>> {
    on_paths(
        "link",
        original,
        link,
        |from, to| std::os::unix::fs::symlink(from, to),
        |fs, from, to| fs.symlink(from, to),
    )
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
#[track_caller]
pub fn symlink_dir(
    original: impl AsRef<Path>,
    link: impl AsRef<Path>,
) -> impl Future<Output = io::Result<()>> {
    on_paths(
        "link",
        original,
        link,
        |from, to| std::os::windows::fs::symlink_dir(from, to),
        |fs, from, to| fs.symlink(from, to),
    )
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
#[track_caller]
pub fn symlink_file(
    original: impl AsRef<Path>,
    link: impl AsRef<Path>,
) -> impl Future<Output = io::Result<()>> {
    on_paths(
        "link",
        original,
        link,
        |from, to| std::os::windows::fs::symlink_file(from, to),
        |fs, from, to| fs.symlink(from, to),
    )
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
#[track_caller]
pub fn rename(
    from: impl AsRef<Path>,
    to: impl AsRef<Path>,
) -> impl Future<Output = io::Result<()>> {
    on_paths(
        "rename",
        from,
        to,
        |from, to| fs::rename(from, to),
        |fs, from, to| fs.rename(from, to),
    )
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
#[track_caller]
pub fn remove_file(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    on_path(
        "remove",
        path,
        |path| fs::remove_file(path),
        |fs, path| fs.remove_file(path),
    )
}
