use std::fmt;
use std::io::{self, IoSlice, Result, Write};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::AsyncWrite;

use super::output::{Cut, Handle, Output};

static OUTPUT: Output = Output::new("sinew-stdout", |bytes, flush| {
    let mut stream = io::stdout().lock();
    stream.write_all(bytes)?;
    if flush { stream.flush() } else { Ok(()) }
});

/// The standard output of the process, made by [`stdout`].
///
/// Whole lines are on their way as soon as they are written, the beginning of a line waits in the
/// handle for its end, or for a flush. A line of up to 64 KiB is never torn by what other handles,
/// or `println!`, write at the same time.
///
/// A write returns when the bytes have been taken over, and the next one waits until they are
/// written; an error comes with the next write or flush. A flush waits for what other handles have
/// handed on before as well, also those that were dropped since. What was not flushed when the
/// process ends may be lost.
///
/// # Cancel safety
///
/// A write that is dropped while it waits has taken nothing. A flush can be repeated.
pub struct Stdout {
    handle: Handle,
}

/// A handle to the standard output of the process.
///
/// A thread named `sinew-stdout` does the writing.
///
/// ```
/// use sinew_io::{AsyncWriteExt, stdout};
///
/// # futures::executor::block_on(async {
/// let mut out = stdout();
/// out.write_all(b"hello\n").await?;
/// out.flush().await?;
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[track_caller]
pub fn stdout() -> Stdout {
    Stdout {
        handle: Handle::new(&OUTPUT, Cut::Lines, Location::caller()),
    }
}

impl AsyncWrite for Stdout {
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

impl fmt::Debug for Stdout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stdout").finish_non_exhaustive()
    }
}

#[cfg(unix)]
mod unix {
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
    use std::sync::LazyLock;

    use super::{Stdout, io};

    /// The descriptor is the process's, not a handle's.
    static STDOUT: LazyLock<io::Stdout> = LazyLock::new(io::stdout);

    impl AsFd for Stdout {
        fn as_fd(&self) -> BorrowedFd<'_> {
            STDOUT.as_fd()
        }
    }

    impl AsRawFd for Stdout {
        fn as_raw_fd(&self) -> RawFd {
            STDOUT.as_raw_fd()
        }
    }
}
