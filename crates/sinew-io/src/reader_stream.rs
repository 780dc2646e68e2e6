use std::io::Result;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_io::AsyncRead;
use pin_project_lite::pin_project;

use crate::transfer_bytes::poll_read_buf;

/// The buffer's size when none is given, in bytes.
const CAPACITY: usize = 4096;

pin_project! {
    /// A stream of what a reader gives, in pieces of at most the buffer's size. It ends with the
    /// reader, and after the first error.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use futures::TryStreamExt;
    /// use sinew_io::ReaderStream;
    ///
    /// let mut stream = ReaderStream::with_capacity(&b"hello"[..], 4);
    /// assert_eq!(stream.try_next().await?.unwrap(), &b"hell"[..]);
    /// assert_eq!(stream.try_next().await?.unwrap(), &b"o"[..]);
    /// assert_eq!(stream.try_next().await?, None);
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct ReaderStream<R> {
        #[pin]
        reader: Option<R>,
        buf: BytesMut,
        capacity: usize,
    }
}

impl<R: AsyncRead> ReaderStream<R> {
    /// A stream with a buffer of 4 KiB.
    pub fn new(reader: R) -> Self {
        Self {
            reader: Some(reader),
            buf: BytesMut::new(),
            capacity: CAPACITY,
        }
    }

    /// A stream with a buffer of `capacity` bytes. With 0 there is no room to read to, which
    /// looks like the end.
    pub fn with_capacity(reader: R, capacity: usize) -> Self {
        Self {
            reader: Some(reader),
            buf: BytesMut::with_capacity(capacity),
            capacity,
        }
    }
}

impl<R: AsyncRead> Stream for ReaderStream<R> {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut me = self.project();
        let Some(reader) = me.reader.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        if me.buf.capacity() == 0 {
            me.buf.reserve(*me.capacity);
        }
        let item = match ready!(poll_read_buf(reader, cx, me.buf)) {
            Ok(0) => None,
            Ok(_) => return Poll::Ready(Some(Ok(me.buf.split().freeze()))),
            Err(e) => Some(Err(e)),
        };
        me.reader.set(None);
        Poll::Ready(item)
    }
}
