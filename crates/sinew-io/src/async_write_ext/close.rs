use std::future::Future;
use std::io::Result;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::AsyncWrite;

/// The future of [`AsyncWriteExt::close`](crate::AsyncWriteExt::close) and
/// [`AsyncWriteExt::shutdown`](crate::AsyncWriteExt::shutdown).
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Close<'a, W: ?Sized> {
    writer: &'a mut W,
}

/// The future of [`AsyncWriteExt::shutdown`](crate::AsyncWriteExt::shutdown).
pub type Shutdown<'a, W> = Close<'a, W>;

impl<'a, W: ?Sized> Close<'a, W> {
    pub(super) fn new(writer: &'a mut W) -> Self {
        Self { writer }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for Close<'_, W> {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut *self.get_mut().writer).poll_close(cx)
    }
}
