//! A list of those who wait: the one structure under locks, semaphores,
//! notifications and channels.
//!
//! A [`WaitList`] is a lock around a [`Queue`] of [`Waiter`]s and a state of the
//! primitive's own. The waiters live inside of the futures that wait, so a wait
//! allocates nothing, and are linked both ways, so one can leave from the middle.
//!
//! # How to build a primitive on it
//!
//! 1. The primitive holds a `WaitList<S, T>`: `S` is what the lock guards beside
//!    the queue (`()` if the state is an atomic), `T` what a waiter carries: how
//!    much it asks for, what it was granted.
//! 2. The future holds a [`Waiter`], structurally pinned, and a reference or an
//!    `Arc` to the primitive. Its first poll tries without the list, then locks,
//!    tries *again*, and only then pushes: so nothing is missed in between.
//! 3. Who has something to give locks, pops a waiter, and writes into its `T` what
//!    it gets. **Popped is granted**: from then on the waiter owns it. The waker
//!    is woken after the lock has been let go.
//! 4. A later poll asks [`WaitList::still_waiting`], which takes no lock if the
//!    waiter has been popped, and otherwise keeps the waker up to date.
//! 5. The future's `drop` calls [`WaitList::leave`]. `Left::Granted` says that the
//!    waiter was popped, so that what it was granted must be passed on.
//!
//! Spend the budget ([`coop`](crate::coop)) where an operation makes progress, and
//! end `Pending` with [`Waiter::pending`].
//!
//! ```
//! use sinew_core::leaf::Kind;
//! use sinew_core::wait_list::{Left, WaitList, Waiter};
//! use std::future::Future;
//! use std::pin::Pin;
//! use std::task::{Context, Poll};
//!
//! /// Counts up; each `Take` takes one, first come, first served.
//! struct Tickets(WaitList<u32, ()>);
//!
//! impl Tickets {
//!     fn give(&self) {
//!         let mut locked = self.0.lock();
//!         let next = locked.queue.pop_front(|_| {});
//!         if next.is_none() {
//!             locked.state += 1;
//!         }
//!         drop(locked);
//!         if let Some(waker) = next {
//!             waker.wake();
//!         }
//!     }
//! }
//!
//! pin_project_lite::pin_project! {
//!     struct Take<'a> {
//!         tickets: &'a Tickets,
//!         started: bool,
//!         done: bool,
//!         #[pin]
//!         waiter: Waiter<()>,
//!     }
//!     impl PinnedDrop for Take<'_> {
//!         fn drop(this: Pin<&mut Self>) {
//!             let this = this.project();
//!             if *this.started && !*this.done {
//!                 if let Left::Granted = this.tickets.0.leave(this.waiter.as_ref(), |_| {}) {
//!                     this.tickets.give(); // the next in line gets it
//!                 }
//!             }
//!         }
//!     }
//! }
//!
//! impl Future for Take<'_> {
//!     type Output = ();
//!
//!     fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
//!         let this = self.project();
//!         let list = &this.tickets.0;
//!         if *this.started {
//!             if list.still_waiting(this.waiter.as_ref(), cx.waker()) {
//!                 return this.waiter.pending(Kind::Lock, 0);
//!             }
//!         } else {
//!             let waker = cx.waker().clone(); // foreign code: not under the lock
//!             let mut locked = list.lock();
//!             if locked.state > 0 {
//!                 locked.state -= 1;
//!             } else {
//!                 *this.started = true;
//!                 // SAFETY: we borrow the tickets, so that the list stays in
//!                 // place, and leave the queue when dropped.
//!                 unsafe { locked.queue.push_back(this.waiter.as_ref(), waker) };
//!                 drop(locked);
//!                 return this.waiter.pending(Kind::Lock, 0);
//!             }
//!         }
//!         *this.done = true;
//!         Poll::Ready(())
//!     }
//! }
//!
//! let tickets = Tickets(WaitList::new(0));
//! let take = || Take { tickets: &tickets, started: false, done: false, waiter: Waiter::new(()) };
//! tickets.give();
//! sinew_core::block_on(take());
//! std::thread::scope(|s| {
//!     s.spawn(|| sinew_core::block_on(take()));
//!     s.spawn(|| tickets.give());
//! });
//! ```
//!
//! # Invariants
//!
//! 1. A waiter's mark (`owner`) is the address of the queue that it is in, or
//!    null. It is set to a queue's address, and back to null, only by who has
//!    that queue exclusively. So who has a queue and reads its address there
//!    knows that the waiter is in it and stays in it.
//! 2. A waiter's node (links, waker, data) belongs to who has the queue that the
//!    waiter is in; while it is in none, to the waiter's owner. The change from
//!    the first to the second is the Release store of null, after which the queue
//!    does not touch the waiter again; the owner sees it by an Acquire load.
//! 3. A waiter is pinned before it gets into a queue, and aborts the process if it
//!    is dropped in one. So every waiter in a queue is alive.
//! 4. No foreign code runs under the lock: wakers are cloned before it is taken,
//!    and woken and dropped after it has been let go.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::task::Waker;

#[cfg(not(sinew_loom))]
use crate::lock::{Guard, Lock};
use crate::waker::WakeList;

pub(crate) mod primitives;
mod queue;
mod ring;
mod waiter;

pub use queue::{Queue, Waiting};
pub use waiter::Waiter;

// Models of what is built on a list take its lock for granted: it has a model of its own.
#[cfg(sinew_loom)]
use primitives::{Guard, Lock};

/// A queue of waiters and the state of a primitive behind one lock.
///
/// The lock is held for a few instructions at a time. A thread that finds it taken
/// looks again soon, and sleeps in between if that lasts.
pub struct WaitList<S, T> {
    guarded: Lock<Guarded<S, T>>,
}

