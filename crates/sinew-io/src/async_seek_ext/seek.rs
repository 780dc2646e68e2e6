use std::future::Future;
use std::io::{Result, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::AsyncSeek;

/// The future of [`AsyncSeekExt::seek`](crate::AsyncSeekExt::seek),
/// [`rewind`](crate::AsyncSeekExt::rewind) and
/// [`stream_position`](crate::AsyncSeekExt::stream_position).
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Seek<'a, S: ?Sized> {
    seek: &'a mut S,
    pos: SeekFrom,
}

impl<'a, S: ?Sized> Seek<'a, S> {
    pub(super) fn new(seek: &'a mut S, pos: SeekFrom) -> Self {
        Self { seek, pos }
    }
}

impl<S: AsyncSeek + Unpin + ?Sized> Future for Seek<'_, S> {
    type Output = Result<u64>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        Pin::new(&mut *me.seek).poll_seek(cx, me.pos)
    }
}
