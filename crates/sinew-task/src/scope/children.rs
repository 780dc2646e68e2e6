//! Who of the children is polled, and how all of them end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll};

use sinew_core::coop;

use super::cell::{Stage, drop_future, poll};
use super::queue::{Child, Turn, header};
use super::{Failure, Payload, Scope};

/// Runs `f`, and gives back what it panics with.
pub(crate) fn guarded<R>(f: impl FnOnce() -> R) -> Result<R, Payload> {
    // What was unwound is not used again: it is dropped, and the panic goes on.
    catch_unwind(AssertUnwindSafe(f))
}

impl<E> Scope<'_, '_, E> {
    /// Polls the children that were woken. Ready when all have ended or one has failed.
    ///
    /// # Safety
    ///
    /// The caller has the scope for itself, by a `&mut Scoped`.
    pub(super) unsafe fn poll_children(&self, cx: &mut Context<'_>) -> Poll<()> {
        // SAFETY: promised by the caller.
        let turn = unsafe { self.queue.enter() };
        loop {
            // One guard around many polls; after a panic there are none any more.
            match guarded(|| self.poll_turn(&turn, cx)) {
                Ok(polled) => return polled,
                Err(payload) => self.fail(Failure::Panic(payload)),
            }
        }
    }

    fn poll_turn(&self, turn: &Turn<'_>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.has_failed() || turn.is_empty() {
                return Poll::Ready(());
            }
            if !turn.is_ready() {
                turn.wait(cx);
                if !turn.take_sent() {
                    return Poll::Pending;
                }
            }
            // One that wakes itself goes behind the others; each has had a turn when as
            // many polls were made as there are, and then other tasks have theirs.
            if !turn.take_turn() || !coop::has_budget_remaining() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if let Some(child) = turn.pop() {
                poll_child(turn, child);
            }
        }
    }

    /// Drops all children, each also if the destructor of another panics. The first
    /// such panic becomes the scope's failure, if there is none. What is spawned later
    /// is refused.
    ///
    /// # Safety
    ///
    /// As of [`poll_children`](Self::poll_children).
    pub(super) unsafe fn drop_children(&self) {
        // SAFETY: promised by the caller.
        let turn = unsafe { self.queue.enter() };
        loop {
            while let Some(child) = turn.any() {
                if let Err(payload) = guarded(|| drop_child(child)) {
                    self.fail(Failure::Panic(payload));
                }
                turn.unlink(child);
            }
            // Their futures are gone; they were only waiting here.
            while let Some(child) = turn.pop() {
                turn.disown(child);
            }
            if turn.is_empty() && !turn.close() {
                break;
            }
        }
        self.queue.forget_waiting();
    }
}

fn poll_child(turn: &Turn<'_>, child: Child) {
    // SAFETY: what is in the list of the ready is held, and now by us.
    let cell = unsafe { header(child) };
    if cell.stage.get() == Stage::Ended {
        // It was woken in the poll that ended it.
        return turn.disown(child);
    }
    // SAFETY: this thread has the turn, and the child has not ended.
    if unsafe { poll(child) }.is_ready() {
        turn.unlink(child);
    }
}

fn drop_child(child: Child) {
    // SAFETY: it is in the list of all, which holds it.
    let cell = unsafe { header(child) };
    if cell.stage.get() != Stage::Ended {
        // SAFETY: this thread has the turn, and polls nothing.
        unsafe { drop_future(child) };
    }
}
