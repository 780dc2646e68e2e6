use std::future::Future;
use std::io::{ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncWrite;

use crate::claim::claimed;

/// The future of [`AsyncWriteExt::write_all_vectored`](crate::AsyncWriteExt::write_all_vectored).
///
/// It holds how far it has come, and it is `Unpin`: await `&mut write_all_vectored` in a `select!`
/// and await it again later, and no byte is lost or written twice.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WriteAllVectored<'a, 'b, W: ?Sized> {
    writer: &'a mut W,
    /// What is left to write. Begins with a buffer that is not empty.
    bufs: &'a mut [IoSlice<'b>],
}

impl<'a, 'b, W: ?Sized> WriteAllVectored<'a, 'b, W> {
    pub(super) fn new(writer: &'a mut W, mut bufs: &'a mut [IoSlice<'b>]) -> Self {
        // A writer given only empty buffers answers 0, which is not a writer that takes nothing.
        IoSlice::advance_slices(&mut bufs, 0);
        Self { writer, bufs }
    }

    /// What the writer has not taken yet.
    pub fn remaining(&self) -> &[IoSlice<'b>] {
        self.bufs
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for WriteAllVectored<'_, '_, W> {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        while !me.bufs.is_empty() {
            match ready!(Pin::new(&mut *me.writer).poll_write_vectored(cx, me.bufs)) {
                Ok(0) => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                Ok(n) => {
                    let left = me.bufs.iter().map(|b| b.len()).sum();
                    IoSlice::advance_slices(&mut me.bufs, claimed(n, left));
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Poll::Ready(Err(e)),
            }
        }
        Poll::Ready(Ok(()))
    }
}
