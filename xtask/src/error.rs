//! How a task ends when it does not end well.

pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a task did not succeed.
#[derive(Debug)]
pub(crate) enum Error {
    /// The command line makes no sense; exit code 2.
    Usage(String),
    /// The task failed and this says how; exit code 1.
    Failed(String),
    /// The task failed and has printed all there is to say; exit code 1.
    Reported,
}

impl From<lexopt::Error> for Error {
    fn from(error: lexopt::Error) -> Self {
        Error::Usage(error.to_string())
    }
}

/// An error about a file or folder.
pub(crate) fn at_path(action: &str, path: &std::path::Path, error: &std::io::Error) -> Error {
    Error::Failed(format!("cannot {action} {}: {error}", path.display()))
}
