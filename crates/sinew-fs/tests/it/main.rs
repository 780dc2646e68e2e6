//! Files as their users see them, on the real file system.

mod cancel;
mod contents;
mod directories;
mod errors;
mod file;
mod paths;

use std::future::Future;
use std::task::{Context, Poll, Waker};

/// Polls once and drops the future.
fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    let mut future = std::pin::pin!(future);
    future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}
