//! What is known about a path.

use std::fs::{self, Metadata, Permissions};
use std::io;
use std::path::Path;

use crate::cached::{self, learning};
use crate::composed::{self, Composed};
use crate::hop::{give_way, hop_with, named, on_path, wait};
use crate::stand_in;

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
#[track_caller]
pub fn metadata(path: impl AsRef<Path>) -> impl Future<Output = io::Result<Metadata>> {
    of(composed::entered(), path, true)
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
#[track_caller]
pub fn symlink_metadata(path: impl AsRef<Path>) -> impl Future<Output = io::Result<Metadata>> {
    of(composed::entered(), path, false)
}

pub(crate) async fn of(
    entered: Option<Composed>,
    path: impl AsRef<Path>,
    follow: bool,
) -> io::Result<Metadata> {
    const VERB: &str = "look at";
    let path = path.as_ref();
    if let Some(virt) = entered {
        let attributes = wait(virt.fs.attributes(path, follow), virt.location).await;
        return attributes
            .and_then(|attributes| stand_in::metadata(&attributes))
            .map_err(|error| named(VERB, path, error));
    }
    give_way().await;
    match cached::metadata(path, follow) {
        Some(answer) => answer.map_err(|error| named(VERB, path, error)),
        None if follow => hop_with(VERB, path, learning(|path| fs::metadata(path))).await,
        None => hop_with(VERB, path, learning(|path| fs::symlink_metadata(path))).await,
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
#[track_caller]
pub fn try_exists(path: impl AsRef<Path>) -> impl Future<Output = io::Result<bool>> {
    let found = metadata(path);
    async move {
        match found.await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
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
#[track_caller]
pub fn set_permissions(
    path: impl AsRef<Path>,
    permissions: Permissions,
) -> impl Future<Output = io::Result<()>> {
    let mode = stand_in::mode(&permissions);
    on_path(
        "set the permissions of",
        path,
        move |path| fs::set_permissions(path, permissions),
        move |fs, path| fs.set_mode(path, mode),
    )
}
