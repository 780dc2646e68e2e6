use std::io::{self, Result};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::AsyncRead;

use super::input::Input;

static INPUT: Input = Input::new("sinew-stdin", || Box::new(io::stdin()));

/// The standard input of the process, made by [`stdin`].
///
/// All handles read from one buffer: bytes that one has taken no other sees. `std::io::stdin` and
/// whoever else reads from the descriptor does not see what is in that buffer either; do not mix
/// them.
///
/// The end is given once: on a terminal, reading may go on after it.
///
/// # Cancel safety
///
/// A read that is dropped while it waits has taken nothing. What comes later is given to the next
/// read, of this or another handle.
#[derive(Debug)]
pub struct Stdin {
    location: &'static Location<'static>,
}

/// A handle to the standard input of the process.
///
/// A thread named `sinew-stdin` does the reading, when a task asks. It ends with the process: a
/// read that waits keeps neither a runtime nor the process alive.
///
/// ```no_run
/// use sinew_io::{AsyncBufReadExt, BufReader, stdin};
///
/// # futures::executor::block_on(async {
/// let mut lines = BufReader::new(stdin()).lines();
/// while let Some(line) = lines.next_line().await? {
///     println!("{}", line.to_uppercase());
/// }
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[track_caller]
pub fn stdin() -> Stdin {
    Stdin {
        location: Location::caller(),
    }
}

impl AsyncRead for Stdin {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        INPUT.poll_read(cx, buf, self.location)
    }
}

#[cfg(unix)]
mod unix {
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
    use std::sync::LazyLock;

    use super::{Stdin, io};

    /// The descriptor is the process's, not a handle's.
    static STDIN: LazyLock<io::Stdin> = LazyLock::new(io::stdin);

    impl AsFd for Stdin {
        fn as_fd(&self) -> BorrowedFd<'_> {
            STDIN.as_fd()
        }
    }

    impl AsRawFd for Stdin {
        fn as_raw_fd(&self) -> RawFd {
            STDIN.as_raw_fd()
        }
    }
}
