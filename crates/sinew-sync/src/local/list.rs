//! The wait list of one thread.

use std::cell::{RefCell, RefMut};
use std::pin::Pin;
use std::task::Waker;

use sinew_core::wait_list::{Guarded, Left, Queue, Waiter};

/// As [`sinew_core::wait_list::WaitList`], with a `RefCell` for the lock. Wakers are
/// cloned, woken and dropped outside of the borrow, because they may come back here.
pub(super) struct List<S, T>(RefCell<Guarded<S, T>>);

impl<S, T> List<S, T> {
    pub(super) const fn new(state: S) -> List<S, T> {
        List(RefCell::new(Guarded {
            state,
            queue: Queue::new(),
        }))
    }

    #[inline]
    pub(super) fn borrow(&self) -> RefMut<'_, Guarded<S, T>> {
        self.0.borrow_mut()
    }

    /// As [`WaitList::still_waiting`](sinew_core::wait_list::WaitList::still_waiting).
    pub(super) fn still_waiting(&self, waiter: Pin<&Waiter<T>>, waker: &Waker) -> bool {
        match self.borrow().queue.waker(waiter) {
            None => return false,
            Some(known) if known.will_wake(waker) => return true,
            Some(_) => {}
        }
        let mut fresh = waker.clone();
        let waits = match self.borrow().queue.waker(waiter) {
            None => false,
            Some(known) => {
                std::mem::swap(known, &mut fresh);
                true
            }
        };
        drop(fresh);
        waits
    }

    /// As [`WaitList::leave`](sinew_core::wait_list::WaitList::leave).
    pub(super) fn leave(&self, waiter: Pin<&Waiter<T>>) -> Left {
        let removed = self.borrow().queue.remove(waiter);
        match removed {
            Some(_waker) => Left::Waiting,
            None => Left::Granted,
        }
    }
}
