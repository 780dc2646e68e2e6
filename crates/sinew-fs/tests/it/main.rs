//! Files as their users see them, on the real file system and on one in memory.

mod cancel;
mod contents;
mod directories;
mod errors;
mod file;
mod memory;
mod paths;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::task::{Context, Poll, Waker};

use sinew_core::block_on;
use sinew_fs::memory::FileSystem;

/// Runs `test` in an empty directory of each file system there is.
fn everywhere(test: impl AsyncFn(PathBuf)) {
    let dir = tempfile::tempdir().unwrap();
    block_on(test(dir.path().canonicalize().unwrap()));
    in_memory(&FileSystem::new(), test);
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
