//! Reading, writing and seeking.

use std::io::{self, IoSlice, Seek, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncSeek, AsyncWrite};
use sinew_core::coop;

use super::state::Job;
use super::{Arm, File};

/// Read on the pool at least, where the disk has to be asked: the kernel reads
/// about as much from it in one go.
const READ_AHEAD: usize = 128 * 1024;

/// Copied on the polling thread at most, so that one read or write does not keep
/// it for long (about 25 µs).
pub(super) const INLINE: usize = 256 * 1024;

impl AsyncRead for File {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let shared = match &self.arm {
            Arm::System(shared) => shared,
            Arm::Virtual(virt) => return virt.poll_read(cx, buf),
        };
        let proceed = ready!(coop::poll_proceed(cx));
        let mut state = shared.lock();
        if state.job.is_some() {
            return shared.wait(&mut state, cx);
        }
        proceed.made_progress();
        state.write_outcome()?;
        state.sought = None;
        if state.ahead.len() > 0 {
            state.read = None;
            return Poll::Ready(Ok(state.ahead.take(buf)));
        }
        if let Some(read) = state.read.take() {
            // It ended without bytes: in an error, or at the end of the file.
            return Poll::Ready(read.map(|()| 0));
        }
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let limit = buf.len().min(INLINE).min(state.max);
        if let Some(count) = state.reads.read(shared.std(), &mut buf[..limit]) {
            return Poll::Ready(Ok(count));
        }
        let count = buf.len().max(READ_AHEAD).min(state.max);
        let pending = shared.wait(&mut state, cx);
        shared.start_read(state, count);
        pending
    }
}

impl File {
    /// Accepts or writes what is in `bufs`, as far as there is room.
    fn poll_write_bufs(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let shared = match &self.arm {
            Arm::System(shared) => shared,
            Arm::Virtual(virt) => return virt.poll_write(cx, bufs),
        };
        let proceed = ready!(coop::poll_proceed(cx));
        let mut state = shared.lock();
        let empty = bufs.iter().all(|buf| buf.is_empty());
        if state.job.is_some() {
            // Writes are taken while others are being written; what was read
            // ahead was given back before the first.
            if state.job == Some(Job::Write) {
                let count = state.accept(bufs);
                if count > 0 || empty {
                    proceed.made_progress();
                    return Poll::Ready(Ok(count));
                }
            }
            return shared.wait(&mut state, cx);
        }
        proceed.made_progress();
        state.write_outcome()?;
        if empty {
            return Poll::Ready(Ok(0));
        }
        shared.rewind(&mut state);
        if let [buf] = bufs {
            let limit = buf.len().min(INLINE).min(state.max);
            if let Some(count @ 1..) = state.writes.write(shared.std(), &buf[..limit]) {
                return Poll::Ready(Ok(count));
            }
        }
        let count = state.accept(bufs);
        shared.start_write(state);
        Poll::Ready(Ok(count))
    }
}

impl AsyncWrite for File {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_bufs(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_bufs(cx, bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shared = match &self.arm {
            Arm::System(shared) => shared,
            Arm::Virtual(virt) => return virt.poll_flush(cx),
        };
        let proceed = ready!(coop::poll_proceed(cx));
        let mut state = shared.lock();
        if state.job.is_some() {
            return shared.wait(&mut state, cx);
        }
        proceed.made_progress();
        Poll::Ready(state.write_outcome())
    }

    /// Flushes. The file is closed when it is dropped.
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl AsyncSeek for File {
    fn poll_seek(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pos: SeekFrom,
    ) -> Poll<io::Result<u64>> {
        let shared = match &self.arm {
            Arm::System(shared) => shared,
            Arm::Virtual(virt) => return virt.poll_seek(cx, pos),
        };
        let proceed = ready!(coop::poll_proceed(cx));
        let mut state = shared.lock();
        if state.job.is_some() {
            return shared.wait(&mut state, cx);
        }
        proceed.made_progress();
        state.write_outcome()?;
        match (state.sought.take(), pos) {
            // The answer to the question that this future asked before.
            (Some((asked, sought)), SeekFrom::End(offset)) if asked == offset => {
                return Poll::Ready(sought);
            }
            _ => {}
        }
        shared.rewind(&mut state);
        if let SeekFrom::End(offset) = pos {
            // Where the end is may have to be asked from a server.
            let pending = shared.wait(&mut state, cx);
            shared.start_seek(state, offset);
            return pending;
        }
        drop(state);
        let mut file = shared.std();
        Poll::Ready(shared.named("seek in", file.seek(pos)))
    }
}

#[cfg(any(unix, windows))]
impl File {
    /// The system's file.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[track_caller]
    fn std(&self) -> &std::fs::File {
        match &self.arm {
            Arm::System(shared) => shared.std(),
            Arm::Virtual(_) => super::no_descriptor(),
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

    use crate::File;

    /// # Panics
    ///
    /// When the file is one of a virtual file system.
    impl AsFd for File {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.std().as_fd()
        }
    }

    /// # Panics
    ///
    /// When the file is one of a virtual file system.
    impl AsRawFd for File {
        fn as_raw_fd(&self) -> RawFd {
            self.std().as_raw_fd()
        }
    }

    impl From<OwnedFd> for File {
        fn from(fd: OwnedFd) -> File {
            File::from_std(fd.into())
        }
    }

    impl FromRawFd for File {
        unsafe fn from_raw_fd(fd: RawFd) -> File {
            // SAFETY: the caller hands the descriptor over.
            File::from_std(unsafe { std::fs::File::from_raw_fd(fd) })
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, RawHandle};

    use crate::File;

    impl AsHandle for File {
        fn as_handle(&self) -> BorrowedHandle<'_> {
            self.std().as_handle()
        }
    }

    impl AsRawHandle for File {
        fn as_raw_handle(&self) -> RawHandle {
            self.std().as_raw_handle()
        }
    }
}
