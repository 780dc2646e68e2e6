//! Errors that say what was attempted.

use std::error::Error;
use std::fmt;
use std::io;

/// What stands inside the [`io::Error`] of a failed bind, connect or lookup:
/// what was attempted, and the error of the operating system.
///
/// An `io::Error` holds either a number of the operating system or a message,
/// never both. Sinew puts the message in front and keeps the number one step
/// behind it: [`io::Error::kind`] is the same as before, the
/// [`source`](Error::source) of the `io::Error` is the original error, and
/// [`raw_os_error`] finds its number.
///
/// ```
/// use sinew_net::{NetError, TcpStream, raw_os_error};
/// use std::io::ErrorKind;
///
/// # futures::executor::block_on(async {
/// // Nobody listens there: the port was free a moment ago.
/// let addr = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
/// let error = TcpStream::connect(addr).await.unwrap_err();
///
/// assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
/// assert!(error.to_string().starts_with(&format!("connect to {addr}: ")));
/// assert!(raw_os_error(&error).is_some());
/// let inner: &NetError = error.get_ref().unwrap().downcast_ref().unwrap();
/// assert_eq!(inner.attempt(), format!("connect to {addr}"));
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct NetError {
    attempt: String,
    source: io::Error,
}

impl NetError {
    /// What was attempted and with which address: `connect to 127.0.0.1:80`.
    #[must_use]
    pub fn attempt(&self) -> &str {
        &self.attempt
    }

    /// The number that the operating system gave, if the error came from there.
    #[must_use]
    pub fn raw_os_error(&self) -> Option<i32> {
        raw_os_error(&self.source)
    }

    /// The error without the attempt.
    #[must_use]
    pub fn into_source(self) -> io::Error {
        self.source
    }
}

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.attempt, self.source)
    }
}

impl Error for NetError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

/// The number of the operating system in `error` or in one of its sources.
///
/// [`io::Error::raw_os_error`] looks at the outermost error only and finds
/// nothing in the errors that name an address; see [`NetError`].
#[must_use]
pub fn raw_os_error(error: &io::Error) -> Option<i32> {
    if let Some(code) = error.raw_os_error() {
        return Some(code);
    }
    let mut source = error.source();
    while let Some(inner) = source {
        let code = inner
            .downcast_ref::<io::Error>()
            .and_then(io::Error::raw_os_error);
        if code.is_some() {
            return code;
        }
        source = inner.source();
    }
    None
}

/// The error of taking a descriptor out of a socket that has none.
#[cold]
pub(crate) fn no_descriptor(name: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        format!("a {name} of a virtual network has no descriptor"),
    )
}

/// `source` with what was attempted in front.
#[cold]
pub(crate) fn attempted(verb: &str, target: impl fmt::Display, source: io::Error) -> io::Error {
    let attempt = format!("{verb} {target}");
    io::Error::new(source.kind(), NetError { attempt, source })
}

#[cfg(test)]
mod tests;
