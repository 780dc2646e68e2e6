//! The receiving end of both kinds of channel.

use std::future::{Future, poll_fn};
use std::panic::Location;
use std::ptr::NonNull;
use std::task::{Context, Poll, Waker, ready};

use sinew_core::leaf::{self, Kind, Wait};
use sinew_core::{blocking, coop};

use super::block::{Block, Found, Slot};
use super::capacity::Capacity;
use super::chan::{Chan, ChanRef, Holder, RxState};
use super::error::TryRecvError;
use crate::primitives::Ordering;

/// What the receiver finds.
enum Next<T> {
    Value(T),
    /// Nothing will come any more.
    End,
    /// Nothing has come yet.
    Nothing,
}

impl<T, S> Chan<T, S> {
    /// Runs `f` on the receiver's state.
    ///
    /// Only the receiver (through `&mut`) and who frees the channel call what
    /// calls this, and `f` never gets here again.
    #[inline]
    fn with_rx<R>(&self, f: impl FnOnce(&mut RxState<T>) -> R) -> R {
        self.rx.0.state.with_mut(|state| {
            // SAFETY: invariant 1 of `chan`.
            f(unsafe { &mut *state })
        })
    }

    /// Where the receiver is.
    #[inline]
    pub(super) fn head(&self) -> u64 {
        // Only the receiver writes it, so for itself it is exact.
        self.rx.0.head.load(Ordering::Relaxed)
    }

    /// The next value, if it is there. For the receiver, or who frees the channel.
    #[inline]
    pub(super) fn pop(&self) -> Option<T> {
        match self.with_rx(|rx| self.next(rx)) {
            Next::Value(value) => Some(value),
            Next::End | Next::Nothing => None,
        }
    }

    #[inline]
    fn next(&self, rx: &mut RxState<T>) -> Next<T> {
        let head = self.head();
        let Some(slot) = self.slot_at(rx, head) else {
            return Next::Nothing;
        };
        match slot.look() {
            Found::Value => {
                // The sender has taken the waker that was left here.
                rx.parked = false;
                // SAFETY: we are the receiver, and go on to the next slot.
                let value = unsafe { slot.take() };
                self.rx.0.head.store(head + 1, Ordering::Relaxed);
                Next::Value(value)
            }
            Found::End => {
                rx.parked = false;
                Next::End
            }
            Found::Nothing | Found::Parked | Found::Taking => Next::Nothing,
        }
    }

    /// The slot at `head`, if its block is linked.
    #[inline]
    fn slot_at<'a>(&'a self, rx: &mut RxState<T>, head: u64) -> Option<&'a Slot<T>> {
        // SAFETY: invariant 3 of `chan`: linked and not reclaimed.
        if let Some(slot) = unsafe { Block::slot(rx.block, head) } {
            return Some(slot);
        }
        // SAFETY: likewise.
        let next = unsafe { rx.block.as_ref() }.next()?;
        self.enter(rx, next, head);
        // SAFETY: likewise.
        unsafe { Block::slot(next, head) }
    }

    /// Goes on to the next block, and reclaims those behind.
    #[cold]
    fn enter(&self, rx: &mut RxState<T>, next: NonNull<Block<T>>, head: u64) {
        rx.block = next;
        while rx.oldest != rx.block {
            let oldest = rx.oldest;
            // SAFETY: not reclaimed yet.
            let header = unsafe { oldest.as_ref() };
            if !header.is_released(head) {
                return;
            }
            if let Some(next) = header.next() {
                rx.oldest = next;
            }
            let wanted = Block::<T>::slots_for(self.list().tail().saturating_sub(head));
            // SAFETY: invariant 3 of `list`: nobody else reaches it, and we have
            // read through it.
            if unsafe { Block::refresh(oldest, wanted) } {
                // SAFETY: likewise.
                unsafe { self.list().put_spare(oldest) };
            } else {
                // SAFETY: likewise.
                unsafe { Block::free(oldest) };
            }
        }
    }

    /// Leaves `waker` in the slot at `head`. `false` if there is something to find.
    fn park(&self, rx: &mut RxState<T>, waker: &Waker) -> bool {
        let head = self.head();
        let slot = loop {
            if let Some(slot) = self.slot_at(rx, head) {
                break slot;
            }
            // SAFETY: invariant 3 of `chan`: linked and not reclaimed.
            let block = unsafe { rx.block.as_ref() };
            self.list().grow(block, head, &self.rx.0.head);
        };
        if rx.parked {
            // SAFETY: we are the receiver and have parked.
            if unsafe { self.will_wake(waker) } {
                // Also if it is being taken: then it is about to be woken.
                return matches!(slot.look(), Found::Parked | Found::Taking);
            }
            match slot.unpark() {
                Ok(()) => {
                    rx.parked = false;
                    drop(self.take_back());
                }
                // The old waker is about to be woken, not this one: poll again
                // when the sender has done its next two steps.
                Err(Found::Taking) => {
                    again(waker);
                    return true;
                }
                Err(_) => return false,
            }
        }
        let waker = waker.clone();
        self.rx.0.waker.with_mut(|cell| {
            // SAFETY: invariant 2 of `chan`: we have not parked, and it is free.
            let cell = unsafe { &mut *cell };
            cell.write(waker);
        });
        rx.parked = slot.park().is_ok();
        if !rx.parked {
            drop(self.take_back());
        }
        rx.parked
    }

    /// The waker that was left, or was to be left, and is ours again.
    fn take_back(&self) -> Waker {
        self.rx.0.waker.with(|cell| {
            // SAFETY: invariant 2 of `chan`: no sender has changed the slot.
            let cell = unsafe { &*cell };
            // SAFETY: it was written, and is taken once.
            unsafe { cell.assume_init_read() }
        })
    }

    /// Takes back the waker that was left, if there is one.
    fn unpark_if_parked(&self) -> Option<Waker> {
        self.with_rx(|rx| {
            let head = self.head();
            if !rx.parked {
                return None;
            }
            let slot = self.slot_at(rx, head)?;
            rx.parked = slot.unpark().is_err();
            (!rx.parked).then(|| self.take_back())
        })
    }
}

