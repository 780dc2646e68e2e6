use std::fmt;
use std::future::Future;
use std::io::{BufRead, IoSlice, IoSliceMut, Read, Result, Seek, SeekFrom, Write};
use std::panic::{RefUnwindSafe, UnwindSafe};

use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};
use sinew_core::{Enter, block_on};

use crate::{AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

/// An asynchronous stream with the blocking traits of [`std::io`], for code that knows only those:
/// a parser, a compressor, an archive.
///
/// Each call blocks its thread until the stream is done with it. Use it in `spawn_blocking` or on
/// a thread of your own. It needs no runtime: what drives the stream's descriptor goes on elsewhere.
/// On the only thread of a runtime that would have to drive the stream it blocks for ever.
///
/// The traits of both families are in reach of its methods only through the stream inside:
/// `bridge.read(…)` is `std`'s.
///
/// ```
/// use sinew_io::{SyncIoBridge, duplex};
/// use std::io::{BufRead, BufReader, Write};
/// use std::thread;
///
/// let (near, far) = duplex(64);
/// let writer = thread::spawn(move || writeln!(SyncIoBridge::new(far), "hello"));
/// let mut line = String::new();
/// BufReader::new(SyncIoBridge::new(near)).read_line(&mut line)?;
/// assert_eq!(line, "hello\n");
/// # writer.join().unwrap()?;
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct SyncIoBridge<T> {
    src: T,
    surroundings: Surroundings,
}

/// Where the stream is polled.
struct Surroundings(Option<Box<dyn Enter + Send + Sync + UnwindSafe + RefUnwindSafe>>);

impl Surroundings {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let Some(surroundings) = &self.0 else {
            return block_on(future);
        };
        let (mut future, mut output) = (Some(future), None);
        surroundings.run_entered(&mut || output = future.take().map(block_on));
        output.expect("`run_entered` calls what it is given")
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = self.0.as_ref().map(|_| "..");
        f.debug_tuple("Surroundings").field(&given).finish()
    }
}

impl<T: Unpin> SyncIoBridge<T> {
    /// Wraps a stream.
    pub fn new(src: T) -> Self {
        let surroundings = Surroundings(None);
        Self { src, surroundings }
    }

    /// Wraps a stream that is polled where `handle`, a runtime's, is the current one: what the
    /// stream spawns or starts when it is polled goes there. The streams of sinew start nothing.
    pub fn new_with_handle<H>(src: T, handle: H) -> Self
    where
        H: Enter + Send + Sync + UnwindSafe + RefUnwindSafe + 'static,
    {
        let surroundings = Surroundings(Some(Box::new(handle)));
        Self { src, surroundings }
    }

    /// Gives the stream back.
    pub fn into_inner(self) -> T {
        self.src
    }
}

impl<T: AsyncWrite> SyncIoBridge<T> {
    /// Whether vectored writes are worth making. They are with the traits of `futures-io`, where a
    /// writer does not tell whether it knows better than to write one buffer at a time.
    pub fn is_write_vectored(&self) -> bool {
        true
    }
}

impl<T: AsyncWrite + Unpin> SyncIoBridge<T> {
    /// Ends writing: flushes and tells the other side that no more will come, as
    /// [`AsyncWriteExt::shutdown`].
    ///
    /// # Errors
    ///
    /// Those of the stream.
    pub fn shutdown(&mut self) -> Result<()> {
        self.surroundings.block_on(self.src.shutdown())
    }
}

impl<T> AsMut<T> for SyncIoBridge<T> {
    fn as_mut(&mut self) -> &mut T {
        &mut self.src
    }
}

impl<T> AsRef<T> for SyncIoBridge<T> {
    fn as_ref(&self) -> &T {
        &self.src
    }
}

impl<T: AsyncRead + Unpin> Read for SyncIoBridge<T> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        self.surroundings.block_on(self.src.read(buf))
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> Result<usize> {
        self.surroundings.block_on(self.src.read_vectored(bufs))
    }

    fn read_to_end(&mut self, buf: &mut Vec<u8>) -> Result<usize> {
        self.surroundings.block_on(self.src.read_to_end(buf))
    }

    fn read_to_string(&mut self, buf: &mut String) -> Result<usize> {
        self.surroundings.block_on(self.src.read_to_string(buf))
    }

    fn read_exact(&mut self, buf: &mut [u8]) -> Result<()> {
        self.surroundings
            .block_on(self.src.read_exact(buf))
            .map(|_| ())
    }
}

impl<T: AsyncBufRead + Unpin> BufRead for SyncIoBridge<T> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        self.surroundings
            .block_on(AsyncBufReadExt::fill_buf(&mut self.src))
    }

    fn consume(&mut self, amt: usize) {
        AsyncBufReadExt::consume(&mut self.src, amt);
    }

    fn read_until(&mut self, byte: u8, buf: &mut Vec<u8>) -> Result<usize> {
        self.surroundings
            .block_on(AsyncBufReadExt::read_until(&mut self.src, byte, buf))
    }

    fn read_line(&mut self, buf: &mut String) -> Result<usize> {
        self.surroundings
            .block_on(AsyncBufReadExt::read_line(&mut self.src, buf))
    }
}

impl<T: AsyncWrite + Unpin> Write for SyncIoBridge<T> {
    fn write(&mut self, buf: &[u8]) -> Result<usize> {
        self.surroundings.block_on(self.src.write(buf))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> Result<usize> {
        self.surroundings.block_on(self.src.write_vectored(bufs))
    }

    fn write_all(&mut self, buf: &[u8]) -> Result<()> {
        self.surroundings.block_on(self.src.write_all(buf))
    }

    fn flush(&mut self) -> Result<()> {
        self.surroundings.block_on(self.src.flush())
    }
}

impl<T: AsyncSeek + Unpin> Seek for SyncIoBridge<T> {
    fn seek(&mut self, pos: SeekFrom) -> Result<u64> {
        self.surroundings
            .block_on(AsyncSeekExt::seek(&mut self.src, pos))
    }
}
