use std::future::Future;
use std::io::Result;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};

use super::transfer::{OnReadError, Transfer};
use crate::DEFAULT_BUF_SIZE;

/// The future of [`copy_bidirectional`].
///
/// It holds the bytes that were read and not yet written, and it is `Unpin`: await `&mut future` in
/// a `select!` and await it again later, and no byte is lost.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct CopyBidirectional<'a, A: ?Sized, B: ?Sized> {
    a: &'a mut A,
    b: &'a mut B,
    a_to_b: Direction,
    b_to_a: Direction,
}

/// How far one direction has come.
#[derive(Debug)]
enum Direction {
    Copying(Transfer),
    /// The reader has ended; the writer is being told.
    Closing(u64),
    Done(u64),
}

impl Direction {
    fn new(size: usize) -> Self {
        Self::Copying(Transfer::new(size, OnReadError::GiveUp))
    }

    fn poll<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut R,
        writer: &mut W,
    ) -> Poll<Result<u64>>
    where
        R: AsyncRead + Unpin + ?Sized,
        W: AsyncWrite + Unpin + ?Sized,
    {
        let (mut reader, mut writer) = (Pin::new(reader), Pin::new(writer));
        loop {
            match self {
                Self::Copying(transfer) => {
                    let copied = transfer.poll_copy(cx, reader.as_mut(), writer.as_mut());
                    *self = Self::Closing(ready!(copied)?);
                }
                Self::Closing(count) => {
                    ready!(writer.as_mut().poll_close(cx))?;
                    *self = Self::Done(*count);
                }
                Self::Done(count) => return Poll::Ready(Ok(*count)),
            }
        }
    }
}

/// Copies between two streams in both directions until both have ended, and gives the numbers of
/// bytes from `a` to `b` and from `b` to `a`.
///
/// When one stream ends, the writing side of the other is closed and the opposite direction goes
/// on. Each direction has a buffer of 8 KiB, and what was written is flushed whenever there is
/// nothing to read. Between two of sinew's sockets Linux moves the bytes itself once there are
/// many: see [`splice`](crate::splice).
///
/// # Errors
///
/// Those of both streams, except `Interrupted`, upon which it tries again; `WriteZero` if one takes
/// no more. The first error ends both directions at once, without waiting for what is still in
/// the buffers: that could take for ever.
///
/// # Cancel safety
///
/// Bytes that were read and not yet written are in the future: awaiting `&mut future` loses
/// nothing, dropping the future loses up to the size of both buffers, or up to 256 KiB of a
/// direction in which Linux moves the bytes itself.
///
/// ```
/// # futures::executor::block_on(async {
/// use futures::join;
/// use sinew_io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional, duplex};
///
/// let (mut client, mut proxy_in) = duplex(64);
/// let (mut proxy_out, mut server) = duplex(64);
///
/// let proxy = copy_bidirectional(&mut proxy_in, &mut proxy_out);
/// let serve = async {
///     let mut request = Vec::new();
///     server.read_to_end(&mut request).await.unwrap();
///     server.write_all(b"pong!").await.unwrap();
///     server.shutdown().await.unwrap();
/// };
/// client.write_all(b"ping").await?;
/// client.shutdown().await?;
/// let (counts, ()) = join!(proxy, serve);
/// assert_eq!(counts?, (4, 5));
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub fn copy_bidirectional<'a, A, B>(a: &'a mut A, b: &'a mut B) -> CopyBidirectional<'a, A, B>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    copy_bidirectional_with_sizes(a, b, DEFAULT_BUF_SIZE, DEFAULT_BUF_SIZE)
}

/// As [`copy_bidirectional`], with buffers of the given sizes, in bytes. They are the buffers of
/// what goes through the program; the sizes do not bound what Linux moves by itself.
///
/// # Errors
///
/// Those of [`copy_bidirectional`].
///
/// # Panics
///
/// Panics at the call if a size is 0.
///
/// # Cancel safety
///
/// That of [`copy_bidirectional`].
#[track_caller]
pub fn copy_bidirectional_with_sizes<'a, A, B>(
    a: &'a mut A,
    b: &'a mut B,
    a_to_b_buf_size: usize,
    b_to_a_buf_size: usize,
) -> CopyBidirectional<'a, A, B>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    assert!(
        a_to_b_buf_size > 0,
        "`a_to_b_buf_size` must be greater than 0"
    );
    assert!(
        b_to_a_buf_size > 0,
        "`b_to_a_buf_size` must be greater than 0"
    );
    CopyBidirectional {
        a,
        b,
        a_to_b: Direction::new(a_to_b_buf_size),
        b_to_a: Direction::new(b_to_a_buf_size),
    }
}

impl<A, B> Future for CopyBidirectional<'_, A, B>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    type Output = Result<(u64, u64)>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        let a_to_b = me.a_to_b.poll(cx, me.a, me.b)?;
        let b_to_a = me.b_to_a.poll(cx, me.b, me.a)?;
        Poll::Ready(Ok((ready!(a_to_b), ready!(b_to_a))))
    }
}