/// Has the task polled once more.
#[cold]
fn again(waker: &Waker) {
    #[cfg(sinew_loom)]
    loom::thread::yield_now();
    waker.wake_by_ref();
}

/// The receiver of a channel.
pub(super) struct Rx<T, S: Capacity> {
    chan: ChanRef<T, S>,
}

impl<T, S: Capacity> Rx<T, S> {
    pub(super) fn new(chan: ChanRef<T, S>) -> Self {
        Rx { chan }
    }

    #[inline]
    pub(super) fn chan(&self) -> &Chan<T, S> {
        self.chan.get()
    }

    /// The next value, or what there is instead.
    #[inline]
    fn next(&mut self) -> Next<T> {
        let chan = self.chan();
        chan.with_rx(|rx| match chan.next(rx) {
            // A value that was sent has not given its place back, so if all
            // places are back, there is none.
            Next::Nothing if rx.end == Some(chan.head()) || chan.capacity().is_drained() => {
                Next::End
            }
            found => found,
        })
    }

    /// Leaves the waker; `false` if there is something to find.
    fn park(&mut self, waker: &Waker) -> bool {
        let chan = self.chan();
        chan.with_rx(|rx| chan.park(rx, waker))
    }

    fn pending<R>(&self, location: &'static Location<'static>) -> Poll<R> {
        leaf::pending(&Wait {
            kind: Kind::Channel,
            resource: self.chan().resource(),
            location,
        })
    }

    #[track_caller]
    #[inline]
    pub(super) fn recv(&mut self) -> impl Future<Output = Option<T>> {
        let location = Location::caller();
        async move { poll_fn(|cx| self.poll_recv(cx, location)).await }
    }

    #[track_caller]
    pub(super) fn recv_many(
        &mut self,
        buffer: &mut Vec<T>,
        limit: usize,
    ) -> impl Future<Output = usize> {
        let location = Location::caller();
        async move { poll_fn(|cx| self.poll_recv_many(cx, buffer, limit, location)).await }
    }

    #[inline]
    pub(super) fn poll_recv(
        &mut self,
        cx: &mut Context<'_>,
        location: &'static Location<'static>,
    ) -> Poll<Option<T>> {
        let proceed = ready!(coop::poll_proceed(cx));
        loop {
            let received = match self.next() {
                Next::Value(value) => {
                    self.chan().capacity().taken(1);
                    Some(value)
                }
                Next::End => None,
                Next::Nothing if self.park(cx.waker()) => return self.pending(location),
                Next::Nothing => continue,
            };
            proceed.made_progress();
            return Poll::Ready(received);
        }
    }

