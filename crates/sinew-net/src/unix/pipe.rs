//! Pipes, with a name in the file system (FIFOs) and without.
//!
//! ```
//! use futures::{AsyncReadExt, AsyncWriteExt};
//! use sinew_net::unix::pipe;
//!
//! # futures::executor::block_on(async {
//! let (mut sender, mut receiver) = pipe::pipe()?;
//! sender.write_all(b"hello").await?;
//! drop(sender);
//! let mut text = String::new();
//! receiver.read_to_string(&mut text).await?;
//! assert_eq!(text, "hello");
//! # std::io::Result::Ok(()) }).unwrap();
//! ```

mod ends;
mod open;

use std::io;
use std::panic::Location;

pub use ends::{Receiver, Sender};
pub use open::OpenOptions;

use crate::sys;

/// The two ends of a new pipe.
///
/// The descriptors are not inherited by child processes. To give an end to a
/// child, turn it into a blocking one with
/// [`into_blocking_fd`](Sender::into_blocking_fd).
///
/// # Errors
///
/// The process or the system is out of descriptors or memory.
#[track_caller]
pub fn pipe() -> io::Result<(Sender, Receiver)> {
    let location = Location::caller();
    let (read, write) = sys::pipe()?;
    let sender = Sender::fresh(write, location)?;
    let receiver = Receiver::from_nonblocking(read, location)?;
    Ok((sender, receiver))
}
