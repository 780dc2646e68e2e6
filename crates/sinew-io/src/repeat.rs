use std::io::{IoSliceMut, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncRead;

use crate::spend::spend;

/// A reader that repeats one byte without end, made by [`repeat`].
#[derive(Clone, Debug)]
pub struct Repeat {
    byte: u8,
}

/// A reader that repeats one byte without end. It is never pending; bound it with
/// [`take`](crate::AsyncReadExt::take).
pub const fn repeat(byte: u8) -> Repeat {
    Repeat { byte }
}

impl AsyncRead for Repeat {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        ready!(spend(cx));
        buf.fill(self.byte);
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<Result<usize>> {
        ready!(spend(cx));
        bufs.iter_mut().for_each(|b| b.fill(self.byte));
        Poll::Ready(Ok(bufs.iter().map(|b| b.len()).sum()))
    }
}