    pub(super) fn poll_recv_many(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut Vec<T>,
        limit: usize,
        location: &'static Location<'static>,
    ) -> Poll<usize> {
        let proceed = ready!(coop::poll_proceed(cx));
        let before = buffer.len();
        while buffer.len() - before < limit {
            match self.next() {
                Next::Value(value) => buffer.push(value),
                Next::End => break,
                Next::Nothing if buffer.len() > before => break,
                Next::Nothing if self.park(cx.waker()) => return self.pending(location),
                Next::Nothing => {}
            }
        }
        let received = buffer.len() - before;
        if received > 0 {
            self.chan().capacity().taken(received);
        }
        proceed.made_progress();
        Poll::Ready(received)
    }

    /// For a thread that is not async.
    #[track_caller]
    pub(super) fn blocking_recv(&mut self, operation: &str) -> Option<T> {
        let instead = "recv().await";
        let first = blocking::try_first(operation, instead, || match self.next() {
            Next::Value(value) => {
                self.chan().capacity().taken(1);
                Some(Some(value))
            }
            Next::End => Some(None),
            Next::Nothing => None,
        });
        first.unwrap_or_else(|| blocking::block_on(operation, instead, self.recv()))
    }

    pub(super) fn try_recv(&mut self) -> Result<T, TryRecvError> {
        loop {
            // Read first: what was sent before this call must be found.
            let tail = self.chan().list().tail();
            match self.next() {
                Next::Value(value) => {
                    self.chan().capacity().taken(1);
                    return Ok(value);
                }
                Next::End => return Err(TryRecvError::Disconnected),
                Next::Nothing if self.end().unwrap_or(tail) <= self.chan().head() => {
                    return Err(TryRecvError::Empty);
                }
                // A sender is between its claim and its value, and others may
                // have sent behind it: wait for it, for some instructions.
                Next::Nothing => self.wait_for_claimed(),
            }
        }
    }

    #[cold]
    fn wait_for_claimed(&mut self) {
        // A task that has polled before is owed a wake-up for this value.
        if let Some(waker) = self.chan().unpark_if_parked() {
            waker.wake();
        }
        sinew_core::block_on(poll_fn(|cx| match self.park(cx.waker()) {
            true => Poll::Pending,
            false => Poll::Ready(()),
        }));
    }

    /// Where the receiver's `close` has ended an unbounded channel.
    fn end(&self) -> Option<u64> {
        self.chan().rx.0.state.with(|state| {
            // SAFETY: invariant 1 of `chan`: it is written through `&mut self` only.
            unsafe { &*state }.end
        })
    }

    /// How many values wait.
    pub(super) fn len(&self) -> usize {
        let tail = self.end().unwrap_or_else(|| self.chan().list().tail());
        (tail - self.chan().head()) as usize
    }

    /// Notes where `close` has ended an unbounded channel.
    pub(super) fn set_end(&mut self, end: Option<u64>) {
        self.chan().with_rx(|rx| rx.end = rx.end.or(end));
    }

    /// Tells the senders that wait for it that the channel is closed.
    pub(super) fn notify_closed(&self) {
        self.chan().closing().notify_waiters();
    }

    /// Drops the waker that was left, and all values. For the drop, after closing.
    pub(super) fn drain(&mut self) {
        struct Rest<'a, T, S: Capacity>(&'a mut Rx<T, S>);

        impl<T, S: Capacity> Rest<'_, T, S> {
            fn drain(&mut self) {
                while let Some(value) = self.0.chan().pop() {
                    self.0.chan().capacity().taken(1);
                    drop(value);
                }
            }
        }

        // Also when a value's destructor panics.
        impl<T, S: Capacity> Drop for Rest<'_, T, S> {
            fn drop(&mut self) {
                self.drain();
            }
        }

        let waker = self.chan().unpark_if_parked();
        Rest(self).drain();
        drop(waker);
    }
}

impl<T, S: Capacity> Drop for Rx<T, S> {
    fn drop(&mut self) {
        self.chan.drop_ref(Holder::Receiver);
    }
}

impl<T, S: Capacity> Unpin for Rx<T, S> {}
