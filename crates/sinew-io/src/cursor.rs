use std::io::{self, BufRead, IoSlice, IoSliceMut, Read, Result, Seek, SeekFrom, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Buf;
use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};

/// A position in a buffer in memory: [`std::io::Cursor`] with the asynchronous traits.
///
/// It reads from whatever is `AsRef<[u8]>` and writes to the same types as `std`'s: overwriting in
/// slices, arrays and boxes, growing in vectors. It is never pending.
///
/// ```
/// # futures::executor::block_on(async {
/// use sinew_io::{AsyncReadExt, AsyncWriteExt, Cursor};
///
/// let mut cursor = Cursor::new(vec![1, 2, 3]);
/// assert_eq!(cursor.read_u8().await?, 1);
/// cursor.write_all(&[7, 8, 9]).await?;
/// assert_eq!(cursor.into_inner(), [1, 7, 8, 9]);
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor<T> {
    inner: io::Cursor<T>,
}

// Nothing inside is ever pinned: a pinned cursor hands out plain references to its content.
impl<T> Unpin for Cursor<T> {}

impl<T> Cursor<T> {
    /// A cursor at the beginning of `inner`.
    pub const fn new(inner: T) -> Self {
        Self {
            inner: io::Cursor::new(inner),
        }
    }

    /// Gives the buffer back.
    pub fn into_inner(self) -> T {
        self.inner.into_inner()
    }

    /// The buffer inside.
    pub const fn get_ref(&self) -> &T {
        self.inner.get_ref()
    }

    /// The buffer inside. The position does not follow its changes.
    pub fn get_mut(&mut self) -> &mut T {
        self.inner.get_mut()
    }

    /// The position in bytes. It may lie beyond the end.
    pub const fn position(&self) -> u64 {
        self.inner.position()
    }

    /// Sets the position in bytes. It may lie beyond the end.
    pub fn set_position(&mut self, pos: u64) {
        self.inner.set_position(pos);
    }
}

#[cfg(feature = "tokio-io")]
impl<T: AsRef<[u8]>> Cursor<T> {
    pub(crate) fn seek_now(&mut self, pos: SeekFrom) -> Result<u64> {
        self.inner.seek(pos)
    }
}

impl<T> From<io::Cursor<T>> for Cursor<T> {
    fn from(inner: io::Cursor<T>) -> Self {
        Self { inner }
    }
}

impl<T> From<Cursor<T>> for io::Cursor<T> {
    fn from(cursor: Cursor<T>) -> Self {
        cursor.inner
    }
}

impl<T: AsRef<[u8]>> AsyncRead for Cursor<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        Poll::Ready(self.inner.read(buf))
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<Result<usize>> {
        Poll::Ready(self.inner.read_vectored(bufs))
    }
}

impl<T: AsRef<[u8]>> AsyncBufRead for Cursor<T> {
    fn poll_fill_buf(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<&[u8]>> {
        Poll::Ready(self.get_mut().inner.fill_buf())
    }

    fn consume(mut self: Pin<&mut Self>, amt: usize) {
        // Seeking back between the two calls is the caller's mistake, overflowing is not its due.
        let end = self.inner.position().saturating_add(amt as u64);
        self.inner.set_position(end);
    }
}

impl<T: AsRef<[u8]>> AsyncSeek for Cursor<T> {
    fn poll_seek(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        pos: SeekFrom,
    ) -> Poll<Result<u64>> {
        Poll::Ready(self.inner.seek(pos))
    }
}

/// The bytes from the position on. The whole of the buffer stays in the cursor.
impl<T: AsRef<[u8]>> Buf for Cursor<T> {
    fn remaining(&self) -> usize {
        self.inner.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.inner.chunk()
    }

    fn advance(&mut self, cnt: usize) {
        self.inner.advance(cnt);
    }
}

macro_rules! writes {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<$($generics)*> AsyncWrite for Cursor<$ty> {
            fn poll_write(
                mut self: Pin<&mut Self>,
                _: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<Result<usize>> {
                Poll::Ready(self.inner.write(buf))
            }

            fn poll_write_vectored(
                mut self: Pin<&mut Self>,
                _: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<Result<usize>> {
                Poll::Ready(self.inner.write_vectored(bufs))
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
                Poll::Ready(Ok(()))
            }
        }
    )*};
}

writes! {
    [] &mut [u8];
    [] &mut Vec<u8>;
    [] Vec<u8>;
    [] Box<[u8]>;
    [const N: usize] [u8; N];
}
