//! The children of a scope, and who of them is polled.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use sinew_core::coop;
use slab::Slab;

use super::{Child, Failure, Payload, Shared};
use crate::wake_queue::{Keyed, WakeQueue};

/// Owns the futures of the children: invariant 2 of `scope`.
pub(super) struct Children<E> {
    shared: Arc<Shared<E>>,
    futures: Slab<Child>,
    woken: WakeQueue,
}

/// Runs `f`, and gives back what it panics with.
pub(crate) fn guarded<R>(f: impl FnOnce() -> R) -> Result<R, Payload> {
    // What was unwound is not used again: it is dropped, and the panic goes on.
    catch_unwind(AssertUnwindSafe(f))
}

impl<E> Children<E> {
    pub(super) fn new(shared: Arc<Shared<E>>) -> Children<E> {
        Children {
            shared,
            futures: Slab::new(),
            woken: WakeQueue::default(),
        }
    }

    /// How many have begun and not ended.
    pub(super) fn len(&self) -> usize {
        self.futures.len()
    }

    /// Polls those that were woken. Ready when all have ended or one has failed.
    pub(super) fn poll_all(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // One that wakes itself goes behind the others; each has had a turn when as
        // many polls were made as there are, and then other tasks have theirs.
        let mut turns = self.futures.len();
        loop {
            turns += self.take_new();
            if self.futures.is_empty() || self.has_failed() {
                return Poll::Ready(());
            }
            if turns == 0 || !coop::has_budget_remaining() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            turns -= 1;
            match self.woken.pop(Some(cx)) {
                Some(keyed) => self.poll_child(keyed),
                None => return Poll::Pending,
            }
        }
    }

    fn has_failed(&self) -> bool {
        self.shared.state().failure.is_some()
    }

    /// Takes what was spawned since, as woken. Returns how many they are.
    fn take_new(&mut self) -> usize {
        let new = std::mem::take(&mut self.shared.state().new);
        let count = new.len();
        for child in new {
            let key = self.futures.insert(child);
            Waker::from(self.woken.waker(key)).wake();
        }
        count
    }

    fn poll_child(&mut self, keyed: Arc<Keyed>) {
        let key = keyed.key();
        // The waker of one that has ended may come late. Its key may be another's by
        // now: then this poll is one too many, which is harmless.
        let Some(child) = self.futures.get_mut(key) else {
            return;
        };
        let waker = Waker::from(keyed);
        match guarded(|| child.as_mut().poll(&mut Context::from_waker(&waker))) {
            Ok(Poll::Pending) => {}
            Ok(Poll::Ready(())) => {
                let child = self.futures.remove(key);
                if let Err(payload) = guarded(|| drop(child)) {
                    self.shared.fail(Failure::Panic(payload));
                }
            }
            Err(payload) => self.shared.fail(Failure::Panic(payload)),
        }
    }

    /// Drops all children, each also if the destructor of another panics. The first
    /// such panic becomes the scope's failure, if there is none.
    pub(super) fn drop_all(&mut self) {
        loop {
            self.shared.state().closed = true;
            let new = std::mem::take(&mut self.shared.state().new);
            let futures = std::mem::take(&mut self.futures);
            let old = futures.into_iter().map(|(_, child)| child);
            let mut some = false;
            for child in old.chain(new) {
                some = true;
                if let Err(payload) = guarded(|| drop(child)) {
                    self.shared.fail(Failure::Panic(payload));
                }
            }
            if !some {
                return;
            }
        }
    }
}
