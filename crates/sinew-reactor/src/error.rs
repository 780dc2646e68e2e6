//! The errors that are the reactor's own.

use std::error::Error;
use std::fmt;
use std::io;

/// What the `io::Error` of a reactor that was shut down holds.
#[derive(Debug)]
struct ShutDown;

impl fmt::Display for ShutDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the runtime that this IO source belongs to was shut down")
    }
}

impl Error for ShutDown {}

#[cold]
pub(crate) fn shut_down() -> io::Error {
    io::Error::other(ShutDown)
}

#[cold]
pub(crate) fn would_block() -> io::Error {
    io::Error::from(io::ErrorKind::WouldBlock)
}

pub(crate) fn is_would_block(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}
