use std::fmt;
use std::io::{Error, ErrorKind, IoSlice, IoSliceMut, Result, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};
use pin_project_lite::pin_project;

use crate::DEFAULT_BUF_SIZE;
use crate::claim::claimed;

pin_project! {
    /// A writer with a buffer, which turns many small writes into few large ones.
    ///
    /// Call [`flush`](crate::AsyncWriteExt::flush) or
    /// [`shutdown`](crate::AsyncWriteExt::shutdown) at the end: what is in the buffer is lost when
    /// it is dropped or taken apart, because a destructor cannot wait. Reads pass on to the inner
    /// stream if that is a reader too.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use sinew_io::{AsyncWriteExt, BufWriter};
    ///
    /// let mut writer = BufWriter::new(Vec::new());
    /// writer.write_all(b"one ").await?;
    /// writer.write_all(b"two").await?;
    /// assert!(writer.get_ref().is_empty());
    /// writer.flush().await?;
    /// assert_eq!(writer.get_ref(), b"one two");
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub struct BufWriter<W> {
        #[pin]
        pub(crate) inner: W,
        pub(crate) store: Store,
    }
}

/// The buffer of a [`BufWriter`]. The first `written` bytes of `buf` are with the inner writer
/// already; they are taken out once the rest is too.
#[derive(Debug)]
pub(crate) struct Store {
    buf: Vec<u8>,
    capacity: usize,
    written: usize,
    /// Where a seek in tokio's two steps goes, between them.
    #[cfg(feature = "tokio-io")]
    seeking: Option<SeekFrom>,
}

impl Store {
    fn rest(&self) -> &[u8] {
        &self.buf[self.written..]
    }

    pub(crate) fn room(&self) -> usize {
        self.capacity - self.buf.len()
    }

    /// Takes as much of `bytes` as there is room for.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> usize {
        let n = bytes.len().min(self.room());
        self.buf.extend_from_slice(&bytes[..n]);
        n
    }
}

impl<W> BufWriter<W> {
    /// A writer with a buffer of 8 KiB.
    pub fn new(inner: W) -> Self {
        Self::with_capacity(DEFAULT_BUF_SIZE, inner)
    }

    /// A writer with a buffer of `capacity` bytes. With 0 it passes every write on.
    pub fn with_capacity(capacity: usize, inner: W) -> Self {
        Self {
            inner,
            store: Store {
                buf: Vec::with_capacity(capacity),
                capacity,
                written: 0,
                #[cfg(feature = "tokio-io")]
                seeking: None,
            },
        }
    }

    /// The writer inside.
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// The writer inside. Writing to it overtakes what is in the buffer.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// The writer inside, pinned. Writing to it overtakes what is in the buffer.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut W> {
        self.project().inner
    }

    /// Gives the writer back. What is in the buffer is lost.
    pub fn into_inner(self) -> W {
        self.inner
    }

    #[cfg(feature = "tokio-io")]
    pub(crate) fn seek_slot(self: Pin<&mut Self>) -> &mut Option<SeekFrom> {
        &mut self.project().store.seeking
    }

    /// What was written here and not yet to the inner writer.
    pub fn buffer(&self) -> &[u8] {
        self.store.rest()
    }
}

impl<W: AsyncWrite> BufWriter<W> {
    /// Empties the buffer into the inner writer, which is not flushed.
    pub(crate) fn poll_flush_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let mut me = self.project();
        let store = me.store;
        while store.written < store.buf.len() {
            let rest = store.rest();
            let result = match ready!(me.inner.as_mut().poll_write(cx, rest)) {
                Ok(0) => Err(Error::new(
                    ErrorKind::WriteZero,
                    "failed to write the buffered data",
                )),
                Ok(n) => {
                    store.written += claimed(n, rest.len());
                    continue;
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => Err(e),
            };
            store.buf.drain(..store.written);
            store.written = 0;
            return Poll::Ready(result);
        }
        store.buf.clear();
        store.written = 0;
        Poll::Ready(Ok(()))
    }
}

impl<W: AsyncWrite> AsyncWrite for BufWriter<W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<Result<usize>> {
        if buf.len() > self.store.room() {
            ready!(self.as_mut().poll_flush_buf(cx))?;
        }
        let me = self.project();
        if buf.len() >= me.store.capacity {
            me.inner.poll_write(cx, buf)
        } else {
            Poll::Ready(Ok(me.store.put(buf)))
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let total = bufs.iter().fold(0, |n: usize, b| n.saturating_add(b.len()));
        if total > self.store.room() {
            ready!(self.as_mut().poll_flush_buf(cx))?;
        }
        let me = self.project();
        if total >= me.store.capacity {
            me.inner.poll_write_vectored(cx, bufs)
        } else {
            Poll::Ready(Ok(bufs.iter().map(|b| me.store.put(b)).sum()))
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.as_mut().poll_flush_buf(cx))?;
        self.get_pin_mut().poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.as_mut().poll_flush_buf(cx))?;
        self.get_pin_mut().poll_close(cx)
    }
}

impl<W: AsyncWrite + AsyncSeek> AsyncSeek for BufWriter<W> {
    /// Goes to `pos`, after what is in the buffer was written.
    fn poll_seek(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pos: SeekFrom,
    ) -> Poll<Result<u64>> {
        ready!(self.as_mut().poll_flush_buf(cx))?;
        self.get_pin_mut().poll_seek(cx, pos)
    }
}

impl<W: AsyncRead> AsyncRead for BufWriter<W> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        self.get_pin_mut().poll_read(cx, buf)
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<Result<usize>> {
        self.get_pin_mut().poll_read_vectored(cx, bufs)
    }
}

impl<W: AsyncBufRead> AsyncBufRead for BufWriter<W> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<&[u8]>> {
        self.get_pin_mut().poll_fill_buf(cx)
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        self.get_pin_mut().consume(amt);
    }
}

impl<W: fmt::Debug> fmt::Debug for BufWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (held, size) = (self.store.rest().len(), self.store.capacity);
        f.debug_struct("BufWriter")
            .field("writer", &self.inner)
            .field("buffer", &format_args!("{held}/{size}"))
            .finish()
    }
}
