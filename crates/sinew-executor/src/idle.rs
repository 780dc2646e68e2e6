//! Who sleeps, who searches, and whom to wake.
//!
//! # State
//!
//! A *runner* is a thread (or a future) that runs tasks. It is busy, searching
//! or asleep. `searching` and `sleeping` count the runners of the last two
//! kinds; `sleepers` holds a waker for each one that is asleep.
//!
//! # Life cycle
//!
//! | from | event | to |
//! |---|---|---|
//! | busy | own queue is empty, few are searching: [`start_searching`](Idle::start_searching) | searching |
//! | searching | found a task: [`stop_searching`](Idle::stop_searching); the last one wakes another | busy |
//! | busy, searching | found nothing: [`fall_asleep`](Idle::fall_asleep), then looks at all queues once more | asleep |
//! | asleep | [`notify`](Idle::notify) took its waker out | searching |
//! | asleep | woke by itself: [`wake_up`](Idle::wake_up) finds its waker still there | busy |
//!
//! # Invariants
//!
//! 1. A runner is in `sleepers` exactly while it is counted in `sleeping`; both
//!    change together, under the lock.
//! 2. `notify` moves the runner that it wakes from sleeping to searching on that
//!    runner's behalf. So whoever wakes up must ask `wake_up` which of the two
//!    happened, and give the searching token back later, or `searching` stays
//!    above zero and `notify` is silent for ever.
//! 3. At least one runner looks at the queues after each push: either `notify`
//!    woke one, or one was searching and looks again before it sleeps, or the
//!    last to fall asleep sees the push.
//!
//! # Orderings
//!
//! Invariant 3 is a store-load protocol. The pusher stores a task and then loads
//! the counts; the runner that falls asleep stores its count and then loads the
//! queues. Both have a `SeqCst` fence in between, so at least one of them sees
//! the other's store. Everything else is ordered by the lock.

#[cfg(not(sinew_loom))]
use std::sync::{MutexGuard, PoisonError};
use std::task::Waker;

#[cfg(sinew_loom)]
use loom::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering, fence},
};
#[cfg(not(sinew_loom))]
use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering, fence},
};

struct Sleeper {
    id: u64,
    waker: Waker,
}

pub(crate) struct Idle {
    searching: AtomicUsize,
    sleeping: AtomicUsize,
    sleepers: Mutex<Vec<Sleeper>>,
}

impl Idle {
    pub(crate) fn new() -> Idle {
        Idle {
            searching: AtomicUsize::new(0),
            sleeping: AtomicUsize::new(0),
            sleepers: Mutex::new(Vec::new()),
        }
    }

    #[cfg(not(sinew_loom))]
    fn lock(&self) -> MutexGuard<'_, Vec<Sleeper>> {
        self.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(sinew_loom)]
    fn lock(&self) -> loom::sync::MutexGuard<'_, Vec<Sleeper>> {
        self.sleepers.lock().unwrap()
    }

    /// How many runners sleep.
    pub(crate) fn sleeping(&self) -> usize {
        self.sleeping.load(Ordering::Relaxed)
    }

    /// Called after a task was pushed: wakes a runner if all others sleep and
    /// none is searching already.
    #[inline]
    pub(crate) fn notify(&self) {
        // ORDERING: pairs with the fence in `fall_asleep`; see the module.
        fence(Ordering::SeqCst);
        if self.sleeping.load(Ordering::Relaxed) > 0 && self.searching.load(Ordering::Relaxed) == 0
        {
            self.notify_slow();
        }
    }

    #[cold]
    fn notify_slow(&self) {
        let sleeper = {
            let mut sleepers = self.lock();
            // Another pusher may have been faster: one searcher is enough.
            if self.searching.load(Ordering::Relaxed) > 0 {
                return;
            }
            let Some(sleeper) = sleepers.pop() else {
                return;
            };
            self.sleeping.fetch_sub(1, Ordering::Relaxed);
            self.searching.fetch_add(1, Ordering::Relaxed);
            sleeper
        };
        // Outside of the lock: what a waker does is not ours to know.
        sleeper.waker.wake();
    }

    /// A runner of `runners` wants to search. `false` if enough do: more than
    /// half of them searching would only get in each other's way.
    pub(crate) fn start_searching(&self, runners: usize) -> bool {
        if 2 * self.searching.load(Ordering::Relaxed) >= runners {
            return false;
        }
        self.searching.fetch_add(1, Ordering::Relaxed);
        true
    }

    /// A searching runner found a task. The last searcher wakes another, since
    /// pushes during the search notified nobody.
    pub(crate) fn stop_searching(&self) {
        // ORDERING: SeqCst, with the fence in `notify`: a pusher that saw this
        // runner searching did its push before we look again.
        if self.searching.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.notify();
        }
    }

    /// The runner is about to sleep. It must look at all queues once more after
    /// this, and call [`wake_up`](Self::wake_up) if it finds something there.
    pub(crate) fn fall_asleep(&self, id: u64, waker: Waker, searching: bool) {
        {
            let mut sleepers = self.lock();
            sleepers.push(Sleeper { id, waker });
            self.sleeping.fetch_add(1, Ordering::Relaxed);
            if searching {
                self.searching.fetch_sub(1, Ordering::Relaxed);
            }
        }
        // ORDERING: pairs with the fence in `notify`; see the module.
        fence(Ordering::SeqCst);
    }

    /// The runner is awake again. `true` if `notify` woke it: then it holds a
    /// searching token (invariant 2). `false` if it woke by itself.
    #[must_use = "a searching token that is not given back silences notify"]
    pub(crate) fn wake_up(&self, id: u64) -> bool {
        let mut sleepers = self.lock();
        match sleepers.iter().position(|sleeper| sleeper.id == id) {
            Some(index) => {
                let sleeper = sleepers.remove(index);
                self.sleeping.fetch_sub(1, Ordering::Relaxed);
                drop(sleepers);
                drop(sleeper);
                false
            }
            None => true,
        }
    }
}

#[cfg(test)]
mod tests;
