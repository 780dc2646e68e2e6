use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::thread;

use futures_io::{AsyncRead, AsyncWrite};
use sinew_time::{Sleep, sleep};

use super::builder::{Action, Later, Taken};

/// A reader and writer that follows the script of a [`Builder`](super::Builder).
///
/// Reads give what is scripted, in order. Writes are compared with what is scripted; a write may
/// come before a read that the script puts first, a read never before a write. Flushing and
/// closing are always ready.
///
/// # Panics
///
/// A write panics when its bytes are not those of the script, and when the script has ended.
/// Dropping the mock panics if the script has bytes left to read or to write, unless the thread
/// panics already.
pub struct Mock {
    actions: VecDeque<Action>,
    /// The wait at the front of the actions, once it has begun.
    sleep: Option<Pin<Box<Sleep>>>,
    /// Tasks that cannot go on before the other side, reading or writing, does.
    blocked: Vec<Waker>,
    later: Arc<Later>,
    name: String,
}

impl Mock {
    pub(super) fn new(actions: VecDeque<Action>, name: String, later: Arc<Later>) -> Self {
        Self {
            actions,
            sleep: None,
            blocked: Vec::new(),
            later,
            name,
        }
    }

    /// Passes what is used up and sits out waits. Ready once the front is something to do, or
    /// nothing.
    fn poll_front(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match self.actions.front() {
                Some(Action::Wait(duration)) => {
                    let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(*duration)));
                    if sleep.as_mut().poll(cx).is_pending() {
                        // The timer has one waker, and the other side may wait too.
                        self.block(cx);
                        return Poll::Pending;
                    }
                    self.sleep = None;
                }
                Some(Action::Read(data) | Action::Write(data)) if data.is_empty() => {}
                _ => return Poll::Ready(()),
            }
            self.actions.pop_front();
            self.unblock();
        }
    }

    /// Begins the wait at the front, if there is one.
    fn begin_wait(&mut self) {
        while let Some(Action::Read(data) | Action::Write(data)) = self.actions.front() {
            if !data.is_empty() {
                return;
            }
            self.actions.pop_front();
        }
        if let Some(Action::Wait(duration)) = self.actions.front() {
            self.sleep.get_or_insert_with(|| Box::pin(sleep(*duration)));
        }
    }

    fn block(&mut self, cx: &Context<'_>) {
        if !self.blocked.iter().any(|w| w.will_wake(cx.waker())) {
            self.blocked.push(cx.waker().clone());
        }
    }

    fn unblock(&mut self) {
        mem::take(&mut self.blocked)
            .into_iter()
            .for_each(Waker::wake);
    }

    /// Takes over what the handle has added. Ready with whether there was anything; pending
    /// while there may be.
    fn poll_later(&mut self, cx: &Context<'_>) -> Poll<bool> {
        match self.later.take(cx) {
            Taken::Actions(actions) => {
                self.actions.extend(actions);
                Poll::Ready(true)
            }
            Taken::Ended => Poll::Ready(false),
            Taken::NotYet => Poll::Pending,
        }
    }

    /// Compares `src` with the writes of the script up to the next wait or error, across reads.
    fn write(&mut self, src: &[u8]) -> usize {
        let mut rest = src;
        for (i, action) in self.actions.iter_mut().enumerate() {
            match action {
                Action::Write(expected) => {
                    let n = rest.len().min(expected.len());
                    assert_eq!(&rest[..n], &expected[..n], "name={} i={i}", self.name);
                    expected.drain(..n);
                    rest = &rest[n..];
                    if rest.is_empty() {
                        break;
                    }
                }
                Action::Wait(_) | Action::WriteError(_) => break,
                Action::Read(_) | Action::ReadError(_) => {}
            }
        }
        src.len() - rest.len()
    }

    /// What panics say about the script.
    fn state(&self) -> String {
        let left = self.actions.len();
        match self.name.as_str() {
            "" => format!("({left} actions remain)"),
            name => format!("(name {name}, {left} actions remain)"),
        }
    }
}

impl AsyncRead for Mock {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let me = self.get_mut();
        loop {
            ready!(me.poll_front(cx));
            match me.actions.front_mut() {
                Some(Action::Read(data)) => {
                    let n = buf.len().min(data.len());
                    buf[..n].copy_from_slice(&data[..n]);
                    data.drain(..n);
                    me.unblock();
                    return Poll::Ready(Ok(n));
                }
                Some(Action::ReadError(_)) => {
                    let Some(Action::ReadError(error)) = me.actions.pop_front() else {
                        unreachable!("the front was just seen");
                    };
                    me.unblock();
                    return Poll::Ready(Err(error.into_error()));
                }
                // A write's turn: nothing that a handle could add comes before it.
                Some(_) => {
                    me.block(cx);
                    return Poll::Pending;
                }
                None => {
                    if !ready!(me.poll_later(cx)) {
                        return Poll::Ready(Ok(0));
                    }
                }
            }
        }
    }
}

impl AsyncWrite for Mock {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        loop {
            ready!(self.poll_front(cx));
            if let Some(Action::WriteError(_)) = self.actions.front() {
                let Some(Action::WriteError(error)) = self.actions.pop_front() else {
                    unreachable!("the front was just seen");
                };
                self.unblock();
                return Poll::Ready(Err(error.into_error()));
            }
            let written = self.write(buf);
            if written > 0 {
                self.begin_wait();
                self.unblock();
                return Poll::Ready(Ok(written));
            }
            let more = self.poll_later(cx);
            if let Poll::Ready(true) = more {
                continue;
            }
            // What is left is for a read to take; then it may be a write's turn again.
            if !self.actions.is_empty() {
                self.block(cx);
                return Poll::Pending;
            }
            ready!(more);
            panic!("unexpected write {}", self.state());
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        for action in &self.actions {
            let verb = match action {
                Action::Read(data) if !data.is_empty() => "read",
                Action::Write(data) if !data.is_empty() => "write",
                _ => continue,
            };
            panic!("There is still data left to {verb}. {}", self.state());
        }
    }
}

impl fmt::Debug for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Mock");
        if !self.name.is_empty() {
            out.field("name", &self.name);
        }
        out.finish_non_exhaustive()
    }
}
