//! `Notify`: tell a task, or all tasks, to go on.
//!
//! # State
//!
//! One word ([`StateCell`]) and a wait list. The word says whether a notification
//! is stored, or somebody waits, or neither, and counts the calls of
//! `notify_waiters`.
//!
//! # Invariants
//!
//! 1. Mode `Waiting` means that the queue is not empty; it is entered and left
//!    with the lock held. In the other modes the queue is empty.
//! 2. A waiter that was popped owns a notification: of one, which it passes on if
//!    it is dropped before it has seen it, or of all.
//! 3. A future made before a call of `notify_waiters` is notified by it, whether
//!    or not it waits: it compares the count with the one at its making.

use std::fmt;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::task::Waker;

use sinew_core::wait_list::{Locked, WaitList};

use crate::primitives::const_fn;

mod notified;
mod state;

pub use notified::{Notified, OwnedNotified};

use notified::Place;
use state::{Mode, StateCell};

/// What a popped waiter was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Nothing,
    /// By `notify_one` or `notify_last`.
    One(End),
    All,
}

/// Which end of the queue a notification goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    First,
    Last,
}

/// Tells tasks to go on; carries no data.
///
/// It can hold one notification: [`notify_one`](Self::notify_one) before anybody
/// waits makes the next [`notified`](Self::notified) ready at once. Several calls
/// before that are remembered as one. What the notifier did before the call is
/// visible to the task that is notified.
///
/// ```
/// use sinew_sync::Notify;
/// use std::collections::VecDeque;
/// use std::sync::Mutex;
///
/// /// A queue with one consumer.
/// struct Inbox {
///     messages: Mutex<VecDeque<u32>>,
///     arrived: Notify,
/// }
///
/// impl Inbox {
///     fn send(&self, message: u32) {
///         self.messages.lock().unwrap().push_back(message);
///         self.arrived.notify_one();
///     }
///
///     async fn receive(&self) -> u32 {
///         loop {
///             if let Some(message) = self.messages.lock().unwrap().pop_front() {
///                 return message;
///             }
///             self.arrived.notified().await;
///         }
///     }
/// }
///
/// let inbox = Inbox { messages: Mutex::default(), arrived: Notify::new() };
/// std::thread::scope(|s| {
///     s.spawn(|| inbox.send(7));
///     assert_eq!(sinew_core::block_on(inbox.receive()), 7);
/// });
/// ```
pub struct Notify {
    state: StateCell,
    waiters: WaitList<(), Told>,
}

impl Notify {
    const_fn! {
        /// Without a notification.
        #[must_use]
        pub const fn new() -> Notify {
            Notify {
                state: StateCell::new(),
                waiters: WaitList::new(()),
            }
        }
    }

    const_fn! {
        /// As [`new`](Self::new).
        #[must_use]
        pub const fn const_new() -> Notify {
            Notify::new()
        }
    }

    /// Waits to be notified.
    ///
    /// Takes a stored notification if one is there. Else it waits for its turn at
    /// [`notify_one`](Self::notify_one), from its first poll on (or from
    /// [`Notified::enable`]), or for [`notify_waiters`](Self::notify_waiters),
    /// from now on.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up its place in the queue. A notification that it
    /// got and has not seen goes to the next in line, or is stored.
    #[inline]
    #[track_caller]
    pub fn notified(&self) -> Notified<'_> {
        Notified {
            notify: self,
            place: Place::new(self.state.load().calls(), Location::caller()),
        }
    }

    /// As [`notified`](Self::notified), with a future that borrows nothing.
    ///
    /// # Cancel safety
    ///
    /// As of [`notified`](Self::notified).
    #[track_caller]
    pub fn notified_owned(self: Arc<Self>) -> OwnedNotified {
        let calls = self.state.load().calls();
        OwnedNotified {
            notify: self,
            place: Place::new(calls, Location::caller()),
        }
    }

    /// Notifies the task that has waited longest; if none waits, the next one.
    #[inline]
    pub fn notify_one(&self) {
        self.notify(End::First);
    }

    /// Notifies the task that has come last; if none waits, the next one.
    #[inline]
    pub fn notify_last(&self) {
        self.notify(End::Last);
    }

    #[inline]
    fn notify(&self, end: End) {
        if !self.state.store_notification() {
            self.notify_waiting(self.waiters.lock(), end);
        }
    }

    /// Pops and wakes the waiter at `end`, or stores the notification.
    fn notify_waiting(&self, mut locked: Locked<'_, (), Told>, end: End) {
        let waker = self.pop(&mut locked, end);
        drop(locked);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn pop(&self, locked: &mut Locked<'_, (), Told>, end: End) -> Option<Waker> {
        let tell = |told: &mut Told| *told = Told::One(end);
        let popped = match end {
            End::First => locked.queue.pop_front(tell),
            End::Last => locked.queue.pop_back(tell),
        };
        if popped.is_none() {
            // Not `Waiting` (invariant 1), and it will not be while we hold the lock.
            self.state.store_notification();
        } else if locked.queue.is_empty() {
            self.state.stop_waiting();
        }
        popped
    }

    /// Notifies all tasks that wait, and all futures that [`notified`](Self::notified)
    /// has returned so far. Stores nothing for later ones.
    pub fn notify_waiters(&self) {
        let locked = self.waiters.lock();
        if self.state.count_call() {
            self.waiters.wake_all(locked, |told| *told = Told::All);
        }
    }
}

impl Default for Notify {
    fn default() -> Notify {
        Notify::new()
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = self.state.load().mode();
        f.debug_struct("Notify")
            .field("notified", &(mode == Mode::Notified))
            .field("waiting", &(mode == Mode::Waiting))
            .finish()
    }
}

impl UnwindSafe for Notify {}
impl RefUnwindSafe for Notify {}

#[cfg(test)]
mod tests;
