//! Errors that say what was attempted.

use std::io;

pub(crate) use sinew_core::error::attempted;

/// The error of taking a descriptor out of a socket that has none.
#[cold]
pub(crate) fn no_descriptor(name: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        format!("a {name} of a virtual network has no descriptor"),
    )
}
