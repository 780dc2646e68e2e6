//! What both kinds of channel share.
//!
//! # Invariants
//!
//! 1. No user's code (wakers, values) runs while the queue is borrowed.
//! 2. A value in the queue of a bounded channel holds a place until it is received.
//! 3. Who changes something that the receiver waits for (a value, the last sender,
//!    the last place after the end) takes the waker and wakes it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::Location;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};

use super::error::TryRecvError;
use crate::give_back::give_back;
use crate::local::{Notify, Semaphore};

pub(super) const WAITS: Kind = Kind::Channel;

pub(super) struct Chan<T> {
    queue: RefCell<VecDeque<T>>,
    /// The receiver's.
    waker: Cell<Option<Waker>>,
    /// Free places.
    pub(super) places: Semaphore,
    /// How many there are in all; `None` if it is not counted.
    pub(super) bound: Option<usize>,
    pub(super) senders: Cell<usize>,
    pub(super) weak: Cell<usize>,
    /// The receiver takes nothing that has no place yet.
    pub(super) closed: Cell<bool>,
    receiver_gone: Cell<bool>,
    /// Told when the receiver is closed.
    closing: Notify,
}

impl<T> Chan<T> {
    /// With one sender, which the caller makes.
    pub(super) fn new(bound: Option<usize>) -> Rc<Chan<T>> {
        Rc::new(Chan {
            queue: RefCell::default(),
            waker: Cell::new(None),
            places: Semaphore::new(bound.unwrap_or(0)),
            bound,
            senders: Cell::new(1),
            weak: Cell::new(0),
            closed: Cell::new(false),
            receiver_gone: Cell::new(false),
            closing: Notify::new(),
        })
    }

    pub(super) fn len(&self) -> usize {
        self.queue.borrow().len()
    }

    /// Puts a value, which has a place, into the queue.
    #[inline]
    pub(super) fn push(&self, value: T) {
        if self.receiver_gone.get() {
            return;
        }
        self.queue.borrow_mut().push_back(value);
        self.wake();
    }

    #[inline]
    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Gives back a place that was not used.
    pub(super) fn give_back(&self, places: usize) {
        self.places.add_permits(places);
        self.wake_if_drained();
    }

    /// After the end, the receiver waits for places to come back.
    #[inline]
    pub(super) fn wake_if_drained(&self) {
        if self.is_drained() {
            self.wake();
        }
    }

    #[inline]
    fn is_drained(&self) -> bool {
        let all_back = |bound| self.places.available_permits() == bound;
        self.closed.get() && self.bound.is_none_or(all_back)
    }

    /// Whether nothing comes any more, if the queue is empty.
    #[inline]
    fn has_ended(&self) -> bool {
        self.senders.get() == 0 || self.is_drained()
    }

    pub(super) fn close(&self) {
        if !self.closed.replace(true) {
            self.places.close();
            self.closing.notify_waiters();
        }
    }

    pub(super) async fn closed(&self, location: &'static Location<'static>) {
        while !self.closed.get() {
            self.closing.wait_as(WAITS, location).await;
        }
    }

    pub(super) fn add_sender(&self) {
        self.senders.set(self.senders.get() + 1);
    }

    pub(super) fn drop_sender(&self) {
        self.senders.set(self.senders.get() - 1);
        if self.senders.get() == 0 {
            self.wake();
        }
    }

    pub(super) fn drop_receiver(&self) {
        self.receiver_gone.set(true);
        self.close();
        drop(self.waker.take());
        let values = self.queue.take();
        // Their places stay taken: nobody gets one any more.
        drop(values);
    }

    #[inline]
    pub(super) fn try_recv(&self) -> Result<T, TryRecvError> {
        let (popped, emptied) = {
            let queue = &mut *self.queue.borrow_mut();
            (queue.pop_front(), give_back(queue))
        };
        drop(emptied);
        match popped {
            Some(value) => {
                self.received(1);
                Ok(value)
            }
            None if self.has_ended() => Err(TryRecvError::Disconnected),
            None => Err(TryRecvError::Empty),
        }
    }

    #[inline]
    fn received(&self, n: usize) {
        if self.bound.is_some() {
            self.places.add_permits(n);
        }
    }

    #[inline]
    pub(super) fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        location: &'static Location<'static>,
    ) -> Poll<Option<T>> {
        let proceed = ready!(coop::poll_proceed(cx));
        loop {
            let received = match self.try_recv() {
                Ok(value) => Some(value),
                Err(TryRecvError::Disconnected) => None,
                Err(TryRecvError::Empty) if self.park(cx.waker()) => {
                    return self.pending(location);
                }
                Err(TryRecvError::Empty) => continue,
            };
            proceed.made_progress();
            return Poll::Ready(received);
        }
    }

    pub(super) fn poll_recv_many(
        &self,
        cx: &mut Context<'_>,
        buffer: &mut Vec<T>,
        limit: usize,
        location: &'static Location<'static>,
    ) -> Poll<usize> {
        let proceed = ready!(coop::poll_proceed(cx));
        if limit == 0 {
            return Poll::Ready(0);
        }
        loop {
            let (received, emptied) = {
                let queue = &mut *self.queue.borrow_mut();
                let n = limit.min(queue.len());
                buffer.extend(queue.drain(..n));
                (n, give_back(queue))
            };
            drop(emptied);
            if received == 0 && !self.has_ended() {
                if self.park(cx.waker()) {
                    return self.pending(location);
                }
                continue;
            }
            if received > 0 {
                self.received(received);
            }
            proceed.made_progress();
            return Poll::Ready(received);
        }
    }

    /// Leaves `waker` to be woken; `false` if there is something to receive after all.
    fn park(&self, waker: &Waker) -> bool {
        let known = self.waker.take();
        if known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            self.waker.set(known);
            return true;
        }
        // The clone and the drop may run any code, which may send. Nobody is woken
        // for that, so look again.
        let old = self.waker.replace(Some(waker.clone()));
        drop(old);
        drop(known);
        self.len() == 0 && !self.has_ended()
    }

    fn pending<R>(&self, location: &'static Location<'static>) -> Poll<R> {
        leaf::pending(&Wait {
            kind: WAITS,
            resource: std::ptr::from_ref(self).addr() as u64,
            location,
        })
    }
}
