use std::future::Future;
use std::io::Result;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncRead;

use super::read_exact::poll_read_exact;
use crate::number::{ByteOrder, Number};

/// The future of [`AsyncReadExt::read_u8`](crate::AsyncReadExt::read_u8) and the other methods that
/// read one number.
///
/// It holds the bytes it has read and is `Unpin`: await `&mut future` in a `select!` and await it
/// again later, and no byte is lost.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct ReadNumber<'a, R: ?Sized, T: Number, O: ByteOrder> {
    reader: &'a mut R,
    bytes: T::Bytes,
    filled: usize,
    order: PhantomData<O>,
}

impl<'a, R: ?Sized, T: Number, O: ByteOrder> ReadNumber<'a, R, T, O> {
    pub(super) fn new(reader: &'a mut R) -> Self {
        Self {
            reader,
            bytes: T::ZERO,
            filled: 0,
            order: PhantomData,
        }
    }
}

impl<R, T, O> Future for ReadNumber<'_, R, T, O>
where
    R: AsyncRead + Unpin + ?Sized,
    T: Number,
    O: ByteOrder,
{
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        ready!(poll_read_exact(
            Pin::new(&mut *me.reader),
            cx,
            me.bytes.as_mut(),
            &mut me.filled,
        ))?;
        Poll::Ready(Ok(O::decode(me.bytes)))
    }
}
