//! The bounded byte queue behind [`SimplexStream`](crate::SimplexStream) and
//! [`DuplexStream`](crate::DuplexStream).

use std::collections::VecDeque;
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Result};
use std::panic::Location;
use std::ptr;
use std::task::{Context, Poll, Waker};

use sinew_core::leaf::{self, Kind, Wait};

/// A queue of at most `max` bytes with a place for one waiting reader and one waiting writer.
///
/// It wakes nobody itself: what is to be woken is returned as a [`Notice`], so that a caller who
/// holds a lock can release it first.
#[derive(Debug)]
pub(crate) struct Pipe {
    bytes: VecDeque<u8>,
    max: usize,
    /// Set when either side has gone: what is queued can still be read, nothing more be written.
    closed: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
    /// Where the pipe was made, for whoever asks what a task waits for.
    location: &'static Location<'static>,
}

/// Wakers that left the pipe. Foreign code runs both when one is woken and when one is dropped,
/// and that code may use the pipe: [`deliver`](Self::deliver) only after every lock is released.
#[derive(Debug, Default)]
#[must_use = "somebody may be waiting"]
pub(crate) struct Notice {
    wake: Option<Waker>,
    stale: Option<Waker>,
}

impl Notice {
    pub(crate) fn deliver(self) {
        if let Some(waker) = self.wake {
            waker.wake();
        }
        drop(self.stale);
    }

    fn wake(waker: Option<Waker>) -> Self {
        Self {
            wake: waker,
            stale: None,
        }
    }
}

/// Puts the task's waker into `slot`.
fn register(slot: &mut Option<Waker>, cx: &Context<'_>) -> Notice {
    if slot.as_ref().is_some_and(|w| w.will_wake(cx.waker())) {
        return Notice::default();
    }
    Notice {
        wake: None,
        stale: slot.replace(cx.waker().clone()),
    }
}

impl Pipe {
    /// # Panics
    ///
    /// Panics if `max` is 0.
    #[track_caller]
    pub(crate) fn new(max: usize) -> Self {
        assert!(max > 0, "`max_buf_size` must be greater than 0");
        Self {
            bytes: VecDeque::new(),
            max,
            closed: false,
            reader: None,
            writer: None,
            location: Location::caller(),
        }
    }

    pub(crate) fn poll_read(
        &mut self,
        cx: &Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> (Poll<Result<usize>>, Notice) {
        if bufs.iter().all(|b| b.is_empty()) {
            return (Poll::Ready(Ok(0)), Notice::default());
        }
        if self.bytes.is_empty() {
            if self.closed {
                return (Poll::Ready(Ok(0)), Notice::default());
            }
            return (self.pending(), register(&mut self.reader, cx));
        }
        let mut total = 0;
        for buf in bufs {
            match self.take(buf) {
                Ok(n) => total += n,
                Err(e) => return (Poll::Ready(Err(e)), Notice::default()),
            }
        }
        (Poll::Ready(Ok(total)), Notice::wake(self.writer.take()))
    }

    fn pending<T>(&self) -> Poll<T> {
        leaf::pending(&Wait {
            kind: Kind::Channel,
            resource: ptr::from_ref(self).addr() as u64,
            location: self.location,
        })
    }

    /// Moves queued bytes to `buf`, as many as fit.
    fn take(&mut self, buf: &mut [u8]) -> Result<usize> {
        // The queue is at most two slices long, and one read empties at most one.
        let first = self.bytes.read(buf)?;
        let second = self.bytes.read(&mut buf[first..])?;
        Ok(first + second)
    }

    pub(crate) fn poll_write(
        &mut self,
        cx: &Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> (Poll<Result<usize>>, Notice) {
        if self.closed {
            let error = ErrorKind::BrokenPipe.into();
            return (Poll::Ready(Err(error)), Notice::default());
        }
        if bufs.iter().all(|b| b.is_empty()) {
            return (Poll::Ready(Ok(0)), Notice::default());
        }
        let room = self.max - self.bytes.len();
        if room == 0 {
            return (self.pending(), register(&mut self.writer, cx));
        }
        let mut left = room;
        for buf in bufs {
            let n = buf.len().min(left);
            self.bytes.extend(&buf[..n]);
            left -= n;
        }
        let notice = Notice::wake(self.reader.take());
        (Poll::Ready(Ok(room - left)), notice)
    }

    /// Ends the writing side: the reader gets what is queued, then the end.
    pub(crate) fn close_write(&mut self) -> Notice {
        self.closed = true;
        Notice::wake(self.reader.take())
    }

    /// Ends the reading side: the writer gets `BrokenPipe`.
    pub(crate) fn close_read(&mut self) -> Notice {
        self.closed = true;
        Notice::wake(self.writer.take())
    }
}

#[cfg(test)]
mod tests;
