//! Moving bytes from a reader to a writer through a buffer.

use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
use sinew_core::borrowed_any::BorrowedAny;

use super::shortcut::{Shortcut, Step};
use crate::claim::claimed;
use crate::spend::spend;

/// What becomes of the bytes in the buffer when the reader fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnReadError {
    /// They are written first, however long the writer takes; the error comes after.
    WriteOut,
    /// The error comes at once and they are lost. For two directions, where the writer of one may
    /// wait for a peer that will never read again.
    GiveUp,
}

/// A buffer between a reader and a writer: `buf[pos..cap]` was read and not yet written.
#[derive(Debug)]
pub(super) struct Transfer {
    buf: Box<[u8]>,
    pos: usize,
    cap: usize,
    /// How many bytes the writer has taken.
    amount: u64,
    /// The writer has taken bytes since it was last flushed.
    unflushed: bool,
    /// The reader came to its end or failed, and is not asked again.
    read_done: bool,
    /// How the reader failed, while the buffer is written out.
    failure: Option<Error>,
    on_read_error: OnReadError,
    /// Past the buffer, where the system moves the bytes.
    shortcut: Shortcut,
}

impl Transfer {
    pub(super) fn new(size: usize, on_read_error: OnReadError) -> Self {
        Self {
            buf: vec![0; size].into_boxed_slice(),
            pos: 0,
            cap: 0,
            amount: 0,
            unflushed: false,
            read_done: false,
            failure: None,
            on_read_error,
            shortcut: Shortcut::default(),
        }
    }

    /// Moves everything, flushes the writer and gives the number of bytes it took.
    pub(super) fn poll_copy<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        mut reader: Pin<&mut R>,
        mut writer: Pin<&mut W>,
    ) -> Poll<Result<u64>>
    where
        R: AsyncRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        loop {
            // A reader and a writer that are always ready must not keep the thread.
            ready!(spend(cx));
            if self.pos == self.cap && !self.read_done && self.shortcut.is_due() {
                ready!(self.poll_shortcut(cx, reader.as_mut(), writer.as_mut()))?;
                continue;
            }
            let starved = self.wants_more() && self.poll_fill(cx, reader.as_mut())?.is_pending();
            if starved && self.pos == self.cap {
                // What is held back by the writer may be what the other side waits for before it
                // sends more.
                ready!(self.poll_flush(cx, writer.as_mut()))?;
                return Poll::Pending;
            }
            while self.pos < self.cap {
                let Poll::Ready(n) = self.poll_write(cx, writer.as_mut())? else {
                    // Meanwhile the buffer may as well be filled, and the reader's side freed.
                    while self.wants_more() && self.poll_fill(cx, reader.as_mut())?.is_ready() {}
                    return Poll::Pending;
                };
                if n == 0 {
                    let text = "write zero byte into writer";
                    return Poll::Ready(Err(Error::new(ErrorKind::WriteZero, text)));
                }
                self.pos += n;
                self.amount += n as u64;
                self.unflushed = true;
            }
            self.pos = 0;
            self.cap = 0;
            if self.read_done {
                if let Some(e) = self.failure.take() {
                    return Poll::Ready(Err(e));
                }
                ready!(writer.as_mut().poll_flush(cx))?;
                return Poll::Ready(Ok(self.amount));
            }
        }
    }

    /// One step past the empty buffer.
    fn poll_shortcut<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        reader: Pin<&mut R>,
        writer: Pin<&mut W>,
    ) -> Poll<Result<()>>
    where
        R: AsyncRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        let to = BorrowedAny::new(&*writer);
        let step = self.shortcut.poll_step(cx, BorrowedAny::new(&*reader), to);
        let Poll::Ready(step) = step else {
            ready!(self.poll_flush(cx, writer))?;
            return Poll::Pending;
        };
        match step? {
            Step::Moved(count) => {
                self.amount += count as u64;
                self.unflushed = true;
            }
            Step::End => self.read_done = true,
            Step::Buffer(bytes) => {
                if !bytes.is_empty() {
                    self.cap = bytes.len();
                    self.buf = bytes.into_boxed_slice();
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    fn wants_more(&self) -> bool {
        !self.read_done && self.cap < self.buf.len()
    }

    /// Reads once into the free end of the buffer.
    fn poll_fill<R: AsyncRead + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        mut reader: Pin<&mut R>,
    ) -> Poll<Result<()>> {
        loop {
            let free = &mut self.buf[self.cap..];
            let room = free.len();
            match ready!(reader.as_mut().poll_read(cx, free)) {
                Ok(0) => self.read_done = true,
                Ok(n) => {
                    self.cap += claimed(n, room);
                    if room == self.buf.len() {
                        self.shortcut.note_read(n == room);
                    }
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) if self.on_read_error == OnReadError::GiveUp => {
                    return Poll::Ready(Err(e));
                }
                Err(e) => {
                    self.read_done = true;
                    self.failure = Some(e);
                }
            }
            return Poll::Ready(Ok(()));
        }
    }

    /// Writes once from what is in the buffer.
    fn poll_write<W: AsyncWrite + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        mut writer: Pin<&mut W>,
    ) -> Poll<Result<usize>> {
        loop {
            let rest = &self.buf[self.pos..self.cap];
            match ready!(writer.as_mut().poll_write(cx, rest)) {
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                result => return Poll::Ready(result.map(|n| claimed(n, rest.len()))),
            }
        }
    }

    fn poll_flush<W: AsyncWrite + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        writer: Pin<&mut W>,
    ) -> Poll<Result<()>> {
        if self.unflushed {
            ready!(writer.poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}