/// What the lock of a [`WaitList`] guards.
pub struct Guarded<S, T> {
    /// The primitive's own.
    pub state: S,
    /// Who waits.
    pub queue: Queue<T>,
}

/// How a waiter has left; see [`WaitList::leave`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It was still in the queue and has been taken out. Nothing was granted.
    Waiting,
    /// It had been popped: what it was granted is its own, and must be passed on.
    Granted,
}

impl<S, T> WaitList<S, T> {
    /// A list with nobody in it.
    #[cfg(not(sinew_loom))]
    pub const fn new(state: S) -> WaitList<S, T> {
        WaitList {
            guarded: Lock::new(Guarded {
                state,
                queue: Queue::new(),
            }),
        }
    }

    /// A list with nobody in it.
    #[cfg(sinew_loom)]
    pub fn new(state: S) -> WaitList<S, T> {
        WaitList {
            guarded: Lock::new(Guarded {
                state,
                queue: Queue::new(),
            }),
        }
    }

    /// Takes the lock. Held for a few instructions: wake, clone and drop wakers
    /// without it.
    #[inline]
    pub fn lock(&self) -> Locked<'_, S, T> {
        Locked(self.guarded.lock())
    }

    /// The state, without the lock, for the sole owner.
    #[cfg(not(sinew_loom))]
    #[inline]
    pub fn state_mut(&mut self) -> &mut S {
        &mut self.guarded.get_mut().state
    }

    /// Whether `waiter`, which was pushed before, has not been popped yet. If so,
    /// it will be woken through `waker` from now on. Takes no lock if it has been.
    #[inline]
    pub fn still_waiting(&self, waiter: Pin<&Waiter<T>>, waker: &Waker) -> bool {
        waiter.is_queued() && self.refresh(waiter, waker)
    }

    fn refresh(&self, waiter: Pin<&Waiter<T>>, waker: &Waker) -> bool {
        match self.lock().queue.waker(waiter) {
            None => return false,
            Some(known) if known.will_wake(waker) => return true,
            Some(_) => {}
        }
        let mut fresh = waker.clone();
        let mut locked = self.lock();
        let Some(known) = locked.queue.waker(waiter) else {
            return false;
        };
        std::mem::swap(known, &mut fresh);
        drop(locked);
        drop(fresh);
        true
    }

    /// Takes `waiter`, which was pushed before, out of the queue, if it is still
    /// there; then `removed` may adjust the state before the lock is let go. For
    /// the `drop` of a future.
    #[inline]
    pub fn leave(&self, waiter: Pin<&Waiter<T>>, removed: impl FnOnce(&mut Guarded<S, T>)) -> Left {
        if !waiter.is_queued() {
            return Left::Granted;
        }
        let mut locked = self.lock();
        let Some(waker) = locked.queue.remove(waiter) else {
            return Left::Granted;
        };
        removed(&mut locked);
        drop(locked);
        drop(waker);
        Left::Waiting
    }

    /// Pops and wakes all who wait at this moment; `grant` sees the data of each.
    /// Who comes while they are being woken is not among them. A waker that panics
    /// does not keep the others from being woken.
    pub fn wake_all<'a>(&'a self, mut locked: Locked<'a, S, T>, grant: impl FnMut(&mut T)) {
        locked.queue.detach_all();
        let mut rest = Rest { list: self, grant };
        rest.wake(locked);
        std::mem::forget(rest);
    }

    /// Who waits at this moment, first come first. For dumps and reports.
    #[must_use]
    pub fn waiting(&self) -> Vec<Waiting> {
        let mut waiting = Vec::new();
        self.lock().queue.for_each(|_, one| waiting.push(one));
        waiting
    }
}

/// Wakes those who are set apart, also when one of their wakers panics.
struct Rest<'a, S, T, F: FnMut(&mut T)> {
    list: &'a WaitList<S, T>,
    grant: F,
}

impl<'a, S, T, F: FnMut(&mut T)> Rest<'a, S, T, F> {
    fn wake(&mut self, mut locked: Locked<'a, S, T>) {
        let mut batch = WakeList::new();
        loop {
            while batch.can_push() {
                let Some(waker) = locked.queue.pop_detached(&mut self.grant) else {
                    drop(locked);
                    batch.wake_all();
                    return;
                };
                batch.push(waker);
            }
            drop(locked);
            batch.wake_all();
            locked = self.list.lock();
        }
    }
}

impl<S, T, F: FnMut(&mut T)> Drop for Rest<'_, S, T, F> {
    fn drop(&mut self) {
        self.wake(self.list.lock());
    }
}

/// The lock of a [`WaitList`], held.
#[must_use = "the lock is let go at once"]
pub struct Locked<'a, S, T>(Guard<'a, Guarded<S, T>>);

impl<S, T> Deref for Locked<'_, S, T> {
    type Target = Guarded<S, T>;

    #[inline]
    fn deref(&self) -> &Guarded<S, T> {
        &self.0
    }
}

impl<S, T> DerefMut for Locked<'_, S, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Guarded<S, T> {
        &mut self.0
    }
}

impl<S: fmt::Debug, T> fmt::Debug for Guarded<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded")
            .field("state", &self.state)
            .field("queue", &self.queue)
            .finish()
    }
}

impl<S: fmt::Debug, T> fmt::Debug for Locked<'_, S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<S: Default, T> Default for WaitList<S, T> {
    fn default() -> WaitList<S, T> {
        WaitList::new(S::default())
    }
}

impl<S, T> fmt::Debug for WaitList<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitList").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
