use std::io::{IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncWrite;
use memchr::memrchr;
use pin_project_lite::pin_project;

use crate::BufWriter;
use crate::claim::claimed;

/// The default buffer size, that of `std`'s `LineWriter`: lines are short.
const LINE_BUF_SIZE: usize = 1024;

pin_project! {
    /// A writer that passes whole lines on at once and buffers the beginning of a line until its
    /// `\n` comes or the buffer is full.
    ///
    /// What is in the buffer is lost when it is dropped, because a destructor cannot wait. Call
    /// [`flush`](crate::AsyncWriteExt::flush) at the end.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use sinew_io::{AsyncWriteExt, LineWriter};
    ///
    /// let mut writer = LineWriter::new(Vec::new());
    /// writer.write_all(b"one\ntw").await?;
    /// assert_eq!(writer.get_ref(), b"one\n");
    /// writer.write_all(b"o\n").await?;
    /// assert_eq!(writer.get_ref(), b"one\ntwo\n");
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    #[derive(Debug)]
    pub struct LineWriter<W> {
        #[pin]
        inner: BufWriter<W>,
    }
}

impl<W> LineWriter<W> {
    /// A writer with a buffer of 1 KiB.
    pub fn new(inner: W) -> Self {
        Self::with_capacity(LINE_BUF_SIZE, inner)
    }

    /// A writer with a buffer of `capacity` bytes.
    pub fn with_capacity(capacity: usize, inner: W) -> Self {
        Self {
            inner: BufWriter::with_capacity(capacity, inner),
        }
    }

    /// The writer inside.
    pub fn get_ref(&self) -> &W {
        self.inner.get_ref()
    }

    /// The writer inside. Writing to it overtakes what is in the buffer.
    pub fn get_mut(&mut self) -> &mut W {
        self.inner.get_mut()
    }

    /// Gives the writer back. What is in the buffer is lost.
    pub fn into_inner(self) -> W {
        self.inner.into_inner()
    }

    /// What was written here and not yet to the inner writer.
    pub fn buffer(&self) -> &[u8] {
        self.inner.buffer()
    }
}

impl<W: AsyncWrite> AsyncWrite for LineWriter<W> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        let mut inner = self.project().inner;
        let Some(newline) = memrchr(b'\n', buf) else {
            return inner.poll_write(cx, buf);
        };
        ready!(inner.as_mut().poll_flush_buf(cx))?;
        let (lines, tail) = buf.split_at(newline + 1);
        let me = inner.project();
        let n = claimed(ready!(me.inner.poll_write(cx, lines))?, lines.len());
        // A line taken in part is the caller's to go on with: held back in the buffer, its end
        // would wait for a flush.
        let buffered = if n < lines.len() {
            0
        } else {
            me.store.put(tail)
        };
        Poll::Ready(Ok(n + buffered))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let mut inner = self.project().inner;
        let Some(last) = bufs.iter().rposition(|b| memrchr(b'\n', b).is_some()) else {
            return inner.poll_write_vectored(cx, bufs);
        };
        ready!(inner.as_mut().poll_flush_buf(cx))?;
        // The slice with the last newline goes out whole, with what follows the newline in it.
        let (lines, tail) = bufs.split_at(last + 1);
        let total = lines.iter().map(|b| b.len()).sum();
        let me = inner.project();
        let mut n = claimed(ready!(me.inner.poll_write_vectored(cx, lines))?, total);
        if n == total {
            for buf in tail {
                let taken = me.store.put(buf);
                n += taken;
                if taken < buf.len() {
                    break;
                }
            }
        }
        Poll::Ready(Ok(n))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.project().inner.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.project().inner.poll_close(cx)
    }
}
