use std::future::Future;
use std::io::Result;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::AsyncWrite;

use super::write_all::poll_write_all;
use crate::number::{ByteOrder, Number};

/// The future of [`AsyncWriteExt::write_u8`](crate::AsyncWriteExt::write_u8) and the other methods
/// that write one number.
///
/// It holds how far it has come and is `Unpin`: await `&mut future` in a `select!` and await it
/// again later, and no byte is lost or written twice.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WriteNumber<'a, W: ?Sized, T: Number, O: ByteOrder> {
    writer: &'a mut W,
    bytes: T::Bytes,
    written: usize,
    order: PhantomData<O>,
}

impl<'a, W: ?Sized, T: Number, O: ByteOrder> WriteNumber<'a, W, T, O> {
    pub(super) fn new(writer: &'a mut W, value: T) -> Self {
        Self {
            writer,
            bytes: O::encode(value),
            written: 0,
            order: PhantomData,
        }
    }
}

impl<W, T, O> Future for WriteNumber<'_, W, T, O>
where
    W: AsyncWrite + Unpin + ?Sized,
    T: Number,
    O: ByteOrder,
{
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        let writer = Pin::new(&mut *me.writer);
        poll_write_all(writer, cx, me.bytes.as_ref(), &mut me.written)
    }
}
