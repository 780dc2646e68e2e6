//! Frames from a reader.
//!
//! | phase | a poll does | and goes to |
//! |---|---|---|
//! | `Reading` | reads | `Framing`; `Failed` on an error; not ready at a second end |
//! | `Framing` | decodes, with `decode_eof` once the reader has ended | `Reading` when there is no frame; `Failed` on an error |
//! | `Failed` | gives `None` | `Framing` if the decoder took bytes before it failed, else `Reading` |
//!
//! A decoder that failed and took nothing would fail again on the same bytes, so more are read
//! first. One that skipped what was wrong can go on with what it has, which at the reader's end is
//! all there will be.
//!
//! A reader may go on after its end, as a file that grows does: `ended` then falls back. Frames of
//! the end come once for each end.

use std::io::ErrorKind;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use futures_io::AsyncRead;
use sinew_io::poll_read_buf;

use crate::{CAPACITY, Decoder};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The buffer holds no whole frame.
    Reading,
    /// The buffer may hold a whole frame.
    Framing,
    /// An error was given, the `None` after it not yet.
    Failed { skipped: bool },
}

/// The reading side of [`Framed`](crate::Framed) and [`FramedRead`](crate::FramedRead).
#[derive(Debug)]
pub(crate) struct ReadFrames {
    pub(crate) buffer: BytesMut,
    phase: Phase,
    /// The last read came to the reader's end.
    ended: bool,
}

impl ReadFrames {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            buffer: BytesMut::with_capacity(capacity),
            phase: Phase::Reading,
            ended: false,
        }
    }

    /// Whether the reader has ended, and whether the buffer may hold a frame, for `Debug`.
    pub(crate) fn flags(&self) -> (bool, bool) {
        (self.ended, self.phase == Phase::Framing)
    }

    pub(crate) fn poll_next<T: AsyncRead, D: Decoder>(
        &mut self,
        mut io: Pin<&mut T>,
        decoder: &mut D,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<D::Item, D::Error>>> {
        loop {
            match self.phase {
                Phase::Failed { skipped } => {
                    self.phase = if skipped {
                        Phase::Framing
                    } else {
                        Phase::Reading
                    };
                    return Poll::Ready(None);
                }
                Phase::Framing => {
                    let before = self.buffer.len();
                    let decoded = if self.ended {
                        decoder.decode_eof(&mut self.buffer)
                    } else {
                        decoder.decode(&mut self.buffer)
                    };
                    match decoded {
                        Ok(Some(frame)) => return Poll::Ready(Some(Ok(frame))),
                        Ok(None) => self.phase = Phase::Reading,
                        Err(e) => {
                            let skipped = self.buffer.len() < before;
                            return self.fail(e, skipped);
                        }
                    }
                    if self.ended {
                        return Poll::Ready(None);
                    }
                }
                Phase::Reading => match ready!(self.poll_fill(io.as_mut(), cx)) {
                    Ok(0) if self.ended => return Poll::Ready(None),
                    Ok(n) => {
                        self.ended = n == 0;
                        self.phase = Phase::Framing;
                    }
                    Err(e) => return self.fail(e.into(), false),
                },
            }
        }
    }

    fn fail<T, E>(&mut self, error: E, skipped: bool) -> Poll<Option<Result<T, E>>> {
        self.phase = Phase::Failed { skipped };
        Poll::Ready(Some(Err(error)))
    }

    fn poll_fill<T: AsyncRead>(
        &mut self,
        mut io: Pin<&mut T>,
        cx: &mut Context<'_>,
    ) -> Poll<std::io::Result<usize>> {
        // Without room nothing can be read, which would look like the end.
        self.buffer.reserve(1);
        loop {
            match ready!(poll_read_buf(io.as_mut(), cx, &mut self.buffer)) {
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                result => return Poll::Ready(result),
            }
        }
    }
}

impl Default for ReadFrames {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

/// Goes on with a buffer that may hold frames.
impl From<BytesMut> for ReadFrames {
    fn from(mut buffer: BytesMut) -> Self {
        let phase = if buffer.is_empty() {
            Phase::Reading
        } else {
            Phase::Framing
        };
        // What has to be there is in; this is what room a new one has.
        buffer.reserve(CAPACITY.saturating_sub(buffer.len()));
        Self {
            buffer,
            phase,
            ended: false,
        }
    }
}
