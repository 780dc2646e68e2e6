//! Readers and writers that show somebody what goes through them.

use std::fmt;
use std::io::{IoSlice, IoSliceMut, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
use pin_project_lite::pin_project;

use crate::claim::claimed;

pin_project! {
    /// A reader that shows a closure what is read, for a checksum or a log.
    ///
    /// The closure is called after each read, at the end with an empty slice. Writes pass through
    /// if the reader inside is a writer too.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use sinew_io::{AsyncReadExt, InspectReader};
    ///
    /// let mut count = 0;
    /// let mut reader = InspectReader::new(&b"hello"[..], |bytes: &[u8]| count += bytes.len());
    /// reader.read_to_end(&mut Vec::new()).await?;
    /// drop(reader);
    /// assert_eq!(count, 5);
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub struct InspectReader<R, F> {
        #[pin]
        reader: R,
        f: F,
    }
}

pin_project! {
    /// A writer that shows a closure what was written, for a checksum or a log.
    ///
    /// The closure sees what the writer inside has taken, after each write. Reads pass through if
    /// the writer inside is a reader too.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use sinew_io::{AsyncWriteExt, InspectWriter};
    ///
    /// let mut count = 0;
    /// let mut writer = InspectWriter::new(Vec::new(), |bytes: &[u8]| count += bytes.len());
    /// writer.write_all(b"hello").await?;
    /// drop(writer);
    /// assert_eq!(count, 5);
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub struct InspectWriter<W, F> {
        #[pin]
        writer: W,
        f: F,
    }
}

impl<R, F> InspectReader<R, F> {
    /// Shows `f` what is read from `reader`.
    pub fn new(reader: R, f: F) -> Self
    where
        R: AsyncRead,
        F: FnMut(&[u8]),
    {
        Self { reader, f }
    }

    /// The reader inside.
    pub fn get_ref(&self) -> &R {
        &self.reader
    }

    /// The reader inside. What is read from it is not shown.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.reader
    }

    /// The reader inside, pinned. What is read from it is not shown.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut R> {
        self.project().reader
    }

    /// Gives the reader back.
    pub fn into_inner(self) -> R {
        self.reader
    }
}

impl<W, F> InspectWriter<W, F> {
    /// Shows `f` what `writer` has taken.
    pub fn new(writer: W, f: F) -> Self
    where
        W: AsyncWrite,
        F: FnMut(&[u8]),
    {
        Self { writer, f }
    }

    /// The writer inside.
    pub fn get_ref(&self) -> &W {
        &self.writer
    }

    /// The writer inside. What is written to it is not shown.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.writer
    }

    /// The writer inside, pinned. What is written to it is not shown.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut W> {
        self.project().writer
    }

    /// Gives the writer back.
    pub fn into_inner(self) -> W {
        self.writer
    }
}

/// Calls `show` with the first `n` bytes of the slices, piece by piece.
fn show_first<'a>(bufs: impl Iterator<Item = &'a [u8]>, mut n: usize, mut show: impl FnMut(&[u8])) {
    for buf in bufs {
        let part = &buf[..buf.len().min(n)];
        if !part.is_empty() {
            show(part);
        }
        n -= part.len();
    }
}

impl<R: AsyncRead, F: FnMut(&[u8])> AsyncRead for InspectReader<R, F> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        let me = self.project();
        let n = claimed(ready!(me.reader.poll_read(cx, buf))?, buf.len());
        (me.f)(&buf[..n]);
        Poll::Ready(Ok(n))
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<Result<usize>> {
        let me = self.project();
        let n = ready!(me.reader.poll_read_vectored(cx, bufs))?;
        if n == 0 {
            (me.f)(&[]);
        }
        show_first(bufs.iter().map(|b| &**b), n, me.f);
        Poll::Ready(Ok(n))
    }
}

impl<R: AsyncWrite, F> AsyncWrite for InspectReader<R, F> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        self.project().reader.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        self.project().reader.poll_write_vectored(cx, bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.project().reader.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.project().reader.poll_close(cx)
    }
}

impl<W: AsyncWrite, F: FnMut(&[u8])> AsyncWrite for InspectWriter<W, F> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        let me = self.project();
        let n = claimed(ready!(me.writer.poll_write(cx, buf))?, buf.len());
        show_first([buf].into_iter(), n, me.f);
        Poll::Ready(Ok(n))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let me = self.project();
        let n = ready!(me.writer.poll_write_vectored(cx, bufs))?;
        show_first(bufs.iter().map(|b| &**b), n, me.f);
        Poll::Ready(Ok(n))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.project().writer.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.project().writer.poll_close(cx)
    }
}

impl<W: AsyncRead, F> AsyncRead for InspectWriter<W, F> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        self.project().writer.poll_read(cx, buf)
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<Result<usize>> {
        self.project().writer.poll_read_vectored(cx, bufs)
    }
}

impl<R: fmt::Debug, F> fmt::Debug for InspectReader<R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InspectReader")
            .field("reader", &self.reader)
            .finish_non_exhaustive()
    }
}

impl<W: fmt::Debug, F> fmt::Debug for InspectWriter<W, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InspectWriter")
            .field("writer", &self.writer)
            .finish_non_exhaustive()
    }
}
