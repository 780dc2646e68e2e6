use std::io::{IoSlice, Result, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};
use pin_project_lite::pin_project;
use tokio::io::ReadBuf;

use crate::adapters::__private::poll_read_tokio;

pin_project! {
    /// Has tokio's traits if the stream inside has those of `futures-io`, and the other way round.
    ///
    /// A vectored write of tokio's reaches the stream inside one buffer at a time, because
    /// `futures-io` does not tell whether it knows better.
    ///
    /// ```
    /// use sinew_io::AsyncReadExt;
    /// use sinew_io::compat::TokioAsyncReadCompatExt;
    ///
    /// # futures::executor::block_on(async {
    /// let (near, mut far) = tokio::io::duplex(64);
    /// tokio::io::AsyncWriteExt::write_all(&mut far, b"hello").await?;
    /// drop(far);
    /// let mut text = String::new();
    /// near.compat().read_to_string(&mut text).await?;
    /// assert_eq!(text, "hello");
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    #[derive(Clone, Copy, Debug)]
    pub struct Compat<T> {
        #[pin]
        inner: T,
        // Where a seek goes that was started and is not complete.
        seeking: Option<SeekFrom>,
    }
}

impl<T> Compat<T> {
    fn new(inner: T) -> Self {
        Self {
            inner,
            seeking: None,
        }
    }

    /// The stream inside.
    pub fn get_ref(&self) -> &T {
        &self.inner
    }

    /// The stream inside.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    /// Gives the stream back.
    pub fn into_inner(self) -> T {
        self.inner
    }
}

macro_rules! extension {
    ($(#[$meta:meta])* $Trait:ident, $method:ident, $Bound:path) => {
        $(#[$meta])*
        pub trait $Trait: $Bound {
            /// Wraps it.
            fn $method(self) -> Compat<Self>
            where
                Self: Sized,
            {
                Compat::new(self)
            }
        }

        impl<T: $Bound> $Trait for T {}
    };
}

extension! {
    /// For a reader of tokio's.
    TokioAsyncReadCompatExt, compat, tokio::io::AsyncRead
}
extension! {
    /// For a writer of tokio's.
    TokioAsyncWriteCompatExt, compat_write, tokio::io::AsyncWrite
}
extension! {
    /// For a reader on the traits of `futures-io`.
    FuturesAsyncReadCompatExt, compat, AsyncRead
}
extension! {
    /// For a writer on the traits of `futures-io`.
    FuturesAsyncWriteCompatExt, compat_write, AsyncWrite
}

impl<T: tokio::io::AsyncRead> AsyncRead for Compat<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        let mut space = ReadBuf::new(buf);
        ready!(self.project().inner.poll_read(cx, &mut space))?;
        Poll::Ready(Ok(space.filled().len()))
    }
}

impl<T: tokio::io::AsyncBufRead> AsyncBufRead for Compat<T> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<&[u8]>> {
        self.project().inner.poll_fill_buf(cx)
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        self.project().inner.consume(amt);
    }
}

impl<T: tokio::io::AsyncWrite> AsyncWrite for Compat<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        self.project().inner.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        self.project().inner.poll_write_vectored(cx, bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.project().inner.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.project().inner.poll_shutdown(cx)
    }
}

impl<T: tokio::io::AsyncSeek> AsyncSeek for Compat<T> {
    fn poll_seek(self: Pin<&mut Self>, cx: &mut Context<'_>, pos: SeekFrom) -> Poll<Result<u64>> {
        let mut me = self.project();
        if *me.seeking != Some(pos) {
            // What another one, since dropped, has begun must be over first.
            if me.seeking.is_some() {
                ready!(me.inner.as_mut().poll_complete(cx))?;
            }
            me.inner.as_mut().start_seek(pos)?;
            *me.seeking = Some(pos);
        }
        let position = ready!(me.inner.poll_complete(cx));
        *me.seeking = None;
        Poll::Ready(position)
    }
}

impl<T: AsyncRead> tokio::io::AsyncRead for Compat<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        poll_read_tokio(self.project().inner, cx, buf)
    }
}

impl<T: AsyncBufRead> tokio::io::AsyncBufRead for Compat<T> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<&[u8]>> {
        self.project().inner.poll_fill_buf(cx)
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        self.project().inner.consume(amt);
    }
}

impl<T: AsyncWrite> tokio::io::AsyncWrite for Compat<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        self.project().inner.poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.project().inner.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.project().inner.poll_close(cx)
    }
}

impl<T: AsyncSeek> tokio::io::AsyncSeek for Compat<T> {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> Result<()> {
        *self.project().seeking = Some(position);
        Ok(())
    }

    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<u64>> {
        let me = self.project();
        let target = me.seeking.unwrap_or(SeekFrom::Current(0));
        let position = ready!(me.inner.poll_seek(cx, target));
        *me.seeking = None;
        Poll::Ready(position)
    }
}
