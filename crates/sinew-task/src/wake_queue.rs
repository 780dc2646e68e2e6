//! Which of many were woken: a queue of keys, filled by wakers.
//!
//! # State
//!
//! Whoever waits for many things gives each a [`Waker`] made by
//! [`WakeQueue::waker`] with a key. Waking it puts it into `woken`, once, and
//! wakes `waiting`. The one who waits takes them out with [`WakeQueue::pop`] and
//! looks only at what they stand for: no scan, however many there are. It takes all
//! that there are under one lock, and goes through them in `taken`.
//!
//! # Invariants
//!
//! 1. `woken` and `waiting` are touched only under the lock.
//! 2. A waker is in `woken` or in `taken`, or about to be put into `woken`, exactly
//!    while its `queued` is set; `close` empties the queue for good. So a queued waker,
//!    which refers to the queue, does not keep it alive for ever.
//!
//! # Orderings
//!
//! `queued` is exchanged with AcqRel on both sides: a wake that finds it set comes
//! before the `pop` that clears it, so what follows that `pop` sees what was done
//! before the wake.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};

#[derive(Default)]
struct Queue {
    woken: VecDeque<Arc<Keyed>>,
    waiting: Option<Waker>,
    closed: bool,
}

#[derive(Default)]
struct Shared(Mutex<Queue>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A waker of one key.
pub(crate) struct Keyed {
    key: usize,
    queued: AtomicBool,
    shared: Arc<Shared>,
}

impl Keyed {
    pub(crate) fn key(&self) -> usize {
        self.key
    }
}

impl Wake for Keyed {
    fn wake(self: Arc<Self>) {
        // ORDERING: see the module.
        if self.queued.swap(true, Ordering::AcqRel) {
            return;
        }
        let waiting = {
            let mut queue = self.shared.lock();
            if queue.closed {
                return;
            }
            queue.woken.push_back(self.clone());
            queue.waiting.take()
        };
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }
}

/// See the module.
#[derive(Default)]
pub(crate) struct WakeQueue {
    shared: Arc<Shared>,
    /// What was woken, and has been taken out of `shared` in one go.
    taken: VecDeque<Arc<Keyed>>,
}

impl WakeQueue {
    /// A waker that puts `key` into the queue.
    pub(crate) fn waker(&self, key: usize) -> Arc<Keyed> {
        Arc::new(Keyed {
            key,
            queued: AtomicBool::new(false),
            shared: self.shared.clone(),
        })
    }

    /// The waker that was woken first. If there is none, that of `cx` is woken
    /// by the next.
    pub(crate) fn pop(&mut self, cx: Option<&mut Context<'_>>) -> Option<Arc<Keyed>> {
        if self.taken.is_empty() && !self.take(cx) {
            return None;
        }
        let keyed = self.taken.pop_front()?;
        // ORDERING: see the module.
        keyed.queued.swap(false, Ordering::AcqRel);
        Some(keyed)
    }

    /// Takes all that were woken. If there are none, the waker of `cx` is woken by the
    /// next.
    fn take(&mut self, cx: Option<&mut Context<'_>>) -> bool {
        let mut queue = self.shared.lock();
        if !queue.woken.is_empty() {
            std::mem::swap(&mut queue.woken, &mut self.taken);
            return true;
        }
        let Some(cx) = cx else { return false };
        let replaced = match &mut queue.waiting {
            Some(waker) if waker.will_wake(cx.waker()) => None,
            waiting => waiting.replace(cx.waker().clone()),
        };
        // A foreign waker's destructor may do anything: not under the lock.
        drop(queue);
        drop(replaced);
        false
    }

    /// Wakes who waits in [`pop`](Self::pop), for another reason than a key.
    pub(crate) fn wake_waiting(&self) {
        let waiting = self.shared.lock().waiting.take();
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }

    /// Forgets what was woken, and what will be.
    pub(crate) fn close(&self) {
        let (woken, waiting) = {
            let mut queue = self.shared.lock();
            queue.closed = true;
            (std::mem::take(&mut queue.woken), queue.waiting.take())
        };
        drop((woken, waiting));
    }
}

impl Drop for WakeQueue {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for WakeQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WakeQueue")
            .field(
                "woken",
                &(self.taken.len() + self.shared.lock().woken.len()),
            )
            .finish_non_exhaustive()
    }
}
