use std::fmt;
use std::io::{IoSlice, IoSliceMut, Result, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};
use pin_project_lite::pin_project;

use crate::DEFAULT_BUF_SIZE;
use crate::claim::claimed;

pin_project! {
    /// A reader with a buffer, which turns many small reads into few large ones.
    ///
    /// It implements [`AsyncBufRead`] for lines and delimiters, and passes writes on to the inner
    /// stream if that is a writer too. What is in the buffer is lost when it is dropped or taken
    /// apart; [`buffer`](Self::buffer) shows it.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use sinew_io::{AsyncBufReadExt, BufReader};
    ///
    /// let mut reader = BufReader::new(&b"one\ntwo\n"[..]);
    /// let mut line = String::new();
    /// reader.read_line(&mut line).await?;
    /// assert_eq!((line.as_str(), reader.buffer()), ("one\n", &b"two\n"[..]));
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub struct BufReader<R> {
        #[pin]
        pub(crate) inner: R,
        pub(crate) store: Store,
    }
}

/// The buffer of a [`BufReader`]: `buf[pos..cap]` was read and not consumed.
#[derive(Debug)]
pub(crate) struct Store {
    buf: Box<[u8]>,
    pos: usize,
    cap: usize,
    /// Where a seek in tokio's two steps goes, between them.
    #[cfg(feature = "tokio-io")]
    seeking: Option<SeekFrom>,
}

impl Store {
    fn rest(&self) -> &[u8] {
        &self.buf[self.pos..self.cap]
    }

    fn consume(&mut self, amt: usize) {
        self.pos = self.pos.saturating_add(amt).min(self.cap);
    }

    fn discard(&mut self) {
        self.pos = 0;
        self.cap = 0;
    }
}

impl<R> BufReader<R> {
    /// A reader with a buffer of 8 KiB.
    pub fn new(inner: R) -> Self {
        Self::with_capacity(DEFAULT_BUF_SIZE, inner)
    }

    /// A reader with a buffer of `capacity` bytes.
    ///
    /// # Panics
    ///
    /// Panics if `capacity` is 0: such a reader would find the end of the stream everywhere.
    #[track_caller]
    pub fn with_capacity(capacity: usize, inner: R) -> Self {
        assert!(capacity > 0, "capacity must be greater than zero");
        Self {
            inner,
            store: Store {
                buf: vec![0; capacity].into_boxed_slice(),
                pos: 0,
                cap: 0,
                #[cfg(feature = "tokio-io")]
                seeking: None,
            },
        }
    }

    /// The reader inside.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The reader inside. Reading from it skips what is in the buffer.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// The reader inside, pinned. Reading from it skips what is in the buffer.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut R> {
        self.project().inner
    }

    /// Gives the reader back. What is in the buffer is lost.
    pub fn into_inner(self) -> R {
        self.inner
    }

    /// What was read from the inner reader and not yet consumed.
    pub fn buffer(&self) -> &[u8] {
        self.store.rest()
    }

    #[cfg(feature = "tokio-io")]
    pub(crate) fn seek_slot(self: Pin<&mut Self>) -> &mut Option<SeekFrom> {
        &mut self.project().store.seeking
    }

    /// Whether a read of `room` bytes gains nothing by going through the buffer.
    fn bypasses(&self, room: usize) -> bool {
        self.store.pos == self.store.cap && room >= self.store.buf.len()
    }
}

impl<R: AsyncRead> AsyncRead for BufReader<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        if self.bypasses(buf.len()) {
            return self.get_pin_mut().poll_read(cx, buf);
        }
        let available = ready!(self.as_mut().poll_fill_buf(cx))?;
        let n = available.len().min(buf.len());
        buf[..n].copy_from_slice(&available[..n]);
        self.consume(n);
        Poll::Ready(Ok(n))
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<Result<usize>> {
        let room = bufs.iter().fold(0, |n: usize, b| n.saturating_add(b.len()));
        if self.bypasses(room) {
            return self.get_pin_mut().poll_read_vectored(cx, bufs);
        }
        let mut available = ready!(self.as_mut().poll_fill_buf(cx))?;
        let before = available.len();
        for buf in bufs {
            let n = available.len().min(buf.len());
            buf[..n].copy_from_slice(&available[..n]);
            available = &available[n..];
        }
        let n = before - available.len();
        self.consume(n);
        Poll::Ready(Ok(n))
    }
}

impl<R: AsyncRead> AsyncBufRead for BufReader<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<&[u8]>> {
        let me = self.project();
        let store = me.store;
        if store.pos == store.cap {
            let n = ready!(me.inner.poll_read(cx, &mut store.buf))?;
            store.cap = claimed(n, store.buf.len());
            store.pos = 0;
        }
        Poll::Ready(Ok(store.rest()))
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        self.project().store.consume(amt);
    }
}

impl<R: AsyncSeek> AsyncSeek for BufReader<R> {
    /// Goes to `pos`, counted from what was consumed. The buffer is thrown away in any case.
    fn poll_seek(self: Pin<&mut Self>, cx: &mut Context<'_>, pos: SeekFrom) -> Poll<Result<u64>> {
        let mut me = self.project();
        let mut target = pos;
        if let SeekFrom::Current(n) = pos {
            // The inner reader is ahead by what is buffered. A buffer is at most `isize::MAX`
            // bytes, which an `i64` holds.
            let ahead = (me.store.cap - me.store.pos) as i64;
            if let Some(offset) = n.checked_sub(ahead) {
                target = SeekFrom::Current(offset);
            } else {
                // Too far for one step: back to what was consumed, then on. The empty buffer
                // makes a poll that comes after `Pending` do the second step only.
                ready!(me.inner.as_mut().poll_seek(cx, SeekFrom::Current(-ahead)))?;
                me.store.discard();
            }
        }
        let position = ready!(me.inner.poll_seek(cx, target))?;
        me.store.discard();
        Poll::Ready(Ok(position))
    }
}

impl<R: AsyncWrite> AsyncWrite for BufReader<R> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        self.get_pin_mut().poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        self.get_pin_mut().poll_write_vectored(cx, bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.get_pin_mut().poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.get_pin_mut().poll_close(cx)
    }
}

impl<R: fmt::Debug> fmt::Debug for BufReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (held, size) = (self.store.rest().len(), self.store.buf.len());
        f.debug_struct("BufReader")
            .field("reader", &self.inner)
            .field("buffer", &format_args!("{held}/{size}"))
            .finish()
    }
}
