//! Making and removing directories.

use std::fs;
use std::io;
use std::path::Path;

use crate::hop::on_path;

/// Makes a directory.
///
/// # Errors
///
/// The system's, naming the path: [`AlreadyExists`](io::ErrorKind::AlreadyExists),
/// or [`NotFound`](io::ErrorKind::NotFound) if its parent is missing.
///
/// # Cancel safety
///
/// Not cancel safe: once polled, it is done even if the future is dropped.
pub async fn create_dir(path: impl AsRef<Path>) -> io::Result<()> {
    on_path("create directory", path.as_ref(), |path| {
        fs::create_dir(path)
    })
    .await
}

/// Makes a directory and those of its parents that are missing. One that is
/// there already is no error.
///
/// # Errors
///
/// The system's, naming the path.
///
/// # Cancel safety
///
/// Not cancel safe: once polled, it is done even if the future is dropped.
pub async fn create_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    on_path("create directory", path.as_ref(), |path| {
        fs::create_dir_all(path)
    })
    .await
}

/// Removes an empty directory.
///
/// # Errors
///
/// The system's, naming the path.
///
/// # Cancel safety
///
/// Not cancel safe: once polled, it is done even if the future is dropped.
pub async fn remove_dir(path: impl AsRef<Path>) -> io::Result<()> {
    on_path("remove directory", path.as_ref(), |path| {
        fs::remove_dir(path)
    })
    .await
}

/// Removes a directory and all that is in it. Links are removed, not followed.
///
/// # Errors
///
/// The system's, naming the path. A part may have been removed.
///
/// # Cancel safety
///
/// Not cancel safe: once polled, it is done even if the future is dropped.
pub async fn remove_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    on_path("remove directory", path.as_ref(), |path| {
        fs::remove_dir_all(path)
    })
    .await
}
