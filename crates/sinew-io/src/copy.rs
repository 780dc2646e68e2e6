use std::future::Future;
use std::io::Result;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use crate::DEFAULT_BUF_SIZE;

mod bidirectional;
mod buffered;
mod shortcut;
mod transfer;

pub use self::bidirectional::{
    CopyBidirectional, copy_bidirectional, copy_bidirectional_with_sizes,
};
pub use self::buffered::{CopyBuf, copy_buf};
use self::transfer::{OnReadError, Transfer};

/// The future of [`copy`].
///
/// It holds the bytes that were read and not yet written, and it is `Unpin`: await `&mut copy` in a
/// `select!` and await it again later, and no byte is lost.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Copy<'a, R: ?Sized, W: ?Sized> {
    reader: &'a mut R,
    writer: &'a mut W,
    transfer: Transfer,
}

/// Writes everything that `reader` yields to `writer`, flushes it, and gives the number of bytes.
///
/// It goes through a buffer of 8 KiB. Whenever the reader has nothing to give, what was written so
/// far is flushed. The writer is not closed. To copy from something that has a buffer, use
/// [`copy_buf`].
///
/// Between two of sinew's sockets and pipes, and from a file to one of them, Linux moves the bytes
/// itself once there are many: see [`splice`](crate::splice). What a file sends in this way is what
/// is in it when it is sent, should it change meanwhile.
///
/// # Errors
///
/// Those of the reader and of the writer, except `Interrupted`, upon which it tries again;
/// `WriteZero` if the writer takes no more. When the reader fails, what it gave before is written
/// first.
///
/// # Cancel safety
///
/// Bytes that were read and not yet written are in the future: awaiting `&mut future` loses
/// nothing, dropping the future loses up to 8 KiB, or up to 256 KiB while Linux moves them between
/// sockets or pipes. [`copy_buf`] loses nothing in either case.
///
/// ```
/// # futures::executor::block_on(async {
/// let mut reader: &[u8] = b"hello";
/// let mut writer = Vec::new();
/// assert_eq!(sinew_io::copy(&mut reader, &mut writer).await?, 5);
/// assert_eq!(writer, b"hello");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub fn copy<'a, R, W>(reader: &'a mut R, writer: &'a mut W) -> Copy<'a, R, W>
where
    R: AsyncRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    Copy {
        reader,
        writer,
        transfer: Transfer::new(DEFAULT_BUF_SIZE, OnReadError::WriteOut),
    }
}

impl<R, W> Future for Copy<'_, R, W>
where
    R: AsyncRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    type Output = Result<u64>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        let (reader, writer) = (Pin::new(&mut *me.reader), Pin::new(&mut *me.writer));
        me.transfer.poll_copy(cx, reader, writer)
    }
}
