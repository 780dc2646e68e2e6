use std::future::Future;
use std::io::{ErrorKind, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncWrite;

use crate::claim::claimed;

/// The future of [`AsyncWriteExt::write_all`](crate::AsyncWriteExt::write_all).
///
/// It holds how far it has come, and it is `Unpin`: await `&mut write_all` in a `select!` and await
/// it again later, and no byte is lost or written twice.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WriteAll<'a, W: ?Sized> {
    writer: &'a mut W,
    buf: &'a [u8],
    written: usize,
}

impl<'a, W: ?Sized> WriteAll<'a, W> {
    pub(super) fn new(writer: &'a mut W, buf: &'a [u8]) -> Self {
        Self {
            writer,
            buf,
            written: 0,
        }
    }

    /// How many bytes the writer has taken so far.
    pub fn bytes_written(&self) -> usize {
        self.written
    }

    /// What the writer has not taken yet.
    pub fn remaining(&self) -> &[u8] {
        &self.buf[self.written..]
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for WriteAll<'_, W> {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        poll_write_all(Pin::new(&mut *me.writer), cx, me.buf, &mut me.written)
    }
}

/// Writes `buf[*written..]` until nothing is left.
pub(super) fn poll_write_all<W: AsyncWrite + ?Sized>(
    mut writer: Pin<&mut W>,
    cx: &mut Context<'_>,
    buf: &[u8],
    written: &mut usize,
) -> Poll<Result<()>> {
    while *written < buf.len() {
        let rest = &buf[*written..];
        match ready!(writer.as_mut().poll_write(cx, rest)) {
            Ok(0) => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
            Ok(n) => *written += claimed(n, rest.len()),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Poll::Ready(Err(e)),
        }
    }
    Poll::Ready(Ok(()))
}
