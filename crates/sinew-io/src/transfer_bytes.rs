//! Reading into and writing from the buffers of the `bytes` crate.

use std::cell::Cell;
use std::io::{IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut};
use futures_io::{AsyncRead, AsyncWrite};

use crate::claim::claimed;

/// The most space that is offered to one read, in bytes.
const MOST_SPACE: usize = 64 * 1024;

/// The most pieces of a buffer that are written at once; some systems take no more than 16, Linux
/// 1024, and few buffers have more than a handful.
const MOST_PIECES: usize = 64;

thread_local! {
    /// Initialized memory to read into, all zero, kept for the next read. Taken out while in use, so
    /// that a reader that comes here again makes its own.
    static SPACE: Cell<Option<Box<[u8]>>> = const { Cell::new(None) };
}

/// Reads once, at most `room` bytes, and hands them to `put`.
///
/// The traits read into initialized memory. To zero a buffer's whole space before each read costs
/// more than to copy what came, which is little as a rule.
pub(crate) fn poll_read_and_put<R: AsyncRead + ?Sized>(
    reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    room: usize,
    put: impl FnOnce(&[u8]),
) -> Poll<Result<usize>> {
    // Fails only while this thread's locals are being destroyed.
    let kept = SPACE.try_with(Cell::take).ok().flatten();
    let mut space = kept.unwrap_or_else(|| vec![0; MOST_SPACE].into_boxed_slice());
    let room = room.min(MOST_SPACE);
    let result = reader.poll_read(cx, &mut space[..room]);
    if let Poll::Ready(Ok(n)) = result {
        let read = &mut space[..claimed(n, room)];
        put(read);
        // One stream's bytes are not for a reader of another that lies about its count.
        read.fill(0);
    }
    let _ = SPACE.try_with(|kept| kept.set(Some(space)));
    result
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
    // No more than the next piece: a buffer of several takes them one by one.
    let room = buf.chunk_mut().len();
    poll_read_and_put(reader, cx, room, |read| buf.put_slice(read))
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
