//! The process's default reactor, which has a thread of its own.

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::thread;

use super::Reactor;

pub(super) fn start() -> io::Result<Arc<Reactor>> {
    let reactor = Reactor::new()?;
    let turned = reactor.clone();
    thread::Builder::new()
        .name("sinew-reactor".into())
        .spawn(move || keep_turning(&turned))?;
    Ok(reactor)
}

/// Turns the reactor until it fails, which it does when it is shut down.
fn keep_turning(reactor: &Reactor) {
    loop {
        // A waker that panics has been reported by the panic hook. It is no
        // reason to leave every other source of the process without a reactor.
        let turned = panic::catch_unwind(AssertUnwindSafe(|| reactor.lock().turn(None)));
        if let Ok(Err(_)) = turned {
            // Nobody will turn it again, so nobody shall wait for it.
            reactor.shutdown();
            return;
        }
    }
}
