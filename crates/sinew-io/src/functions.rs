//! Methods of the extension traits as functions, for code that imports none of the traits.

use std::future::poll_fn;
use std::io::{IoSlice, Result};
use std::pin::Pin;

use bytes::BufMut;
use futures_io::{AsyncRead, AsyncWrite};

use crate::{AsyncWriteExt, WriteAllVectored, poll_read_buf};

/// Reads once into the free space of `buf`, as
/// [`AsyncReadExt::read_buf`](crate::AsyncReadExt::read_buf).
///
/// # Errors
///
/// Those of the reader. When it fails, nothing was read.
///
/// # Cancel safety
///
/// Cancel safe: a future that is dropped before it is ready has read nothing.
///
/// ```
/// # futures::executor::block_on(async {
/// let mut reader: &[u8] = b"hello";
/// let mut buf = Vec::with_capacity(64);
/// assert_eq!(sinew_io::read_buf(&mut reader, &mut buf).await?, 5);
/// assert_eq!(buf, b"hello");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn read_buf<R, B>(read: &mut R, buf: &mut B) -> Result<usize>
where
    R: AsyncRead + Unpin + ?Sized,
    B: BufMut + ?Sized,
{
    poll_fn(|cx| poll_read_buf(Pin::new(&mut *read), cx, buf)).await
}

/// Writes all of several buffers, as
/// [`AsyncWriteExt::write_all_vectored`](crate::AsyncWriteExt::write_all_vectored).
///
/// # Errors
///
/// `WriteZero` if the writer takes nothing, and those of the writer except `Interrupted`, upon
/// which it tries again.
///
/// # Cancel safety
///
/// The progress is in the future: awaiting `&mut future` goes on where it was. Once the future is
/// dropped early nobody knows how much was written.
///
/// ```
/// # futures::executor::block_on(async {
/// use sinew_io::{IoSlice, write_all_vectored};
///
/// let mut writer = Vec::new();
/// let mut parts = [IoSlice::new(b"head, "), IoSlice::new(b"body")];
/// write_all_vectored(&mut writer, &mut parts).await?;
/// assert_eq!(writer, b"head, body");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub fn write_all_vectored<'a, 'b, W>(
    writer: &'a mut W,
    bufs: &'a mut [IoSlice<'b>],
) -> WriteAllVectored<'a, 'b, W>
where
    W: AsyncWrite + Unpin + ?Sized,
{
    writer.write_all_vectored(bufs)
}
