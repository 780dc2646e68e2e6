//! Sending signals, and kinds that only one test uses.

use std::future::Future;
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use sinew_core::waker::waker_fn;
use sinew_signal::unix::{Signal, SignalKind};

/// Only bounds a failing test.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends a signal to this process.
pub(crate) fn send(kind: SignalKind) {
    // SAFETY: a plain system call.
    let process = unsafe { libc::getpid() };
    // SAFETY: a plain system call; the test has a listener for the signal.
    let failed = unsafe { libc::kill(process, kind.as_raw_value()) };
    assert_eq!(failed, 0);
}

/// A real-time signal, of which each has its own test: they are the whole process's, so
/// that tests with the same one would hear each other. There are 31, from 0.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "illumos"))]
pub(crate) fn own(n: i32) -> SignalKind {
    SignalKind::from_raw(libc::SIGRTMIN() + n)
}

/// `block_on` that gives up instead of hanging.
#[track_caller]
pub(crate) fn within<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let (ring, rung) = mpsc::channel();
    let waker = waker_fn(move || {
        let _ = ring.send(());
    });
    let mut cx = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(output) => return output,
            Poll::Pending => rung.recv_timeout(PATIENCE).expect("not woken in time"),
        }
    }
}

#[track_caller]
pub(crate) fn receive(signal: &mut Signal) {
    assert_eq!(within(signal.recv()), Some(()));
}

/// Whether something is there to be received now.
pub(crate) fn has_one(signal: &mut Signal) -> bool {
    signal
        .poll_recv(&mut Context::from_waker(std::task::Waker::noop()))
        .is_ready()
}

/// Calls `done` until it is true.
#[track_caller]
pub(crate) fn until(mut done: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !done() {
        assert!(start.elapsed() < PATIENCE, "did not happen in time");
        thread::yield_now();
    }
}
