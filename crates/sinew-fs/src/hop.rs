//! Where an operation goes: to the blocking pool and back, or to the virtual file
//! system that was entered when it was asked for.

use std::future::poll_fn;
use std::io;
use std::panic::{Location, resume_unwind};
use std::path::{Path, PathBuf};
use std::task::Poll;

use sinew_core::leaf::{self, Kind, Wait};
use sinew_core::{coop, error::attempted};

use crate::provider::{self, BoxFuture, VirtualFs};

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
pub(crate) async fn hop_with<T: Send + 'static>(
    verb: &'static str,
    path: &Path,
    f: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let path = path.to_owned();
    hop(move || f(&path).map_err(|error| named(verb, &path, error))).await
}

/// As [`hop_with`], for an operation on two paths.
pub(crate) async fn hop_with_both<T: Send + 'static>(
    verb: &'static str,
    from: &Path,
    to: &Path,
    f: impl FnOnce(&Path, &Path) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let paths: (PathBuf, PathBuf) = (from.to_owned(), to.to_owned());
    hop(move || {
        let (from, to) = paths;
        f(&from, &to).map_err(|error| named_both(verb, &from, &to, error))
    })
    .await
}

/// Does one thing with `path`: `system` on the current pool, or `virt` on the
/// entered file system. An error names the path.
#[track_caller]
pub(crate) fn on_path<T: Send + 'static>(
    verb: &'static str,
    path: impl AsRef<Path>,
    system: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    virt: impl FnOnce(&dyn VirtualFs, &Path) -> BoxFuture<T>,
) -> impl Future<Output = io::Result<T>> {
    let entered = provider::entered();
    let location = Location::caller();
    async move {
        let path = path.as_ref();
        match entered {
            None => hop_with(verb, path, system).await,
            Some(fs) => wait(virt(&*fs, path), location)
                .await
                .map_err(|error| named(verb, path, error)),
        }
    }
}

/// As [`on_path`], for an operation on two paths.
#[track_caller]
pub(crate) fn on_paths<T: Send + 'static>(
    verb: &'static str,
    from: impl AsRef<Path>,
    to: impl AsRef<Path>,
    system: impl FnOnce(&Path, &Path) -> io::Result<T> + Send + 'static,
    virt: impl FnOnce(&dyn VirtualFs, &Path, &Path) -> BoxFuture<T>,
) -> impl Future<Output = io::Result<T>> {
    let entered = provider::entered();
    let location = Location::caller();
    async move {
        let (from, to) = (from.as_ref(), to.as_ref());
        match entered {
            None => hop_with_both(verb, from, to, system).await,
            Some(fs) => wait(virt(&*fs, from, to), location)
                .await
                .map_err(|error| named_both(verb, from, to, error)),
        }
    }
}

/// Waits for an operation of a virtual file system.
pub(crate) async fn wait<T>(
    mut operation: BoxFuture<T>,
    location: &'static Location<'static>,
) -> io::Result<T> {
    give_way().await;
    let wait = Wait {
        kind: Kind::Blocking,
        resource: 0,
        location,
    };
    poll_fn(|cx| match operation.as_mut().poll(cx) {
        Poll::Pending => leaf::pending(&wait),
        done => done,
    })
    .await
}

pub(crate) fn named(verb: &str, path: &Path, error: io::Error) -> io::Error {
    attempted(verb, path.display(), error)
}

pub(crate) fn named_both(verb: &str, from: &Path, to: &Path, error: io::Error) -> io::Error {
    let both = format!("{} to {}", from.display(), to.display());
    attempted(verb, both, error)
}

/// Gives way to other tasks if this one has used up its budget. What is answered
/// without a hop never waits, and a loop of it would keep its thread.
pub(crate) async fn give_way() {
    coop::consume_budget().await;
}
