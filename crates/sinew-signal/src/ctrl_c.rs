//! Ctrl-C.

use std::future::Future;
use std::io;
use std::panic::Location;

use crate::unix::{Signal, SignalKind};

/// Waits for a Ctrl-C, which is `SIGINT` on Unix.
///
/// Listens from its first poll on. It also takes a Ctrl-C that nobody received
/// since an earlier listener was dropped (see the crate's docs).
///
/// The first use installs a handler for the rest of the process's life: from
/// then on Ctrl-C does not end the process any more by itself.
///
/// # Errors
///
/// The handler cannot be installed, or the dispatcher cannot be started because
/// the process is out of threads or descriptors.
///
/// # Cancel safety
///
/// Nothing is lost when the future is dropped: a Ctrl-C that it did not return
/// is there for the next listener.
///
/// # Examples
///
/// ```no_run
/// # sinew_core::block_on(async {
/// sinew_signal::ctrl_c().await.expect("no handler for Ctrl-C");
/// println!("stopping");
/// # });
/// ```
#[track_caller]
pub fn ctrl_c() -> impl Future<Output = io::Result<()>> {
    let location = Location::caller();
    async move {
        let mut signal = Signal::at(SignalKind::interrupt(), location)?;
        signal.recv_at(location).await;
        Ok(())
    }
}
