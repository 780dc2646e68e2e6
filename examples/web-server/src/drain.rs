//! Who is still connected, and telling them to stop.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use sinew::futures::task::AtomicWaker;

/// Counts connections and tells them when to stop. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Drain {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    stopping: AtomicBool,
    members: Mutex<Members>,
}

#[derive(Debug, Default)]
struct Members {
    next: u64,
    /// Each has a waker of its own, so that a connection that waits for its
    /// next request takes no lock that others take as well.
    wakers: HashMap<u64, Arc<AtomicWaker>>,
    drained: Option<Waker>,
}

/// A connection's membership. Dropping it leaves.
#[derive(Debug)]
pub struct Member {
    shared: Arc<Shared>,
    id: u64,
    waker: Arc<AtomicWaker>,
}

impl Shared {
    fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drain {
    /// Nobody yet.
    #[must_use]
    pub fn new() -> Drain {
        Drain::default()
    }

    /// One more.
    #[must_use]
    pub fn enter(&self) -> Member {
        let waker = Arc::new(AtomicWaker::new());
        let mut members = self.shared.members();
        let id = members.next;
        members.next += 1;
        members.wakers.insert(id, Arc::clone(&waker));
        drop(members);
        Member {
            shared: Arc::clone(&self.shared),
            id,
            waker,
        }
    }

    /// How many there are.
    #[must_use]
    pub fn members(&self) -> usize {
        self.shared.members().wakers.len()
    }

    /// Tells all members to stop, and those that enter later as well.
    pub fn stop(&self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        let wakers: Vec<_> = self.shared.members().wakers.values().cloned().collect();
        for waker in wakers {
            waker.wake();
        }
    }

    /// Waits until all have left. One task may wait at a time.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn drained(&self) {
        poll_fn(|cx| {
            let mut members = self.shared.members();
            if members.wakers.is_empty() {
                return Poll::Ready(());
            }
            members.drained = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

impl Member {
    /// Whether it was told to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.shared.stopping.load(Ordering::SeqCst)
    }

    /// Ready when it was told to stop; until then, the task is woken when it is.
    pub fn poll_stop(&self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.is_stopping() {
            self.waker.register(cx.waker());
            // It may have been told between the two lines above.
            if !self.is_stopping() {
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut members = self.shared.members();
        members.wakers.remove(&self.id);
        let last = if members.wakers.is_empty() {
            members.drained.take()
        } else {
            None
        };
        drop(members);
        if let Some(waker) = last {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests;
