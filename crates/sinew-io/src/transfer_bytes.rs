//! Reading into and writing from the buffers of the `bytes` crate.

use std::io::{IoSlice, Result};
use std::pin::Pin;
use std::slice;
use std::task::{Context, Poll, ready};

use bytes::buf::UninitSlice;
use bytes::{Buf, BufMut};
use futures_io::{AsyncRead, AsyncWrite};

use crate::claim::claimed;

/// The most space that is offered to one read. It has to be zeroed before each, so it should not
/// be far larger than what a read returns.
pub(crate) const MOST_SPACE: usize = 64 * 1024;

/// The most pieces of a buffer that are written at once; some systems take no more than 16, Linux
/// 1024, and few buffers have more than a handful.
const MOST_PIECES: usize = 64;

/// Zeroes uninitialized memory.
#[allow(unsafe_code, reason = "the space of a `BufMut` is uninitialized")]
pub(crate) fn zeroed(space: &mut UninitSlice) -> &mut [u8] {
    let (start, len) = (space.as_mut_ptr(), space.len());
    // SAFETY: `start` points to `len` bytes that may be written, borrowed for as long as `space`.
    unsafe { start.write_bytes(0, len) };
    // SAFETY: those bytes are initialized now, and the borrow of `space` goes over to the slice.
    unsafe { slice::from_raw_parts_mut(start, len) }
}

/// Reads once into the free space of `buf`: what
/// [`AsyncReadExt::read_buf`](crate::AsyncReadExt::read_buf) does when it is polled.
///
/// # Errors
///
/// Those of the reader. When it fails, nothing was read.
///
/// # Panics
///
/// Panics if the reader reports more bytes than it was offered space.
pub fn poll_read_buf<R, B>(
    reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    buf: &mut B,
) -> Poll<Result<usize>>
where
    R: AsyncRead + ?Sized,
    B: BufMut + ?Sized,
{
    if !buf.has_remaining_mut() {
        return Poll::Ready(Ok(0));
    }
    let space = buf.chunk_mut();
    let room = space.len().min(MOST_SPACE);
    let n = claimed(
        ready!(reader.poll_read(cx, zeroed(&mut space[..room])))?,
        room,
    );
    #[allow(
        unsafe_code,
        reason = "the end of a `BufMut` moves by an unsafe method"
    )]
    // SAFETY: at least the first `room` bytes of the space were zeroed, and `n` is no more.
    unsafe {
        buf.advance_mut(n);
    }
    Poll::Ready(Ok(n))
}

/// Writes once from `buf`: what [`AsyncWriteExt::write_buf`](crate::AsyncWriteExt::write_buf) does
/// when it is polled.
///
/// # Errors
///
/// Those of the writer. When it fails, nothing was written.
///
/// # Panics
///
/// Panics if the writer reports more bytes than it was given.
pub fn poll_write_buf<W, B>(
    writer: Pin<&mut W>,
    cx: &mut Context<'_>,
    buf: &mut B,
) -> Poll<Result<usize>>
where
    W: AsyncWrite + ?Sized,
    B: Buf + ?Sized,
{
    let remaining = buf.remaining();
    if remaining == 0 {
        return Poll::Ready(Ok(0));
    }
    let written = if buf.chunk().len() == remaining {
        ready!(writer.poll_write(cx, buf.chunk()))?
    } else {
        let mut pieces = [IoSlice::new(&[]); MOST_PIECES];
        let count = buf.chunks_vectored(&mut pieces);
        ready!(writer.poll_write_vectored(cx, &pieces[..count]))?
    };
    let n = claimed(written, remaining);
    buf.advance(n);
    Poll::Ready(Ok(n))
}
