//! Errors of the operating system that say what was attempted.

use std::error::Error;
use std::fmt;
use std::io;

/// What stands inside an [`io::Error`] that names what was attempted: the
/// attempt, and the error of the operating system.
///
/// An `io::Error` holds either a number of the operating system or a message,
/// never both. Sinew puts the message in front and keeps the number one step
/// behind it: [`io::Error::kind`] is the same as before, the
/// [`source`](Error::source) of the `io::Error` is the original error, and
/// [`raw_os_error`] finds its number.
///
/// ```
/// use sinew_core::error::{FailedAttempt, attempted, raw_os_error};
/// use std::io;
///
/// let error = io::Error::from_raw_os_error(2);
/// let kind = error.kind();
/// let named = attempted("open", "notes.txt", error);
///
/// assert_eq!(named.kind(), kind);
/// assert!(named.to_string().starts_with("open notes.txt: "));
/// assert_eq!(raw_os_error(&named), Some(2));
/// let inner: &FailedAttempt = named.get_ref().unwrap().downcast_ref().unwrap();
/// assert_eq!(inner.attempt(), "open notes.txt");
/// ```
#[derive(Debug)]
pub struct FailedAttempt {
    attempt: String,
    source: io::Error,
}

impl FailedAttempt {
    /// What was attempted and on what: `open notes.txt`.
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

impl fmt::Display for FailedAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.attempt, self.source)
    }
}

impl Error for FailedAttempt {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

/// The number of the operating system in `error` or in one of its sources.
///
/// [`io::Error::raw_os_error`] looks at the outermost error only and finds
/// nothing in the errors that name an attempt; see [`FailedAttempt`].
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

/// `source` with what was attempted in front: `verb target: source`.
#[cold]
#[must_use]
pub fn attempted(verb: &str, target: impl fmt::Display, source: io::Error) -> io::Error {
    let attempt = format!("{verb} {target}");
    io::Error::new(source.kind(), FailedAttempt { attempt, source })
}

#[cfg(test)]
mod tests;
