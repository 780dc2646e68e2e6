//! `Condvar`: wait for a change of what a `Mutex` guards.
//!
//! # Invariants
//!
//! 1. A waiter is in the queue before its mutex is let go, so a change made under
//!    the mutex, and told afterwards, is not missed.
//! 2. A waiter that was told by `notify_one` and does not come back from its wait,
//!    because it is dropped, passes the notification on to the next in the queue.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::{Pin, pin};
use std::ptr;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use sinew_core::coop;
use sinew_core::leaf::Kind;
use sinew_core::wait_list::{Left, WaitList, Waiter};

use crate::MutexGuard;
use crate::primitives::const_fn;

/// What a popped waiter was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Nothing,
    One,
    All,
}

/// Waits for a change of the data in a [`Mutex`](crate::Mutex).
///
/// ```
/// use sinew_sync::{Condvar, Mutex};
///
/// static STARTED: Mutex<bool> = Mutex::const_new(false);
/// static CHANGED: Condvar = Condvar::const_new();
///
/// std::thread::scope(|s| {
///     s.spawn(|| {
///         *STARTED.blocking_lock() = true;
///         CHANGED.notify_one();
///     });
///     sinew_core::block_on(async {
///         let started = STARTED.lock().await;
///         let started = CHANGED.wait_while(started, |started| !*started).await;
///         assert!(*started);
///     });
/// });
/// ```
pub struct Condvar {
    waiters: WaitList<(), Told>,
}

impl Condvar {
    const_fn! {
        /// One that nobody waits on.
        #[must_use]
        pub const fn new() -> Condvar {
            Condvar {
                waiters: WaitList::new(()),
            }
        }
    }

    const_fn! {
        /// As [`new`](Self::new).
        #[must_use]
        pub const fn const_new() -> Condvar {
            Condvar::new()
        }
    }

    /// Lets go of the mutex, waits to be notified, and locks it again. No
    /// notification after the mutex was let go is missed. Unlike std's, it does not
    /// return for no reason, but another task may have been first to lock the mutex.
    ///
    /// # Cancel safety
    ///
    /// The mutex is unlocked when the future is dropped. A notification of
    /// [`notify_one`](Self::notify_one) that it got goes to the next who waits.
    #[track_caller]
    pub fn wait<'a, T: ?Sized>(
        &self,
        guard: MutexGuard<'a, T>,
    ) -> impl Future<Output = MutexGuard<'a, T>> {
        self.wait_at(Location::caller(), guard)
    }

    /// Waits as long as `condition` holds.
    ///
    /// # Cancel safety
    ///
    /// As [`wait`](Self::wait).
    #[track_caller]
    pub fn wait_while<'a, T: ?Sized, F>(
        &self,
        guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> impl Future<Output = MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        let location = Location::caller();
        async move {
            let mut guard = guard;
            while condition(&mut guard) {
                guard = self.wait_at(location, guard).await;
            }
            guard
        }
    }

    async fn wait_at<'a, T: ?Sized>(
        &self,
        location: &'static Location<'static>,
        guard: MutexGuard<'a, T>,
    ) -> MutexGuard<'a, T> {
        let mutex = MutexGuard::mutex(&guard);
        let mut sleep = pin!(Sleep {
            condvar: self,
            phase: Phase::Start,
            waiter: Waiter::at(location, Told::Nothing),
        });
        let mut held = Some(guard);
        poll_fn(|cx| {
            let polled = sleep.as_mut().poll(cx);
            // Only once it is in the queue; see invariant 1.
            if sleep.phase != Phase::Start {
                held = None;
            }
            polled
        })
        .await;
        let guard = mutex.lock_at(location).await;
        // Back from the wait: the notification has reached its goal.
        *sleep.project().phase = Phase::Done;
        guard
    }

    /// Notifies the task that has waited longest, if one waits.
    pub fn notify_one(&self) {
        let next = self
            .waiters
            .lock()
            .queue
            .pop_front(|told| *told = Told::One);
        if let Some(waker) = next {
            waker.wake();
        }
    }

    /// Notifies all tasks that wait.
    pub fn notify_all(&self) {
        self.waiters
            .wake_all(self.waiters.lock(), |told| *told = Told::All);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Start,
    /// Pushed; perhaps popped meanwhile.
    Queued,
    /// The mutex is locked again.
    Done,
}

pin_project! {
    /// The wait for the notification, without the mutex.
    struct Sleep<'a> {
        condvar: &'a Condvar,
        phase: Phase,
        #[pin]
        waiter: Waiter<Told>,
    }

    impl PinnedDrop for Sleep<'_> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if *this.phase != Phase::Queued {
                return;
            }
            let left = this.condvar.waiters.leave(this.waiter.as_ref(), |_| {});
            if left == Left::Granted && this.waiter.data().copied() == Some(Told::One) {
                this.condvar.notify_one();
            }
        }
    }
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let proceed = ready!(coop::poll_proceed(cx));
        let this = self.project();
        let list = &this.condvar.waiters;
        let waiter = this.waiter.as_ref();
        if *this.phase == Phase::Start {
            // Before the lock: a clone may run any code.
            let waker = cx.waker().clone();
            let mut locked = list.lock();
            // SAFETY: the future borrows the condvar, so that the list stays in
            // place, and leaves the queue when it is dropped.
            unsafe { locked.queue.push_back(waiter, waker) };
            *this.phase = Phase::Queued;
        } else if !list.still_waiting(waiter, cx.waker()) {
            proceed.made_progress();
            return Poll::Ready(());
        }
        let resource = ptr::from_ref(*this.condvar).addr() as u64;
        this.waiter.pending(Kind::Notify, resource)
    }
}

impl Default for Condvar {
    fn default() -> Condvar {
        Condvar::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condvar").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
