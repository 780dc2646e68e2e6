//! Reading, writing and syncing an open file.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsRawFd;

use io_uring::squeue::Entry;
use io_uring::{opcode, types};

use super::Ring;
use super::operation::Operation;

/// The offset that means: the file's own position.
const POSITION: u64 = u64::MAX;

/// Bytes that one request moves at most. The driver's thread copies what is in the
/// kernel's cache, and others wait meanwhile (about 25 µs).
const PIECE: usize = 256 * 1024;

impl Ring {
    /// Reads up to `count` bytes from the file's position into `bytes`, which is
    /// emptied before, and gives all back to `done`.
    pub(crate) fn read<F: AsRef<File> + Send + 'static>(
        &self,
        file: F,
        mut bytes: Vec<u8>,
        count: usize,
        done: impl FnOnce(F, io::Result<Vec<u8>>) + Send + 'static,
    ) {
        bytes.clear();
        bytes.resize(count.min(PIECE), 0);
        self.submit(Read { file, bytes, done });
    }

    /// Writes `bytes` at the file's position. When all is written or nothing more
    /// can be, `done` is told and may give more to write.
    pub(crate) fn write<F: AsRef<File> + Send + 'static>(
        &self,
        file: F,
        bytes: Vec<u8>,
        done: impl FnMut(&F, io::Result<()>, Vec<u8>) -> Option<Vec<u8>> + Send + 'static,
    ) {
        self.submit(Write {
            file,
            bytes,
            written: 0,
            done,
        });
    }

    /// Brings what was written to the disk, and tells `done` when it is there.
    pub(crate) fn sync<F: AsRef<File> + Send + 'static>(
        &self,
        file: F,
        data: bool,
        done: impl FnOnce(F, io::Result<()>) + Send + 'static,
    ) {
        self.submit(Sync { file, data, done });
    }
}

struct Read<F, D> {
    file: F,
    bytes: Vec<u8>,
    done: D,
}

// SAFETY: the entry points into the buffer of `bytes`, which does not move with
// the box and is touched by `entry`, `perform` and `complete` only; the file is open
// as long as `file` lives.
unsafe impl<F, D> Operation for Read<F, D>
where
    F: AsRef<File> + Send + 'static,
    D: FnOnce(F, io::Result<Vec<u8>>) + Send + 'static,
{
    fn entry(&mut self) -> Entry {
        let fd = types::Fd(self.file.as_ref().as_raw_fd());
        opcode::Read::new(fd, self.bytes.as_mut_ptr(), self.bytes.len() as u32)
            .offset(POSITION)
            .build()
    }

    fn perform(&mut self) -> io::Result<usize> {
        self.file.as_ref().read(&mut self.bytes)
    }

    fn complete(self: Box<Self>, result: io::Result<usize>) -> Option<Box<dyn Operation>> {
        if is_interrupted(&result) {
            return Some(self);
        }
        let Read {
            file,
            mut bytes,
            done,
        } = *self;
        let read = result.map(|count| {
            bytes.truncate(count);
            bytes
        });
        done(file, read);
        None
    }
}

struct Write<F, D> {
    file: F,
    bytes: Vec<u8>,
    written: usize,
    done: D,
}

// SAFETY: as for `Read`.
unsafe impl<F, D> Operation for Write<F, D>
where
    F: AsRef<File> + Send + 'static,
    D: FnMut(&F, io::Result<()>, Vec<u8>) -> Option<Vec<u8>> + Send + 'static,
{
    fn entry(&mut self) -> Entry {
        let fd = types::Fd(self.file.as_ref().as_raw_fd());
        let rest = &self.bytes[self.written..];
        opcode::Write::new(fd, rest.as_ptr(), rest.len().min(PIECE) as u32)
            .offset(POSITION)
            .build()
    }

    fn perform(&mut self) -> io::Result<usize> {
        self.file.as_ref().write(&self.bytes[self.written..])
    }

    fn complete(mut self: Box<Self>, result: io::Result<usize>) -> Option<Box<dyn Operation>> {
        if is_interrupted(&result) {
            return Some(self);
        }
        let outcome = match result {
            Ok(0) if self.written < self.bytes.len() => Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => {
                self.written += count;
                if self.written < self.bytes.len() {
                    return Some(self);
                }
                Ok(())
            }
            Err(error) => Err(error),
        };
        let Write {
            file, bytes, done, ..
        } = &mut *self;
        let bytes = done(file, outcome, std::mem::take(bytes))?;
        self.bytes = bytes;
        self.written = 0;
        Some(self)
    }
}

struct Sync<F, D> {
    file: F,
    data: bool,
    done: D,
}

// SAFETY: the entry has no pointer, and the file is open as long as `file` lives.
unsafe impl<F, D> Operation for Sync<F, D>
where
    F: AsRef<File> + Send + 'static,
    D: FnOnce(F, io::Result<()>) + Send + 'static,
{
    fn entry(&mut self) -> Entry {
        let fd = types::Fd(self.file.as_ref().as_raw_fd());
        let flags = if self.data {
            types::FsyncFlags::DATASYNC
        } else {
            types::FsyncFlags::empty()
        };
        opcode::Fsync::new(fd).flags(flags).build()
    }

    fn perform(&mut self) -> io::Result<usize> {
        let file = self.file.as_ref();
        let synced = if self.data {
            file.sync_data()
        } else {
            file.sync_all()
        };
        synced.map(|()| 0)
    }

    fn complete(self: Box<Self>, result: io::Result<usize>) -> Option<Box<dyn Operation>> {
        if is_interrupted(&result) {
            return Some(self);
        }
        let Sync { file, done, .. } = *self;
        done(file, result.map(drop));
        None
    }
}

/// Whether a signal came in between: the step is done again.
fn is_interrupted<T>(result: &io::Result<T>) -> bool {
    result
        .as_ref()
        .is_err_and(|error| error.kind() == io::ErrorKind::Interrupted)
}
