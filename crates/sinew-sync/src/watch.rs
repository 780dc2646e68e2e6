//! The latest value, for many to see.
//!
//! [`channel`] gives a [`Sender`] and a [`Receiver`] of one value that changes. A
//! receiver sees the value that is there now; values in between may be missed. It
//! can wait until the value has [changed](Receiver::changed) or until it
//! [is as wanted](Receiver::wait_for). For configuration, states and shutdown signals.
//!
//! The value lies behind a read-write lock. A [`Ref`] holds it for reading: keep it
//! for a short time, and never across an `.await`.
//!
//! # Cost
//!
//! Sending costs the lock and one atomic read-modify-write when nobody waits.
//! Asking for a change costs one load.
//!
//! ```
//! use sinew_sync::watch;
//!
//! # sinew_core::block_on(async {
//! let (tx, mut rx) = watch::channel("starting");
//! std::thread::spawn(move || tx.send("ready"));
//! rx.wait_for(|state| *state == "ready").await.unwrap();
//! # });
//! ```
//!
//! # Protocol
//!
//! 1. The version changes with the value's lock held for writing, so a reader that
//!    holds it knows which version it reads.
//! 2. A receiver gets into the queue only while the version is still the one that
//!    it has seen, which it checks with the queue's lock held and together with
//!    setting `WAITING`. So a sender either finds it in the queue or has changed the
//!    version before the check.

use std::fmt;
use std::ops::Deref;
use std::sync::PoisonError;

use sinew_core::wait_list::WaitList;

use crate::Notify;
use crate::primitives::{Arc, AtomicUsize, Ordering, RwLock, RwLockReadGuard, RwLockWriteGuard};

mod changed;
pub mod error;
mod receiver;
mod sender;
mod state;

pub use receiver::Receiver;
pub use sender::Sender;

use state::{StateCell, Version};

/// Makes a channel with a first value. The receiver counts it as seen.
///
/// # Examples
///
/// ```
/// use sinew_sync::watch;
///
/// let (tx, mut rx) = watch::channel(1);
/// assert!(!rx.has_changed().unwrap());
/// tx.send(2).unwrap();
/// assert_eq!(*rx.borrow_and_update(), 2);
/// ```
pub fn channel<T>(init: T) -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared::new(init, 1));
    let rx = Receiver::new(shared.clone(), Version::INITIAL);
    (Sender::from(shared), rx)
}

struct Shared<T> {
    value: RwLock<T>,
    state: StateCell,
    waiting: WaitList<(), ()>,
    senders: AtomicUsize,
    receivers: AtomicUsize,
    /// Notified when the last receiver has gone.
    abandoned: Notify,
}

impl<T> Shared<T> {
    fn new(init: T, receivers: usize) -> Shared<T> {
        Shared {
            value: RwLock::new(init),
            state: StateCell::new(),
            waiting: WaitList::new(()),
            senders: AtomicUsize::new(1),
            receivers: AtomicUsize::new(receivers),
            abandoned: Notify::new(),
        }
    }

    /// The value, and whether it is another than `seen`.
    fn borrow(&self, seen: Version) -> (Ref<'_, T>, Version) {
        // A sender's closure that panicked has not changed the version, and what
        // it left is what there is.
        let value = self.value.read().unwrap_or_else(PoisonError::into_inner);
        let version = self.state.load().version();
        let has_changed = version != seen;
        (Ref { value, has_changed }, version)
    }

    fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.value.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes all who wait for another version or the end.
    #[cold]
    fn wake_all(&self) {
        let locked = self.waiting.lock();
        self.state.stop_waiting();
        self.waiting.wake_all(locked, |()| {});
    }

    fn receiver_count(&self) -> usize {
        self.receivers.load(Ordering::Relaxed)
    }
}

/// The value, locked for reading. Senders wait until it is dropped.
pub struct Ref<'a, T> {
    value: RwLockReadGuard<'a, T>,
    has_changed: bool,
}

impl<T> Ref<'_, T> {
    /// Whether the value is another than the one that this receiver had seen. Of a
    /// sender's [`borrow`](Sender::borrow) always `false`.
    ///
    /// ```
    /// use sinew_sync::watch;
    ///
    /// let (tx, mut rx) = watch::channel(1);
    /// tx.send(1).unwrap();
    /// assert!(rx.borrow_and_update().has_changed());
    /// assert!(!rx.borrow_and_update().has_changed());
    /// ```
    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.has_changed
    }
}

impl<T> Deref for Ref<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Ref<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ref")
            .field("value", &**self)
            .field("has_changed", &self.has_changed)
            .finish()
    }
}

/// The bytes of a channel's allocation, with the two counts of its `Arc`.
#[cfg(all(test, not(sinew_loom)))]
pub(crate) fn footprint() -> usize {
    size_of::<Shared<u64>>() + 2 * size_of::<usize>()
}

#[cfg(test)]
mod tests;
