//! Which of many were woken: a queue of keys, filled by wakers.
//!
//! # State
//!
//! Whoever waits for many things gives each a [`Waker`] made by
//! [`WakeQueue::waker`] with a key. Waking it pushes it onto `woken`, once, and wakes
//! `waiting` if it is the first there. The one who waits takes them out with
//! [`WakeQueue::pop`] and looks only at what they stand for: no scan, however many there
//! are. It takes all that there are at once, and goes through them in `taken`.
//!
//! # Invariants
//!
//! 1. `woken` leads to a stack of wakers, each of them one count of its node, that goes
//!    on at `next`; or it is `closed()`, for good, and nothing is pushed any more.
//! 2. A waker is in `woken` or in `taken`, or about to be pushed, only while its `queued`
//!    is set. So it is in one of them once, and `next` is written by who pushes it.
//! 3. `close` empties the stack. So a queued waker, which refers to the queue, does not
//!    keep it alive for ever.
//!
//! # Orderings
//!
//! `queued` is exchanged with AcqRel on both sides: a wake that finds it set comes
//! before the `pop` that clears it, so what follows that `pop` sees what was done
//! before the wake. A waker is pushed with Release and taken with Acquire. The one who
//! waits leaves its waker and then looks at the stack again; who pushes the first looks
//! for that waker then. Both look under the lock, so one sees what the other left.

use std::fmt;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::task::{Context, Waker};

use crate::atomic::{AtomicPtr, Mutex, Ordering, lock};

pub(crate) use keyed::Keyed;
use keyed::Node;

mod keyed;

struct Shared {
    woken: Line<AtomicPtr<Node>>,
    waiting: Mutex<Option<Waker>>,
}

/// Begins a line of the cache. Those who wake write to it, and who makes the wakers to the
/// count in front of it.
#[repr(align(64))]
struct Line<T>(T);

/// In `woken`, says that nothing is pushed any more. No node has this address.
fn closed() -> *mut Node {
    ptr::without_provenance_mut(1)
}

impl Shared {
    /// Those that were woken, the last of them first; `instead` is left in their place.
    fn take_all(&self, instead: *mut Node) -> impl Iterator<Item = Keyed> + use<> {
        // ORDERING: Acquire pairs with the Release in `push`.
        let first = self.woken.0.swap(instead, Ordering::Acquire);
        let mut rest = if first == closed() {
            ptr::null_mut()
        } else {
            first
        };
        std::iter::from_fn(move || {
            // SAFETY: by invariant 1 this was a count of a node, which is ours now.
            let keyed = unsafe { Keyed::from_raw(NonNull::new(rest)?) };
            rest = keyed.next();
            Some(keyed)
        })
    }

    fn wake_waiting(&self) {
        let waiting = lock(&self.waiting).take();
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }
}

/// See the module.
pub(crate) struct WakeQueue {
    shared: Arc<Shared>,
    /// What was woken, the first of them last.
    taken: Vec<Keyed>,
}

impl Default for WakeQueue {
    fn default() -> Self {
        WakeQueue {
            shared: Arc::new(Shared {
                woken: Line(AtomicPtr::new(ptr::null_mut())),
                waiting: Mutex::new(None),
            }),
            taken: Vec::new(),
        }
    }
}

impl WakeQueue {
    /// A waker that puts `key` into the queue.
    pub(crate) fn waker(&self, key: usize) -> Waker {
        Keyed::new(key, self.shared.clone()).into_waker()
    }

    /// The waker that was woken first. If there is none, that of `cx` is woken
    /// by the next.
    pub(crate) fn pop(&mut self, cx: Option<&mut Context<'_>>) -> Option<Keyed> {
        if self.taken.is_empty() && !self.take() {
            let replaced = self.wait(cx?);
            let woken = self.take();
            // A foreign waker's destructor may do anything: not under the lock, and not
            // before the look, so that what it wakes is left to the next call.
            drop(replaced);
            if !woken {
                return None;
            }
        }
        let keyed = self.taken.pop()?;
        keyed.leave();
        Some(keyed)
    }

    /// Takes all that were woken, if there are any.
    fn take(&mut self) -> bool {
        // Relaxed: if something is there, the exchange finds it.
        if self.shared.woken.0.load(Ordering::Relaxed).is_null() {
            return false;
        }
        self.taken.extend(self.shared.take_all(ptr::null_mut()));
        true
    }

    /// Leaves whom the next wake will wake, and gives back who was left before.
    fn wait(&self, cx: &Context<'_>) -> Option<Waker> {
        let mut waiting = lock(&self.shared.waiting);
        match &*waiting {
            Some(waker) if waker.will_wake(cx.waker()) => None,
            _ => waiting.replace(cx.waker().clone()),
        }
    }

    /// Wakes who waits in [`pop`](Self::pop), for another reason than a key.
    pub(crate) fn wake_waiting(&self) {
        self.shared.wake_waiting();
    }
}

impl Drop for WakeQueue {
    /// Forgets what was woken, and what will be.
    fn drop(&mut self) {
        self.shared.take_all(closed()).for_each(drop);
        let waiting = lock(&self.shared.waiting).take();
        drop(waiting);
    }
}

impl fmt::Debug for WakeQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WakeQueue")
            .field("taken", &self.taken.len())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, sinew_loom))]
mod tests;
