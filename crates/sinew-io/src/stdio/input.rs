//! A reader that blocks, on a thread of its own.
//!
//! # State
//!
//! | field | meaning |
//! |---|---|
//! | `bytes[pos..]` | read and not yet taken |
//! | `outcome` | the end or an error, until one read has been told |
//! | `wanted` | a task waits for more: the thread reads, or is about to |
//! | `started` | the thread is there; it never ends |
//!
//! # Invariants
//!
//! 1. The thread reads only while `wanted` is set, and then `bytes[pos..]` is empty and `outcome` is
//!    `None`. It clears `wanted` when it stores what it got, in the same critical section.
//! 2. Nobody reads from the system, and no waker is called or dropped, under the lock.

use std::io::{self, ErrorKind, Read};
use std::mem;
use std::panic::Location;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::thread;

use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};

use crate::DEFAULT_BUF_SIZE;

/// Makes the reader, on the thread that will read.
type Open = fn() -> Box<dyn Read>;

pub(super) struct Input {
    name: &'static str,
    open: Open,
    state: Mutex<State>,
    /// Told when `wanted` is set.
    wanted: Condvar,
}

struct State {
    bytes: Vec<u8>,
    pos: usize,
    outcome: Option<io::Result<()>>,
    wanted: bool,
    started: bool,
    waiting: Vec<Waker>,
}

impl Input {
    /// `name` is the thread's.
    pub(super) const fn new(name: &'static str, open: Open) -> Self {
        Self {
            name,
            open,
            state: Mutex::new(State {
                bytes: Vec::new(),
                pos: 0,
                outcome: None,
                wanted: false,
                started: false,
                waiting: Vec::new(),
            }),
            wanted: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in the critical sections leaves the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn poll_read(
        &'static self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
        location: &'static Location<'static>,
    ) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let proceed = ready!(coop::poll_proceed(cx));
        let mut state = self.lock();
        if let Some(result) = state.take(buf) {
            proceed.made_progress();
            return Poll::Ready(result);
        }
        if !state.started {
            // Under the lock, so that there is one; the thread starts by waiting for it.
            let thread = thread::Builder::new().name(self.name.to_owned());
            thread.spawn(|| self.run())?;
            state.started = true;
        }
        state.wanted = true;
        if !state.waiting.iter().any(|w| w.will_wake(cx.waker())) {
            state.waiting.push(cx.waker().clone());
        }
        drop(state);
        self.wanted.notify_one();
        leaf::pending(&Wait {
            kind: Kind::Readable,
            resource: 0,
            location,
        })
    }

    /// The thread.
    fn run(&self) {
        let mut reader = (self.open)();
        let mut buf = vec![0; DEFAULT_BUF_SIZE];
        loop {
            let state = self
                .wanted
                .wait_while(self.lock(), |state| !state.wanted)
                .unwrap_or_else(PoisonError::into_inner);
            drop(state);
            let result = loop {
                match reader.read(&mut buf) {
                    Err(e) if e.kind() == ErrorKind::Interrupted => {}
                    result => break result,
                }
            };
            let mut state = self.lock();
            state.wanted = false;
            match result {
                Ok(0) => state.outcome = Some(Ok(())),
                Ok(n) => {
                    state.bytes.clear();
                    state.bytes.extend_from_slice(&buf[..n]);
                    state.pos = 0;
                }
                Err(e) => state.outcome = Some(Err(e)),
            }
            let waiting = mem::take(&mut state.waiting);
            drop(state);
            waiting.into_iter().for_each(Waker::wake);
        }
    }
}

impl State {
    /// What there is without reading.
    fn take(&mut self, buf: &mut [u8]) -> Option<io::Result<usize>> {
        let rest = &self.bytes[self.pos..];
        if rest.is_empty() {
            return self.outcome.take().map(|outcome| outcome.map(|()| 0));
        }
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        self.pos += n;
        Some(Ok(n))
    }
}

#[cfg(all(test, unix))]
mod tests;
