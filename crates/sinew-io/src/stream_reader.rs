use std::io::{Error, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use futures_core::Stream;
use futures_io::{AsyncBufRead, AsyncRead};
use futures_sink::Sink;
use pin_project_lite::pin_project;

pin_project! {
    /// A reader over a stream of byte buffers, such as an HTTP body. It buffers one of them at a
    /// time, without copying.
    ///
    /// An error of the stream is given once and does not end it; the end of the stream is final.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use bytes::Bytes;
    /// use futures::stream;
    /// use sinew_io::{AsyncBufReadExt, StreamReader};
    ///
    /// let chunks = ["one li", "ne\nand", " another"].map(|c| std::io::Result::Ok(Bytes::from(c)));
    /// let mut lines = StreamReader::new(stream::iter(chunks)).lines();
    /// assert_eq!(lines.next_line().await?.as_deref(), Some("one line"));
    /// assert_eq!(lines.next_line().await?.as_deref(), Some("and another"));
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    #[derive(Debug)]
    pub struct StreamReader<S, B> {
        #[pin]
        inner: S,
        chunk: Option<B>,
        eof: bool,
    }
}

impl<S, B, E> StreamReader<S, B>
where
    S: Stream<Item = std::result::Result<B, E>>,
    B: Buf,
    E: Into<Error>,
{
    /// Wraps a stream.
    pub fn new(stream: S) -> Self {
        Self {
            inner: stream,
            chunk: None,
            eof: false,
        }
    }

    /// Gives the stream back, and what was taken from it and not read.
    pub fn into_inner_with_chunk(self) -> (S, Option<B>) {
        let chunk = self.chunk.filter(Buf::has_remaining);
        (self.inner, chunk)
    }
}

impl<S, B> StreamReader<S, B> {
    /// The stream inside.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The stream inside. What is taken from it is not read.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The stream inside, pinned. What is taken from it is not read.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut S> {
        self.project().inner
    }

    /// Gives the stream back. What was taken from it and not read is lost;
    /// [`into_inner_with_chunk`](Self::into_inner_with_chunk) gives it too.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, B, E> AsyncRead for StreamReader<S, B>
where
    S: Stream<Item = std::result::Result<B, E>>,
    B: Buf,
    E: Into<Error>,
{
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let available = ready!(self.as_mut().poll_fill_buf(cx))?;
        let n = available.len().min(buf.len());
        buf[..n].copy_from_slice(&available[..n]);
        self.consume(n);
        Poll::Ready(Ok(n))
    }
}

impl<S, B, E> AsyncBufRead for StreamReader<S, B>
where
    S: Stream<Item = std::result::Result<B, E>>,
    B: Buf,
    E: Into<Error>,
{
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<&[u8]>> {
        let mut me = self.project();
        while !*me.eof && !me.chunk.as_ref().is_some_and(Buf::has_remaining) {
            match ready!(me.inner.as_mut().poll_next(cx)) {
                Some(Ok(chunk)) => *me.chunk = Some(chunk),
                Some(Err(e)) => return Poll::Ready(Err(e.into())),
                None => {
                    *me.eof = true;
                    *me.chunk = None;
                }
            }
        }
        Poll::Ready(Ok(me.chunk.as_ref().map_or(&[], Buf::chunk)))
    }

    /// # Panics
    ///
    /// Panics if `amt` is more than there is in the buffer.
    fn consume(self: Pin<&mut Self>, amt: usize) {
        match self.project().chunk {
            Some(chunk) => chunk.advance(amt),
            None => assert_eq!(amt, 0, "consumed more than there was in the buffer"),
        }
    }
}

impl<S, B, T> Sink<T> for StreamReader<S, B>
where
    S: Sink<T>,
{
    type Error = S::Error;

    fn poll_ready(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<std::result::Result<(), S::Error>> {
        self.project().inner.poll_ready(cx)
    }

    fn start_send(self: Pin<&mut Self>, item: T) -> std::result::Result<(), S::Error> {
        self.project().inner.start_send(item)
    }

    fn poll_flush(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<std::result::Result<(), S::Error>> {
        self.project().inner.poll_flush(cx)
    }

    fn poll_close(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<std::result::Result<(), S::Error>> {
        self.project().inner.poll_close(cx)
    }
}
