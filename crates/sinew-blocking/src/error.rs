//! Why a closure was not taken.

use std::error::Error;
use std::fmt;
use std::io;

/// A pool did not take a closure. Holds it, so that it can be run elsewhere or
/// tried again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TrySpawnError<F> {
    /// All threads are busy and as many closures wait as may.
    Full(F),
    /// The pool is shut down.
    ShutDown(F),
}

impl<F> TrySpawnError<F> {
    /// The closure.
    #[must_use]
    pub fn into_inner(self) -> F {
        match self {
            TrySpawnError::Full(f) | TrySpawnError::ShutDown(f) => f,
        }
    }

    /// Whether it may be taken later.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, TrySpawnError::Full(_))
    }

    fn kind(&self) -> io::ErrorKind {
        match self {
            TrySpawnError::Full(_) => io::ErrorKind::WouldBlock,
            TrySpawnError::ShutDown(_) => io::ErrorKind::NotConnected,
        }
    }
}

impl<F> fmt::Display for TrySpawnError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TrySpawnError::Full(_) => "the queue of the blocking pool is full",
            TrySpawnError::ShutDown(_) => "the blocking pool is shut down",
        })
    }
}

impl<F> fmt::Debug for TrySpawnError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TrySpawnError::Full(_) => "Full(..)",
            TrySpawnError::ShutDown(_) => "ShutDown(..)",
        })
    }
}

impl<F> Error for TrySpawnError<F> {}

impl<F> From<TrySpawnError<F>> for io::Error {
    fn from(error: TrySpawnError<F>) -> io::Error {
        io::Error::new(error.kind(), error.to_string())
    }
}
