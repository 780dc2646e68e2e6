//! What is known about a path.

use std::fs::{self, Metadata, Permissions};
use std::io;
use std::path::Path;

use crate::cached::{self, learning};
use crate::hop::{give_way, named, on_path};

/// What is known about the file or directory at `path`. Links are followed.
///
/// Without a hop where the kernel has the answer in its cache.
///
/// # Errors
///
/// The system's, naming the path.
///
/// # Cancel safety
///
/// Nothing is lost when the future is dropped.
pub async fn metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    of(path.as_ref(), true).await
}

/// As [`metadata`], for a link itself instead of what it points to.
///
/// # Errors
///
/// The system's, naming the path.
///
/// # Cancel safety
///
/// Nothing is lost when the future is dropped.
pub async fn symlink_metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    of(path.as_ref(), false).await
}

async fn of(path: &Path, follow: bool) -> io::Result<Metadata> {
    const VERB: &str = "look at";
    give_way().await;
    match cached::metadata(path, follow) {
        Some(answer) => answer.map_err(|error| named(VERB, path, error)),
        None if follow => on_path(VERB, path, learning(|path| fs::metadata(path))).await,
        None => on_path(VERB, path, learning(|path| fs::symlink_metadata(path))).await,
    }
}

/// Whether there is something at `path`. Links are followed, so a link to nothing
/// counts as nothing.
///
/// # Errors
///
/// The system's, naming the path, when it cannot tell: for example without the
/// right to look into a directory on the way.
///
/// # Cancel safety
///
/// Nothing is lost when the future is dropped.
pub async fn try_exists(path: impl AsRef<Path>) -> io::Result<bool> {
    match metadata(path).await {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Sets the rights of the file or directory at `path`.
///
/// # Errors
///
/// The system's, naming the path.
///
/// # Cancel safety
///
/// Not cancel safe: once polled, it is done even if the future is dropped.
pub async fn set_permissions(path: impl AsRef<Path>, permissions: Permissions) -> io::Result<()> {
    on_path("set the permissions of", path.as_ref(), move |path| {
        fs::set_permissions(path, permissions)
    })
    .await
}
