//! The pipes that bytes pass through, and those kept for the next copy.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Mutex, PoisonError};

use rustix::pipe::{fcntl_getpipe_size, fcntl_setpipe_size};

use crate::sys;

/// How many bytes fit into a pipe, as asked for. From here on a larger one gains
/// little, and the system lets a user have 64 MiB of it in all, of which this is
/// enough for 256 copies at work at the same time.
pub(super) const SIZE: usize = 256 * 1024;

/// A pipe is of use if it has room for so many bytes. The system gives less to a
/// user who has had his share.
const USEFUL: usize = 64 * 1024;

/// So many empty pipes are kept. A copy that waits for its reader has none.
const KEPT: usize = 16;

static EMPTY: Mutex<Vec<Pipe>> = Mutex::new(Vec::new());

#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) read: OwnedFd,
    pub(super) write: OwnedFd,
}

impl Pipe {
    /// An empty pipe.
    ///
    /// # Errors
    ///
    /// There are no descriptors left, or the user has had his share of pipes.
    pub(super) fn take() -> io::Result<Pipe> {
        let kept = EMPTY.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.map_or_else(Pipe::new, Ok)
    }

    fn new() -> io::Result<Pipe> {
        let (read, write) = sys::pipe()?;
        // Its size from the start, should this fail, may do.
        if fcntl_setpipe_size(&write, SIZE).is_err() && fcntl_getpipe_size(&write)? < USEFUL {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        Ok(Pipe { read, write })
    }

    /// Keeps the pipe, which is empty, for the next who takes one.
    pub(super) fn keep(self) {
        let mut kept = EMPTY.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(self);
        }
    }
}
