//! A pipe in memory, with its ends in the order of a channel's.
//!
//! The same pipe as that of the function [`simplex()`](crate::simplex()), which gives the reading
//! end first.

use crate::{ReadHalf, SimplexStream, WriteHalf};

/// The writing end. When it is shut down or dropped, the reading end yields what is left and then
/// ends.
pub type Sender = WriteHalf<SimplexStream>;

/// The reading end. When it is dropped, writing fails with `BrokenPipe`.
pub type Receiver = ReadHalf<SimplexStream>;

/// Makes a pipe that holds at most `capacity` bytes: when it is full, writing waits for reading.
///
/// # Panics
///
/// Panics if `capacity` is 0.
///
/// ```
/// # futures::executor::block_on(async {
/// use sinew_io::{AsyncReadExt, AsyncWriteExt, simplex};
///
/// let (mut sender, mut receiver) = simplex::new(64);
/// sender.write_all(b"ping").await?;
/// drop(sender);
///
/// let mut text = String::new();
/// receiver.read_to_string(&mut text).await?;
/// assert_eq!(text, "ping");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[track_caller]
pub fn new(capacity: usize) -> (Sender, Receiver) {
    assert!(capacity > 0, "capacity must be greater than zero");
    let (receiver, sender) = crate::simplex(capacity);
    (sender, receiver)
}
