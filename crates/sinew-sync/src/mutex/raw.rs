//! A lock without data.

use std::panic::Location;
use std::pin::Pin;

use sinew_core::wait_list::{Left, WaitList, Waiter};

use crate::acquire::{Acquiring, InTurn};
use crate::mutex::state::StateCell;
use crate::primitives::const_fn;

pub(crate) struct RawMutex {
    state: StateCell,
    waiters: WaitList<(), ()>,
}

impl RawMutex {
    const_fn! {
        pub(crate) const fn new() -> RawMutex {
            RawMutex {
                state: StateCell::new(),
                waiters: WaitList::new(()),
            }
        }
    }

    #[inline]
    pub(crate) fn try_lock(&self) -> bool {
        self.state.try_lock()
    }

    /// Takes the lock, in turn.
    #[inline]
    #[track_caller]
    pub(crate) fn lock(&self) -> Acquiring<'_, RawMutex> {
        self.lock_at(Location::caller())
    }

    #[inline]
    pub(crate) fn lock_at(&self, location: &'static Location<'static>) -> Acquiring<'_, RawMutex> {
        Acquiring::at(location, self, ())
    }

    /// Only for who holds the lock.
    #[inline]
    pub(crate) fn unlock(&self) {
        if !self.state.unlock() {
            self.hand_over();
        }
    }

    /// Passes the lock, which stays locked, to who has waited longest.
    #[cold]
    #[inline(never)]
    fn hand_over(&self) {
        let mut locked = self.waiters.lock();
        let next = locked.queue.pop_front(|()| {});
        if next.is_none() {
            // All have left since we looked.
            self.state.unlock_held();
        } else if locked.queue.is_empty() {
            self.state.stop_waiting();
        }
        drop(locked);
        if let Some(waker) = next {
            waker.wake();
        }
    }
}

impl InTurn for RawMutex {
    type Mode = ();

    #[inline]
    fn waiters(&self) -> &WaitList<(), ()> {
        &self.waiters
    }

    #[inline]
    fn try_take(&self, (): ()) -> bool {
        self.state.try_lock()
    }

    #[inline]
    fn take_or_wait(&self, (): ()) -> bool {
        self.state.lock_or_wait()
    }

    fn release(&self, (): ()) {
        self.unlock();
    }

    fn give_up(&self, (): (), place: Option<Pin<&Waiter<()>>>) {
        let Some(place) = place else { return };
        let left = self.waiters.leave(place, |guarded| {
            if guarded.queue.is_empty() {
                self.state.stop_waiting();
            }
        });
        if left == Left::Granted {
            self.unlock();
        }
    }
}
