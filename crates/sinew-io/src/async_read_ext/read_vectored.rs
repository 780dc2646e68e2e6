use std::future::Future;
use std::io::{IoSliceMut, Result};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::AsyncRead;

/// The future of [`AsyncReadExt::read_vectored`](crate::AsyncReadExt::read_vectored).
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct ReadVectored<'a, 'b, R: ?Sized> {
    reader: &'a mut R,
    bufs: &'a mut [IoSliceMut<'b>],
}

impl<'a, 'b, R: ?Sized> ReadVectored<'a, 'b, R> {
    pub(super) fn new(reader: &'a mut R, bufs: &'a mut [IoSliceMut<'b>]) -> Self {
        Self { reader, bufs }
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for ReadVectored<'_, '_, R> {
    type Output = Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        Pin::new(&mut *me.reader).poll_read_vectored(cx, me.bufs)
    }
}
