//! Starting threads.

use std::io;
use std::thread::{Builder, JoinHandle};

/// Starts a thread, as [`Builder::spawn`] does. For the crates above: what `std` makes of
/// each closure that a thread is to run is two kilobytes of code, and with this all of
/// them share one.
///
/// # Errors
///
/// The system has no thread to give.
pub fn start(builder: Builder, body: Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>> {
    builder.spawn(body)
}
