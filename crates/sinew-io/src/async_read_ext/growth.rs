//! Reading until the end into a growing `Vec`.

use std::io::{ErrorKind, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncRead;

use crate::claim::claimed;

/// The least room that a read is offered. Also the size of the probe on the stack which finds the
/// end of a stream that fits the given capacity exactly, so that the vector is not grown for
/// nothing.
const PROBE: usize = 32;

/// The most room offered to the first read; doubled each time a read fills it. Room has to be
/// zeroed before it is offered, so it should not be far larger than what a read returns.
const FIRST_CHUNK: usize = 8 * 1024;

/// How far reading to the end has come.
///
/// While the operation runs, the vector is longer than what was read: the bytes from `filled` on
/// are zeroed room, kept so that they are zeroed once. [`Growth::trim`] cuts them off.
#[derive(Debug)]
pub(super) struct Growth {
    start: usize,
    filled: usize,
    start_capacity: usize,
    chunk: usize,
}

impl Growth {
    pub(super) fn new(vec: &Vec<u8>) -> Self {
        Self {
            start: vec.len(),
            filled: vec.len(),
            start_capacity: vec.capacity(),
            chunk: FIRST_CHUNK,
        }
    }

    /// The vector's length before anything was read.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// How many bytes were read.
    pub(super) fn bytes_read(&self) -> usize {
        self.filled - self.start
    }

    /// Cuts the room off, leaving what was there and what was read.
    pub(super) fn trim(&self, vec: &mut Vec<u8>) {
        vec.truncate(self.filled);
    }

    /// Reads until the end of the stream. Retries when interrupted.
    pub(super) fn poll_read_to_end<R: AsyncRead + ?Sized>(
        &mut self,
        mut reader: Pin<&mut R>,
        cx: &mut Context<'_>,
        vec: &mut Vec<u8>,
    ) -> Poll<Result<()>> {
        loop {
            match ready!(self.poll_read_some(reader.as_mut(), cx, vec)) {
                Ok(0) => return Poll::Ready(Ok(())),
                Ok(n) => self.filled += n,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Poll::Ready(Err(e)),
            }
        }
    }

    fn poll_read_some<R: AsyncRead + ?Sized>(
        &mut self,
        reader: Pin<&mut R>,
        cx: &mut Context<'_>,
        vec: &mut Vec<u8>,
    ) -> Poll<Result<usize>> {
        if vec.len() - self.filled < PROBE {
            let spare = vec.capacity() - self.filled;
            let untouched = vec.capacity() == self.start_capacity;
            if spare < PROBE && untouched && self.start_capacity >= PROBE {
                return self.poll_probe(reader, cx, vec);
            }
            vec.truncate(self.filled);
            vec.reserve(PROBE);
            let room = (vec.capacity() - self.filled).min(self.chunk);
            vec.resize(self.filled + room, 0);
        }
        let room = &mut vec[self.filled..];
        let len = room.len();
        let n = claimed(ready!(reader.poll_read(cx, room))?, len);
        if n == len {
            self.chunk = self.chunk.max(len).saturating_mul(2);
        }
        Poll::Ready(Ok(n))
    }

    /// A read that does not grow the vector unless there is something to put into it.
    fn poll_probe<R: AsyncRead + ?Sized>(
        &mut self,
        reader: Pin<&mut R>,
        cx: &mut Context<'_>,
        vec: &mut Vec<u8>,
    ) -> Poll<Result<usize>> {
        let mut probe = [0; PROBE];
        let n = claimed(ready!(reader.poll_read(cx, &mut probe))?, PROBE);
        vec.truncate(self.filled);
        vec.extend_from_slice(&probe[..n]);
        Poll::Ready(Ok(n))
    }
}
