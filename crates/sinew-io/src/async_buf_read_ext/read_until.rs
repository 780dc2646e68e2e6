use std::future::Future;
use std::io::{ErrorKind, Result};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncBufRead;
use memchr::memchr;

/// The future of [`AsyncBufReadExt::read_until`](crate::AsyncBufReadExt::read_until).
///
/// It is `Unpin`: await `&mut read_until` in a `select!` and await it again later, and the count is
/// kept too. Dropping it leaves what was read in the vector.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct ReadUntil<'a, R: ?Sized> {
    reader: &'a mut R,
    delimiter: u8,
    buf: &'a mut Vec<u8>,
    read: usize,
}

impl<'a, R: ?Sized> ReadUntil<'a, R> {
    pub(super) fn new(reader: &'a mut R, delimiter: u8, buf: &'a mut Vec<u8>) -> Self {
        Self {
            reader,
            delimiter,
            buf,
            read: 0,
        }
    }

    /// How many bytes have been read so far.
    pub fn bytes_read(&self) -> usize {
        self.read
    }
}

impl<R: AsyncBufRead + Unpin + ?Sized> Future for ReadUntil<'_, R> {
    type Output = Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        let reader = Pin::new(&mut *me.reader);
        let buf = &mut *me.buf;
        poll_until(reader, cx, me.delimiter, &mut me.read, |chunk| {
            buf.extend_from_slice(chunk);
        })
    }
}

/// Hands what comes up to and including `delimiter`, or up to the end, to `take`, chunk by chunk.
///
/// `read` carries the count over `Pending`; it is 0 again once the result is `Ok`.
pub(super) fn poll_until<R: AsyncBufRead + ?Sized>(
    mut reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    delimiter: u8,
    read: &mut usize,
    mut take: impl FnMut(&[u8]),
) -> Poll<Result<usize>> {
    loop {
        let available = match ready!(reader.as_mut().poll_fill_buf(cx)) {
            Ok(available) => available,
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(e) => return Poll::Ready(Err(e)),
        };
        let (chunk, done) = match memchr(delimiter, available) {
            Some(at) => (&available[..=at], true),
            None => (available, available.is_empty()),
        };
        let used = chunk.len();
        take(chunk);
        reader.as_mut().consume(used);
        *read += used;
        if done {
            return Poll::Ready(Ok(mem::take(read)));
        }
    }
}
