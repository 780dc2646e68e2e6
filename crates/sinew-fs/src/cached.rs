//! What the kernel can answer without waiting for a device.
//!
//! Each function gives `None`, or says [`Nowait::Ask`], where the answer has to
//! be had by a call that may block; the caller then goes to the pool. Errors of
//! the quick way are not reported but asked for again there, except for a file
//! that is not there, which is the one error that programs ask for on purpose.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as sys;

#[cfg(not(target_os = "linux"))]
mod none;
#[cfg(not(target_os = "linux"))]
use none as sys;

/// What became of a read or write that must not wait.
#[derive(Debug)]
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "no other system has such calls")
)]
pub(crate) enum Nowait {
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

/// Reads from the file's position, and moves it.
pub(crate) fn read(file: &File, buf: &mut [u8]) -> Nowait {
    sys::read(file, buf)
}

/// Writes at the file's position, and moves it.
pub(crate) fn write(file: &File, buf: &[u8]) -> Nowait {
    sys::write(file, buf)
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
