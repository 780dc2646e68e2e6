//! The way to the blocking pool and back.

use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};

use sinew_core::{coop, error::attempted};

/// Runs `f` on the current pool. It runs to its end, also if the future is dropped.
pub(crate) async fn hop<T: Send + 'static>(
    f: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    match sinew_blocking::spawn_blocking(f).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(payload) => resume_unwind(payload),
            Err(error) => Err(io::Error::other(format!(
                "the blocking pool was shut down: {error}"
            ))),
        },
    }
}

/// Runs `f` on `path` on the current pool. An error names the path.
pub(crate) async fn on_path<T: Send + 'static>(
    verb: &'static str,
    path: &Path,
    f: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let path = path.to_owned();
    hop(move || f(&path).map_err(|error| named(verb, &path, error))).await
}

/// As [`on_path`], for an operation on two paths.
pub(crate) async fn on_paths<T: Send + 'static>(
    verb: &'static str,
    from: &Path,
    to: &Path,
    f: impl FnOnce(&Path, &Path) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let paths: (PathBuf, PathBuf) = (from.to_owned(), to.to_owned());
    hop(move || {
        let (from, to) = paths;
        f(&from, &to).map_err(|error| {
            let both = format!("{} to {}", from.display(), to.display());
            attempted(verb, both, error)
        })
    })
    .await
}

pub(crate) fn named(verb: &str, path: &Path, error: io::Error) -> io::Error {
    attempted(verb, path.display(), error)
}

/// Gives way to other tasks if this one has used up its budget. What is answered
/// without a hop never waits, and a loop of it would keep its thread.
pub(crate) async fn give_way() {
    coop::consume_budget().await;
}
