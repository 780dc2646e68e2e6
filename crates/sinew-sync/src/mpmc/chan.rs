//! What the ends share.

use std::collections::VecDeque;
use std::mem;
use std::pin::Pin;
use std::task::Waker;

use sinew_core::wait_list::{Locked, Queue, WaitList, Waiter};
use sinew_core::waker::WakeList;

use super::error::{RecvError, SendError, TryRecvError, TrySendError};
use crate::Notify;
use crate::give_back::give_back;
use crate::primitives::{Arc, AtomicUsize, Ordering};

pub(super) struct Chan<T> {
    /// The queue in the list is that of the receivers.
    list: WaitList<State<T>, ()>,
    bound: Option<usize>,
    pub(super) senders: AtomicUsize,
    pub(super) receivers: AtomicUsize,
    /// Notified when the channel is closed.
    pub(super) closing: Notify,
}

struct State<T> {
    values: VecDeque<T>,
    closed: bool,
    /// Senders that wait, each with its value.
    senders: Queue<Option<T>>,
}

impl<T> Chan<T> {
    pub(super) fn new(bound: Option<usize>) -> Chan<T> {
        Chan {
            list: WaitList::new(State {
                values: VecDeque::new(),
                closed: false,
                senders: Queue::new(),
            }),
            bound,
            senders: AtomicUsize::new(1),
            receivers: AtomicUsize::new(1),
            closing: Notify::new(),
        }
    }

    pub(super) fn bound(&self) -> Option<usize> {
        self.bound
    }

    pub(super) fn resource(&self) -> u64 {
        std::ptr::from_ref(self) as usize as u64
    }

    pub(super) fn len(&self) -> usize {
        self.list.lock().state.values.len()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.list.lock().state.closed
    }

    fn is_full(&self, state: &State<T>) -> bool {
        self.bound.is_some_and(|bound| state.values.len() >= bound)
    }

    #[inline]
    pub(super) fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        let mut locked = self.list.lock();
        if locked.state.closed {
            return Err(TrySendError::Closed(value));
        }
        if self.is_full(&locked.state) {
            return Err(TrySendError::Full(value));
        }
        locked.state.values.push_back(value);
        wake_receiver(locked);
        Ok(())
    }

    /// Sends a value in the place of the oldest if there is no room.
    pub(super) fn force_send(&self, value: T) -> Result<Option<T>, SendError<T>> {
        let mut locked = self.list.lock();
        if locked.state.closed {
            return Err(SendError(value));
        }
        let full = self.is_full(&locked.state);
        let oldest = full.then(|| locked.state.values.pop_front()).flatten();
        locked.state.values.push_back(value);
        wake_receiver(locked);
        Ok(oldest)
    }

    /// Sends the value in `waiter`, or puts it into the queue, to be woken by `waker`.
    /// `None` if it waits now.
    ///
    /// # Safety
    ///
    /// As for `Queue::push_back`: this stays in place until the waiter has left.
    pub(super) unsafe fn send_or_wait(
        &self,
        mut waiter: Pin<&mut Waiter<Option<T>>>,
        waker: Waker,
    ) -> Option<Result<(), SendError<T>>> {
        let mut locked = self.list.lock();
        if !locked.state.closed && self.is_full(&locked.state) {
            // SAFETY: passed on.
            unsafe { locked.state.senders.push_back(waiter.as_ref(), waker) };
            return None;
        }
        let value = waiter.as_mut().data().and_then(Option::take)?;
        if locked.state.closed {
            return Some(Err(SendError(value)));
        }
        locked.state.values.push_back(value);
        wake_receiver(locked);
        Some(Ok(()))
    }

    /// Whether a sender that was put into the queue is still there.
    pub(super) fn still_sending(&self, waiter: Pin<&Waiter<Option<T>>>, waker: &Waker) -> bool {
        if !waiter.is_queued() {
            return false;
        }
        // Foreign code: before the lock.
        let mut fresh = waker.clone();
        let mut locked = self.list.lock();
        let Some(known) = locked.state.senders.waker(waiter) else {
            return false;
        };
        mem::swap(known, &mut fresh);
        drop(locked);
        true
    }

    /// Takes a sender out of the queue, if it is still there.
    pub(super) fn leave_sending(&self, waiter: Pin<&Waiter<Option<T>>>) {
        let mut locked = self.list.lock();
        let waker = locked.state.senders.remove(waiter);
        drop(locked);
        drop(waker);
    }

    #[inline]
    pub(super) fn try_recv(&self) -> Result<T, TryRecvError> {
        self.take(self.list.lock()).map_err(|closed| match closed {
            true => TryRecvError::Closed,
            false => TryRecvError::Empty,
        })
    }

    /// Takes the oldest value and lets the first sender that waits have its place.
    /// `Err` says whether the channel is closed.
    #[inline]
    fn take(&self, mut locked: Locked<'_, State<T>, ()>) -> Result<T, bool> {
        let state = &mut locked.state;
        let Some(value) = state.values.pop_front() else {
            return Err(state.closed);
        };
        if !state.senders.is_empty() {
            refill(locked);
            return Ok(value);
        }
        let ring = give_back(&mut state.values);
        drop(locked);
        drop(ring);
        Ok(value)
    }

    /// Receives a value, or puts `waiter` into the queue, to be woken by `waker`.
    /// `None` if it waits now.
    ///
    /// # Safety
    ///
    /// As for `Queue::push_back`: this stays in place until the waiter has left.
    pub(super) unsafe fn recv_or_wait(
        &self,
        waiter: Pin<&Waiter<()>>,
        waker: &Waker,
    ) -> Option<Result<T, RecvError>> {
        if let Ok(value) = self.take(self.list.lock()) {
            return Some(Ok(value));
        }
        // Foreign code: before the lock.
        let waker = waker.clone();
        let mut locked = self.list.lock();
        if locked.state.values.is_empty() && !locked.state.closed {
            // SAFETY: passed on.
            unsafe { locked.queue.push_back(waiter, waker) };
            return None;
        }
        Some(self.take(locked).map_err(|_| RecvError))
    }

    pub(super) fn still_receiving(&self, waiter: Pin<&Waiter<()>>, waker: &Waker) -> bool {
        self.list.still_waiting(waiter, waker)
    }

    /// Takes a receiver out of the queue. If it had been woken, the next one is.
    pub(super) fn leave_receiving(&self, waiter: Pin<&Waiter<()>>) {
        let mut locked = self.list.lock();
        let removed = locked.queue.remove(waiter);
        if removed.is_none() && !locked.state.values.is_empty() {
            wake_receiver(locked);
            return;
        }
        drop(locked);
        drop(removed);
    }

    /// Closes the channel and turns away all who wait. `true` if it was open.
    pub(super) fn close(&self) -> bool {
        let mut locked = self.list.lock();
        if mem::replace(&mut locked.state.closed, true) {
            return false;
        }
        loop {
            let mut batch = WakeList::new();
            while batch.can_push() {
                let Some(waker) = locked.state.senders.pop_front(|_| {}) else {
                    // Nobody gets in any more.
                    self.list.wake_all(locked, |()| {});
                    batch.wake_all();
                    self.closing.notify_waiters();
                    return true;
                };
                batch.push(waker);
            }
            drop(locked);
            batch.wake_all();
            locked = self.list.lock();
        }
    }

    /// Drops all values: there is no receiver any more.
    fn clear(&self) {
        let values = mem::take(&mut self.list.lock().state.values);
        drop(values);
    }

    pub(super) fn drop_sender(&self) {
        // ORDERING: AcqRel: the last one closes after all that the others did.
        if self.senders.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.close();
        }
    }

    pub(super) fn drop_receiver(&self) {
        // ORDERING: AcqRel: as above.
        if self.receivers.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.close();
            self.clear();
        }
    }
}

