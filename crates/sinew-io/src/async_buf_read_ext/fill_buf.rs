use std::future::Future;
use std::io::Result;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::AsyncBufRead;

/// The future of [`AsyncBufReadExt::fill_buf`](crate::AsyncBufReadExt::fill_buf).
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct FillBuf<'a, R: ?Sized> {
    reader: Option<&'a mut R>,
}

impl<'a, R: ?Sized> FillBuf<'a, R> {
    pub(super) fn new(reader: &'a mut R) -> Self {
        Self {
            reader: Some(reader),
        }
    }
}

impl<'a, R: AsyncBufRead + Unpin + ?Sized> Future for FillBuf<'a, R> {
    type Output = Result<&'a [u8]>;

    /// # Panics
    ///
    /// Panics when polled after it was ready, and when the reader says that its buffer is full
    /// and then, with nothing in between, that it is not.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let slot = &mut self.get_mut().reader;
        let Some(reader) = slot.take() else {
            panic!("`FillBuf` polled after completion");
        };
        match Pin::new(&mut *reader).poll_fill_buf(cx) {
            Poll::Ready(Ok([])) => Poll::Ready(Ok(&[])),
            // The slice just seen is tied to a borrow that also has to end in the other arms, so
            // it is asked for once more, out of the reader's whole borrow. A full buffer is
            // handed out without IO.
            Poll::Ready(Ok(_)) => match Pin::new(reader).poll_fill_buf(cx) {
                Poll::Pending => panic!("a reader took back a buffer that it had filled"),
                ready => ready,
            },
            Poll::Ready(Err(e)) => Poll::Ready(Err(e)),
            Poll::Pending => {
                *slot = Some(reader);
                Poll::Pending
            }
        }
    }
}
