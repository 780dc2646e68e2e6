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

/// Whether `error`, or what it comes from, says that the reactor was
/// [shut down](crate::Reactor::shutdown): with its runtime, as a rule.
///
/// ```
/// use sinew_reactor::{Async, Reactor, is_rt_shutdown_err};
///
/// # fn main() -> std::io::Result<()> {
/// let reactor = Reactor::new()?;
/// let (near, _far) = std::os::unix::net::UnixStream::pair()?;
/// let near = Async::with_reactor(near, reactor.clone())?;
/// reactor.shutdown();
/// let error = sinew_core::block_on(near.readable()).unwrap_err();
/// assert!(is_rt_shutdown_err(&error));
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn is_rt_shutdown_err(error: &io::Error) -> bool {
    let mut source = error.get_ref().map(|inner| inner as &(dyn Error + 'static));
    while let Some(inner) = source {
        if inner.is::<ShutDown>() {
            return true;
        }
        // An `io::Error` shows as its source what its content has as a source,
        // and not the content itself.
        source = match inner.downcast_ref::<io::Error>() {
            Some(error) => error.get_ref().map(|inner| inner as _),
            None => inner.source(),
        };
    }
    false
}

#[cold]
pub(crate) fn would_block() -> io::Error {
    io::Error::from(io::ErrorKind::WouldBlock)
}

#[inline]
pub(crate) fn is_would_block(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}
