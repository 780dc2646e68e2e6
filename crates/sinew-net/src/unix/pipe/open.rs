//! How pipes are made and opened.

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::panic::Location;
use std::path::Path;

use super::{Receiver, Sender};
use crate::error::attempted;
use crate::sys;

/// How to open a pipe with a name (a FIFO).
///
/// ```no_run
/// use sinew_net::unix::pipe;
///
/// # fn main() -> std::io::Result<()> {
/// let receiver = pipe::OpenOptions::new().open_receiver("/run/app/requests")?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    read_write: bool,
    unchecked: bool,
}

impl OpenOptions {
    /// Neither option is set.
    #[must_use]
    pub fn new() -> OpenOptions {
        OpenOptions::default()
    }

    /// Opens the file for both reading and writing, whichever end is asked for.
    /// A sender can then be opened before there is a receiver, and a receiver
    /// does not see the end of the stream when the last sender goes, because it
    /// is one itself. Defined on Linux only.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn read_write(&mut self, value: bool) -> &mut Self {
        self.read_write = value;
        self
    }

    /// Leaves out the check that the file is a pipe. For what behaves like one.
    pub fn unchecked(&mut self, value: bool) -> &mut Self {
        self.unchecked = value;
        self
    }

    /// Opens the reading end of the pipe at `path`. There need not be a sender.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when the file is no pipe,
    /// and those of opening a file. The message names the path.
    #[track_caller]
    pub fn open_receiver<P: AsRef<Path>>(&self, path: P) -> io::Result<Receiver> {
        let location = Location::caller();
        self.open(path.as_ref(), true)
            .and_then(|file| Receiver::from_nonblocking(file.into(), location))
            .map_err(|error| attempted("open", path.as_ref().display(), error))
    }

    /// Opens the writing end of the pipe at `path`.
    ///
    /// # Errors
    ///
    /// As [`open_receiver`](Self::open_receiver); and `ENXIO`, as the system gives
    /// it, when there is no receiver: wait and try again.
    #[track_caller]
    pub fn open_sender<P: AsRef<Path>>(&self, path: P) -> io::Result<Sender> {
        let location = Location::caller();
        self.open(path.as_ref(), false)
            .and_then(|file| Sender::from_nonblocking(file.into(), location))
            .map_err(|error| match error.raw_os_error() {
                // Programs look at the number, to try again.
                Some(libc::ENXIO) => error,
                _ => attempted("open", path.as_ref().display(), error),
            })
    }

    fn open(&self, path: &Path, reading: bool) -> io::Result<File> {
        // Without blocking, so that opening does not wait for the other end.
        let file = fs::OpenOptions::new()
            .read(reading || self.read_write)
            .write(!reading || self.read_write)
            .custom_flags(libc::O_NONBLOCK)
            .open(path)?;
        if !self.unchecked {
            expect_pipe(&file)?;
        }
        Ok(file)
    }
}

/// Fails unless `file` is a pipe.
pub(super) fn expect_pipe(file: &File) -> io::Result<()> {
    if file.metadata()?.file_type().is_fifo() {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "not a pipe"))
}

/// Fails unless `fd` may be read (`reading`) or written.
pub(super) fn expect_access(fd: &OwnedFd, reading: bool) -> io::Result<()> {
    let mode = sys::status_flags(fd.as_fd())? & libc::O_ACCMODE;
    let wanted = if reading {
        libc::O_RDONLY
    } else {
        libc::O_WRONLY
    };
    if mode == libc::O_RDWR || mode == wanted {
        return Ok(());
    }
    let what = if reading { "reading" } else { "writing" };
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        format!("not open for {what}"),
    ))
}
