use std::future::Future;
use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncRead;

use crate::claim::claimed;

/// The future of [`AsyncReadExt::read_exact`](crate::AsyncReadExt::read_exact).
///
/// It holds how far it has come, and it is `Unpin`: await `&mut read_exact` in a `select!` and
/// await it again later, and no byte is lost.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct ReadExact<'a, R: ?Sized> {
    reader: &'a mut R,
    buf: &'a mut [u8],
    filled: usize,
}

impl<'a, R: ?Sized> ReadExact<'a, R> {
    pub(super) fn new(reader: &'a mut R, buf: &'a mut [u8]) -> Self {
        Self {
            reader,
            buf,
            filled: 0,
        }
    }

    /// The part of the buffer that has been read so far.
    pub fn filled(&self) -> &[u8] {
        &self.buf[..self.filled]
    }

    /// How many bytes have been read so far.
    pub fn bytes_read(&self) -> usize {
        self.filled
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for ReadExact<'_, R> {
    type Output = Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        ready!(poll_read_exact(
            Pin::new(&mut *me.reader),
            cx,
            me.buf,
            &mut me.filled
        ))?;
        Poll::Ready(Ok(me.buf.len()))
    }
}

/// Reads into `buf[*filled..]` until `buf` is full.
pub(super) fn poll_read_exact<R: AsyncRead + ?Sized>(
    mut reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    buf: &mut [u8],
    filled: &mut usize,
) -> Poll<Result<()>> {
    while *filled < buf.len() {
        let rest = &mut buf[*filled..];
        let room = rest.len();
        match ready!(reader.as_mut().poll_read(cx, rest)) {
            Ok(0) => {
                return Poll::Ready(Err(Error::new(ErrorKind::UnexpectedEof, "early eof")));
            }
            Ok(n) => *filled += claimed(n, room),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Poll::Ready(Err(e)),
        }
    }
    Poll::Ready(Ok(()))
}
