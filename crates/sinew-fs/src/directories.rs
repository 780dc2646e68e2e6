//! Making and removing directories.

use std::fs;
use std::io;
use std::path::Path;

use crate::composed::{self, DIRECTORY_MODE};
use crate::hop::{hop_with, named, on_path};

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
#[track_caller]
pub fn create_dir(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    on_path(
        "create directory",
        path,
        |path| fs::create_dir(path),
        |fs, path| fs.create_dir(path, DIRECTORY_MODE),
    )
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
#[track_caller]
pub fn create_dir_all(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    const VERB: &str = "create directory";
    let entered = composed::entered();
    async move {
        let path = path.as_ref();
        match entered {
            None => hop_with(VERB, path, |path| fs::create_dir_all(path)).await,
            Some(virt) => {
                let made = virt.create_dir_all(path, DIRECTORY_MODE).await;
                made.map_err(|error| named(VERB, path, error))
            }
        }
    }
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
#[track_caller]
pub fn remove_dir(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    on_path(
        "remove directory",
        path,
        |path| fs::remove_dir(path),
        |fs, path| fs.remove_dir(path),
    )
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
#[track_caller]
pub fn remove_dir_all(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    const VERB: &str = "remove directory";
    let entered = composed::entered();
    async move {
        let path = path.as_ref();
        match entered {
            None => hop_with(VERB, path, |path| fs::remove_dir_all(path)).await,
            Some(virt) => {
                let removed = virt.remove_dir_all(path).await;
                removed.map_err(|error| named(VERB, path, error))
            }
        }
    }
}
