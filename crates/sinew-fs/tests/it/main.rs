//! Files as their users see them, on the real file system, by each backend, and on
//! one in memory.

mod backend;
mod cancel;
mod contents;
mod directories;
mod errors;
mod file;
#[cfg(unix)]
mod limits;
mod memory;
mod paths;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::task::{Context, Poll, Waker};

use sinew_core::block_on;
use sinew_fs::Backend;
use sinew_fs::memory::FileSystem;

/// Runs `test` in an empty directory of each file system there is.
fn everywhere(test: impl AsyncFn(PathBuf)) {
    with_each_backend(&test);
    in_memory(&FileSystem::new(), test);
}

/// Runs `test` in an empty directory of the real file system, once by each backend.
fn with_each_backend(test: impl AsyncFn(PathBuf)) {
    for backend in [Backend::ThreadPool, Backend::IoUring] {
        let _entered = match backend.enter() {
            Ok(entered) => entered,
            Err(error) => {
                eprintln!("not by {backend:?}, which this system does not have: {error}");
                continue;
            }
        };
        let dir = tempfile::tempdir().unwrap();
        block_on(test(dir.path().canonicalize().unwrap()));
    }
}

/// Runs `test` in an empty directory of `disk`.
fn in_memory(disk: &FileSystem, test: impl AsyncFn(PathBuf)) {
    let _entered = disk.enter();
    block_on(async {
        let directory = Path::new("/directory");
        sinew_fs::create_dir(directory).await.unwrap();
        test(directory.to_owned()).await;
    });
}

/// Polls once and drops the future.
fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    let mut future = std::pin::pin!(future);
    future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}
