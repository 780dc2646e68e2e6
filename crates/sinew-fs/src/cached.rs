//! What the kernel can answer without waiting for a device.
//!
//! Each function gives `None` where the answer has to be had by a call that may
//! block; the caller then goes to the pool or to the ring. Errors of
//! the quick way are not reported but asked for again there, except for a file
//! that is not there, which is the one error that programs ask for on purpose.

use std::fs::{File, Metadata};
use std::io::{self, Read, Write};
use std::path::Path;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as sys;

#[cfg(not(target_os = "linux"))]
mod none;
#[cfg(not(target_os = "linux"))]
use none as sys;

/// How far a file can be read, or written, without waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quick {
    /// As far as the kernel's cache goes, which is asked each time.
    Cached,
    /// All the way: the file system is in memory.
    Memory,
    /// Not at all.
    Never,
    /// As `Cached`, but not tried.
    #[cfg(test)]
    Untried,
}

impl Quick {
    /// Reads from the file's position, and moves it. `None`: not without waiting,
    /// or not without an error, which a slower way will meet again.
    pub(crate) fn read(&mut self, mut file: &File, buf: &mut [u8]) -> Option<usize> {
        if *self == Quick::Cached {
            match sys::read(file, buf) {
                Nowait::Done(count) => return Some(count),
                Nowait::Ask => return None,
                Nowait::Unsupported => *self = Quick::without_asking(file),
            }
        }
        match self {
            Quick::Memory => file.read(buf).ok(),
            _ => None,
        }
    }

    /// Writes at the file's position, and moves it. `None` as for reading.
    pub(crate) fn write(&mut self, mut file: &File, buf: &[u8]) -> Option<usize> {
        if *self == Quick::Cached {
            match sys::write(file, buf) {
                Nowait::Done(count) => return Some(count),
                Nowait::Ask => return None,
                Nowait::Unsupported => *self = Quick::without_asking(file),
            }
        }
        match self {
            Quick::Memory => file.write(buf).ok(),
            _ => None,
        }
    }

    fn without_asking(file: &File) -> Quick {
        if sys::is_in_memory(file) {
            Quick::Memory
        } else {
            Quick::Never
        }
    }

    /// Whether the ring can do it without a thread for each request. It can where
    /// the kernel can be asked.
    pub(crate) fn suits_ring(self) -> bool {
        !matches!(self, Quick::Memory | Quick::Never)
    }
}

/// What became of a read or write that must not wait.
#[derive(Debug)]
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "no other system has such calls")
)]
enum Nowait {
    /// It was done, on this many bytes.
    Done(usize),
    /// Not without waiting, this time.
    Ask,
    /// Never, on this file.
    Unsupported,
}

/// A file that was opened for reading, and its size at that moment.
pub(crate) struct Opened {
    pub(crate) file: File,
    pub(crate) size: u64,
}

/// Opens a regular file of a local file system for reading.
pub(crate) fn open(path: &Path) -> Option<io::Result<Opened>> {
    sys::open(path)
}

/// The metadata of what is at `path` on a local file system; of a link itself if
/// it is not to be followed.
pub(crate) fn metadata(path: &Path, follow: bool) -> Option<io::Result<Metadata>> {
    sys::metadata(path, follow)
}

/// Whether metadata of this open file is had without a network.
pub(crate) fn is_local(file: &File) -> bool {
    sys::is_local(file)
}

/// Runs `f`, on the pool, and finds out on the way what file system the path is
/// on, so that the next question about it may need no hop.
pub(crate) fn learning<T>(
    f: impl FnOnce(&Path) -> io::Result<T>,
) -> impl FnOnce(&Path) -> io::Result<T> {
    |path| {
        let answer = f(path)?;
        sys::learn(path);
        Ok(answer)
    }
}

/// Undoes what [`open`] does to the files that it opens, for one that others will
/// see.
pub(crate) fn give_out(file: &File) {
    sys::give_out(file);
}
