//! From a socket or pipe to another, through a pipe of our own.
//!
//! `splice` needs a pipe at one end, so it takes two calls: from the reader into
//! the pipe, from the pipe to the writer. Each call could be told that it would
//! block by either of its two ends. So the first is made only when the pipe is
//! empty, and the second only when there are bytes in it: then the one end that
//! can be at fault is the one whose readiness is cleared.
//!
//! # Invariants
//!
//! 1. `held` is the number of bytes in the pipe.
//! 2. A pipe that is kept for others is empty.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::mem;
use std::os::fd::AsFd;
use std::task::{Context, Poll, ready};

use rustix::io::{Errno, retry_on_intr};
use rustix::pipe::{SpliceFlags, splice};
use sinew_io::splice::{Spliced, Target};
use sinew_reactor::Async;

use super::pipes::{Pipe, SIZE};
use crate::Interest;

/// Below this number of bytes the two calls cost more than a read and a write.
const LITTLE: usize = 8 * 1024;

/// After so many fills in a row that brought little, the buffer is better.
const PATIENCE: u8 = 8;

/// What is kept between the steps of one copy.
#[derive(Debug, Default)]
pub(super) struct Relay {
    /// Present while bytes are on their way. One who waits for a peer holds none.
    pipe: Option<Pipe>,
    held: usize,
    /// How many fills in a row have brought little.
    little: u8,
}

pub(super) fn poll_splice<T: AsFd>(
    io: &Async<T>,
    cx: &mut Context<'_>,
    target: &dyn Target,
    relay: &mut Relay,
) -> Poll<io::Result<Spliced>> {
    if relay.held == 0 {
        // At the mark of urgent data `splice` stands still without an event to
        // come, where a read goes past it.
        let urgent = io.try_io(Interest::PRIORITY, |_| Ok(())).is_ok();
        if urgent || relay.little >= PATIENCE {
            relay.little = 0;
            relay.let_go();
            return Poll::Ready(Ok(Spliced::NotNow));
        }
        if let Some(done) = ready!(relay.poll_fill(io, cx))? {
            return Poll::Ready(Ok(done));
        }
    }
    relay.poll_empty(cx, target)
}

impl Relay {
    /// Fills the empty pipe. Says what has become of that if there is nothing to
    /// write now.
    fn poll_fill<T: AsFd>(
        &mut self,
        io: &Async<T>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Option<Spliced>>> {
        let pipe = match self.pipe.take().map_or_else(Pipe::take, Ok) {
            Ok(pipe) => pipe,
            Err(_) => return Poll::Ready(Ok(Some(Spliced::Never(Vec::new())))),
        };
        let filled = io.poll_read_with(cx, |io| Ok(move_bytes(io, &pipe.write, SIZE)?));
        let count = match filled {
            Poll::Ready(Ok(count)) if count > 0 => count,
            other => {
                // Nothing is in the pipe.
                pipe.keep();
                return other.map(|done| match done {
                    Ok(_) => Ok(Some(Spliced::End)),
                    Err(error) if cannot(&error) => Ok(Some(Spliced::Never(Vec::new()))),
                    Err(error) => Err(error),
                });
            }
        };
        self.pipe = Some(pipe);
        self.held = count;
        self.little = if count < LITTLE { self.little + 1 } else { 0 };
        Poll::Ready(Ok(None))
    }

    /// Writes what is in the pipe.
    fn poll_empty(
        &mut self,
        cx: &mut Context<'_>,
        target: &dyn Target,
    ) -> Poll<io::Result<Spliced>> {
        let Some(pipe) = &self.pipe else {
            return Poll::Ready(Ok(Spliced::NotNow));
        };
        let held = self.held;
        let taken = target.poll_take(cx, &mut |fd| Ok(move_bytes(&pipe.read, fd, held)?));
        match ready!(taken) {
            Ok(0) => Poll::Ready(Err(ErrorKind::WriteZero.into())),
            Ok(count) => {
                self.held -= count;
                Poll::Ready(Ok(Spliced::Moved(count)))
            }
            Err(error) if cannot(&error) => Poll::Ready(self.give_back().map(Spliced::Never)),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    /// Leaves the pipe to others, or closes it if it is not empty.
    fn let_go(&mut self) {
        if let (Some(pipe), 0) = (self.pipe.take(), self.held) {
            pipe.keep();
        }
    }

    /// Reads what is in the pipe, for a writer that does not take it.
    fn give_back(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; mem::take(&mut self.held)];
        if let Some(pipe) = self.pipe.take() {
            File::from(pipe.read).read_exact(&mut bytes)?;
        }
        Ok(bytes)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.let_go();
    }
}

/// One end of the two is a pipe.
fn move_bytes(from: impl AsFd, to: impl AsFd, limit: usize) -> Result<usize, Errno> {
    let flags = SpliceFlags::MOVE | SpliceFlags::NONBLOCK;
    retry_on_intr(|| splice(&from, None, &to, None, limit, flags))
}

/// Whether the system has said that this is no way to move bytes between the
/// two, or at all.
fn cannot(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::INVAL | Errno::NOSYS | Errno::PERM | Errno::OPNOTSUPP)
    )
}