impl<T> AsRef<Chan<T>> for Chan<T> {
    fn as_ref(&self) -> &Chan<T> {
        self
    }
}

/// A counted handle, for a future that does not borrow.
pub(super) struct Shared<T>(pub(super) Arc<Chan<T>>);

impl<T> AsRef<Chan<T>> for Shared<T> {
    fn as_ref(&self) -> &Chan<T> {
        &self.0
    }
}

/// Wakes the first receiver that waits.
#[inline]
fn wake_receiver<T>(mut locked: Locked<'_, State<T>, ()>) {
    let waker = locked.queue.pop_front(|()| {});
    drop(locked);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// Lets the first sender that waits have the place of a value that was taken.
#[inline(never)]
fn refill<T>(mut locked: Locked<'_, State<T>, ()>) {
    let state = &mut locked.state;
    let mut next = None;
    let sender = state.senders.pop_front(|waiting| next = waiting.take());
    let refilled = next.is_some();
    state.values.extend(next);
    // A value has come in, as with any other send.
    let receiver = match refilled {
        true => locked.queue.pop_front(|()| {}),
        false => None,
    };
    drop(locked);
    wake_both(sender, receiver);
}

/// Wakes the second also if the first panics.
#[inline]
fn wake_both(first: Option<Waker>, second: Option<Waker>) {
    match (first, second) {
        (Some(first), Some(second)) => {
            let mut batch = WakeList::new();
            batch.push(first);
            batch.push(second);
            batch.wake_all();
        }
        (Some(waker), None) | (None, Some(waker)) => waker.wake(),
        (None, None) => {}
    }
}

/// Adds one to a count of ends, unless there is none.
pub(super) fn try_count(count: &AtomicUsize) -> bool {
    let mut now = count.load(Ordering::Relaxed);
    while now > 0 {
        // ORDERING: Acquire: what the other ends have done is done.
        match count.compare_exchange_weak(now, now + 1, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => return true,
            Err(other) => now = other,
        }
    }
    false
}
