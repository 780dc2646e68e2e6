//! Frames to a writer.

use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use futures_io::AsyncWrite;
use sinew_io::poll_write_buf;

use crate::CAPACITY;

/// The writing side of [`Framed`](crate::Framed) and [`FramedWrite`](crate::FramedWrite).
#[derive(Debug)]
pub(crate) struct WriteFrames {
    /// What was encoded and not yet written.
    pub(crate) buffer: BytesMut,
    /// The fill from which the sink is not ready until it has flushed, in bytes.
    pub(crate) boundary: usize,
}

impl WriteFrames {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            buffer: BytesMut::with_capacity(capacity),
            boundary: capacity,
        }
    }

    pub(crate) fn poll_ready<T: AsyncWrite>(
        &mut self,
        io: Pin<&mut T>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<()>> {
        if self.buffer.len() < self.boundary {
            return Poll::Ready(Ok(()));
        }
        self.poll_flush(io, cx)
    }

    pub(crate) fn poll_flush<T: AsyncWrite>(
        &mut self,
        mut io: Pin<&mut T>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<()>> {
        while !self.buffer.is_empty() {
            match ready!(poll_write_buf(io.as_mut(), cx, &mut self.buffer)) {
                Ok(0) => {
                    let text = "failed to write frame to transport";
                    return Poll::Ready(Err(Error::new(ErrorKind::WriteZero, text)));
                }
                Ok(_) => {}
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Poll::Ready(Err(e)),
            }
        }
        io.poll_flush(cx)
    }

    pub(crate) fn poll_close<T: AsyncWrite>(
        &mut self,
        mut io: Pin<&mut T>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<()>> {
        ready!(self.poll_flush(io.as_mut(), cx))?;
        io.poll_close(cx)
    }
}

impl Default for WriteFrames {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

/// Goes on with a buffer that may hold frames.
impl From<BytesMut> for WriteFrames {
    fn from(mut buffer: BytesMut) -> Self {
        buffer.reserve(CAPACITY.saturating_sub(buffer.len()));
        Self {
            buffer,
            boundary: CAPACITY,
        }
    }
}
