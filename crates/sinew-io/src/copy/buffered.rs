use std::future::Future;
use std::io::{ErrorKind, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncBufRead, AsyncWrite};

use crate::claim::claimed;
use crate::spend::spend;

/// The future of [`copy_buf`].
///
/// It is `Unpin`: await `&mut copy_buf` in a `select!` and await it again later, and the count is
/// kept too.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct CopyBuf<'a, R: ?Sized, W: ?Sized> {
    reader: &'a mut R,
    writer: &'a mut W,
    amount: u64,
    unflushed: bool,
}

/// As [`copy`](crate::copy), straight from the reader's own buffer.
///
/// # Errors
///
/// Those of the reader and of the writer, except `Interrupted`, upon which it tries again;
/// `WriteZero` if the writer takes no more.
///
/// # Cancel safety
///
/// Cancel safe: bytes leave the reader's buffer only once the writer has taken them. Only the count
/// is lost when the future is dropped.
///
/// ```
/// # futures::executor::block_on(async {
/// use sinew_io::{BufReader, copy_buf};
///
/// let mut reader = BufReader::new(&b"hello"[..]);
/// let mut writer = Vec::new();
/// assert_eq!(copy_buf(&mut reader, &mut writer).await?, 5);
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub fn copy_buf<'a, R, W>(reader: &'a mut R, writer: &'a mut W) -> CopyBuf<'a, R, W>
where
    R: AsyncBufRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    CopyBuf {
        reader,
        writer,
        amount: 0,
        unflushed: false,
    }
}

impl<R, W> Future for CopyBuf<'_, R, W>
where
    R: AsyncBufRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    type Output = Result<u64>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        loop {
            // A reader and a writer that are always ready must not keep the thread.
            ready!(spend(cx));
            let buffer = match Pin::new(&mut *me.reader).poll_fill_buf(cx) {
                Poll::Ready(Ok(buffer)) => buffer,
                Poll::Ready(Err(e)) if e.kind() == ErrorKind::Interrupted => continue,
                Poll::Ready(Err(e)) => return Poll::Ready(Err(e)),
                Poll::Pending => {
                    if me.unflushed {
                        ready!(Pin::new(&mut *me.writer).poll_flush(cx))?;
                        me.unflushed = false;
                    }
                    return Poll::Pending;
                }
            };
            if buffer.is_empty() {
                ready!(Pin::new(&mut *me.writer).poll_flush(cx))?;
                return Poll::Ready(Ok(me.amount));
            }
            let n = match ready!(Pin::new(&mut *me.writer).poll_write(cx, buffer)) {
                Ok(0) => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                Ok(n) => claimed(n, buffer.len()),
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => return Poll::Ready(Err(e)),
            };
            me.amount += n as u64;
            me.unflushed = true;
            Pin::new(&mut *me.reader).consume(n);
        }
    }
}
