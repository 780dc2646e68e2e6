use std::fmt;
use std::io::{self, IoSlice, Result, Write};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::AsyncWrite;

use super::output::{Cut, Handle, Output};

static OUTPUT: Output = Output::new("sinew-stderr", |bytes, flush| {
    let mut stream = io::stderr().lock();
    stream.write_all(bytes)?;
    if flush { stream.flush() } else { Ok(()) }
});

/// The standard error of the process, made by [`stderr`].
///
/// Nothing is held back. What one write takes, up to 64 KiB, is not torn by what other handles, or
/// `eprintln!`, write at the same time.
///
/// A write returns when the bytes have been taken over, and the next one waits until they are
/// written; an error comes with the next write or flush. A flush waits for what other handles have
/// handed on before as well, also those that were dropped since. What was not flushed when the
/// process ends may be lost.
///
/// # Cancel safety
///
/// A write that is dropped while it waits has taken nothing. A flush can be repeated.
pub struct Stderr {
    handle: Handle,
}

/// A handle to the standard error of the process.
///
/// A thread named `sinew-stderr` does the writing.
///
/// ```
/// use sinew_io::{AsyncWriteExt, stderr};
///
/// # futures::executor::block_on(async {
/// let mut err = stderr();
/// err.write_all(b"something is wrong\n").await?;
/// err.flush().await?;
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[track_caller]
pub fn stderr() -> Stderr {
    Stderr {
        handle: Handle::new(&OUTPUT, Cut::Nowhere, Location::caller()),
    }
}

impl AsyncWrite for Stderr {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        self.get_mut().handle.poll_write(cx, bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.get_mut().handle.poll_flush(cx)
    }

    /// Flushes. The stream itself stays open.
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.poll_flush(cx)
    }
}

impl fmt::Debug for Stderr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stderr").finish_non_exhaustive()
    }
}

#[cfg(unix)]
mod unix {
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
    use std::sync::LazyLock;

    use super::{Stderr, io};

    /// The descriptor is the process's, not a handle's.
    static STDERR: LazyLock<io::Stderr> = LazyLock::new(io::stderr);

    impl AsFd for Stderr {
        fn as_fd(&self) -> BorrowedFd<'_> {
            STDERR.as_fd()
        }
    }

    impl AsRawFd for Stderr {
        fn as_raw_fd(&self) -> RawFd {
            STDERR.as_raw_fd()
        }
    }
}
