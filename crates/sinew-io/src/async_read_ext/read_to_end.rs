use std::future::Future;
use std::io::Result;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncRead;

use super::growth::Growth;

/// The future of [`AsyncReadExt::read_to_end`](crate::AsyncReadExt::read_to_end).
///
/// It holds how far it has come, and it is `Unpin`: await `&mut read_to_end` in a `select!` and
/// await it again later. Dropping it leaves what was read in the vector.
///
/// While it lives the vector holds zeroed room behind what was read, which its destructor cuts
/// off. Do not `mem::forget` it.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct ReadToEnd<'a, R: ?Sized> {
    reader: &'a mut R,
    buf: &'a mut Vec<u8>,
    growth: Growth,
}

impl<'a, R: ?Sized> ReadToEnd<'a, R> {
    pub(super) fn new(reader: &'a mut R, buf: &'a mut Vec<u8>) -> Self {
        let growth = Growth::new(buf);
        Self {
            reader,
            buf,
            growth,
        }
    }

    /// How many bytes have been read so far.
    pub fn bytes_read(&self) -> usize {
        self.growth.bytes_read()
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for ReadToEnd<'_, R> {
    type Output = Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        let reader = Pin::new(&mut *me.reader);
        let result = ready!(me.growth.poll_read_to_end(reader, cx, me.buf));
        me.growth.trim(me.buf);
        Poll::Ready(result.map(|()| me.growth.bytes_read()))
    }
}

impl<R: ?Sized> Drop for ReadToEnd<'_, R> {
    fn drop(&mut self) {
        self.growth.trim(self.buf);
    }
}
