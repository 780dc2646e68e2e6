//! A channel for one value.
//!
//! [`channel`] gives a [`Sender`], whose [`send`](Sender::send) needs no
//! waiting, and a [`Receiver`], which is a future of the value. For answers to
//! requests, results of work done elsewhere, and "it is ready" signals.
//!
//! One allocation, freed by whichever side goes last. Sending and receiving
//! cost one atomic read-modify-write if the receiver does not wait, and four
//! with the clone of its waker if it does. The states are in
//! `oneshot/state.rs`.
//!
//! ```
//! use sinew_sync::oneshot;
//!
//! # sinew_core::block_on(async {
//! let (tx, rx) = oneshot::channel();
//! std::thread::spawn(move || tx.send(6 * 7));
//! assert_eq!(rx.await, Ok(42));
//! # });
//! ```

use std::fmt;
use std::future::{Future, poll_fn};
use std::mem::{ManuallyDrop, MaybeUninit};
use std::panic::Location;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll, Waker, ready};

use sinew_core::leaf::{self, Kind, Wait};
use sinew_core::{blocking, coop};

use self::error::{RecvError, TryRecvError};
use self::state::{Snapshot, StateCell, Then};
use crate::primitives::UnsafeCell;

pub mod error;
mod state;

/// Makes a channel for one value.
///
/// # Examples
///
/// ```
/// use sinew_sync::oneshot;
///
/// let (tx, mut rx) = oneshot::channel();
/// tx.send("hello").unwrap();
/// assert_eq!(rx.try_recv(), Ok("hello"));
/// ```
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Box::new(Shared {
        state: StateCell::new(),
        location: Location::caller(),
        rx_waker: WakerCell::new(),
        tx_waker: WakerCell::new(),
        value: UnsafeCell::new(MaybeUninit::uninit()),
    });
    let shared = NonNull::from(Box::leak(shared));
    (
        Sender { shared },
        Receiver {
            shared: Some(shared),
        },
    )
}

struct Shared<T> {
    state: StateCell,
    /// Where the channel was made: the place that the receiver names, which is awaited
    /// itself and does not see where.
    location: &'static Location<'static>,
    rx_waker: WakerCell,
    tx_waker: WakerCell,
    value: UnsafeCell<MaybeUninit<T>>,
}

impl<T> Shared<T> {
    fn pending<R>(&self, location: &'static Location<'static>) -> Poll<R> {
        leaf::pending(&Wait {
            kind: Kind::Channel,
            resource: self as *const Shared<T> as usize as u64,
            location,
        })
    }

    /// Moves the value out.
    ///
    /// # Safety
    ///
    /// The value is there and the caller owns its cell (invariant 1 of `state`).
    unsafe fn take_value(&self) -> T {
        self.value.with(|value| {
            // SAFETY: the caller owns the cell, so nobody writes to it.
            let value = unsafe { &*value };
            // SAFETY: the caller knows that the value is there, and takes it.
            unsafe { value.assume_init_read() }
        })
    }
}

/// Frees the memory, and drops the value if nobody took it.
///
/// # Safety
///
/// `state` said so: invariant 4. The pointer is not used again.
unsafe fn free<T>(shared: NonNull<Shared<T>>) {
    // SAFETY: `channel` leaked it from a box, and by invariant 4 it is freed once.
    let shared = unsafe { Box::from_raw(shared.as_ptr()) };
    if shared.state.load().has_value() {
        // SAFETY: `VALUE` is set, and nobody else is left.
        let value = unsafe { shared.take_value() };
        drop(shared);
        drop(value);
    }
}

/// A cell that holds a waker while the state says so.
struct WakerCell(UnsafeCell<MaybeUninit<Waker>>);

impl WakerCell {
    fn new() -> WakerCell {
        WakerCell(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// # Safety
    ///
    /// The caller owns the cell, and it is empty.
    unsafe fn fill(&self, waker: Waker) {
        self.0.with_mut(|cell| {
            // SAFETY: the caller owns the cell.
            let cell = unsafe { &mut *cell };
            cell.write(waker);
        });
    }

    /// # Safety
    ///
    /// The caller owns the waker in the cell, and takes it only once.
    unsafe fn take(&self) -> Waker {
        self.0.with(|cell| {
            // SAFETY: while there is a waker in the cell, nobody writes to it.
            let cell = unsafe { &*cell };
            // SAFETY: the caller owns it.
            unsafe { cell.assume_init_read() }
        })
    }

    /// # Safety
    ///
    /// The cell is the caller's own and has been filled; the other side may be
    /// moving the waker out, which leaves its bits in place.
    unsafe fn will_wake(&self, waker: &Waker) -> bool {
        self.0.with(|cell| {
            // SAFETY: only the caller's side writes to its cell. A waker moved
            // out is still there bit by bit; it is compared, not used.
            let filled = unsafe { cell.cast::<ManuallyDrop<Waker>>().as_ref() };
            filled.is_some_and(|filled| filled.will_wake(waker))
        })
    }
}

/// The end that sends.
///
/// Dropped without sending, it makes the receiver's wait an error.
pub struct Sender<T> {
    shared: NonNull<Shared<T>>,
}

// SAFETY: the value goes from the sender's thread to the receiver's, nothing is
// shared; the state and the wakers are synchronised (invariants of `state`).
unsafe impl<T: Send> Send for Sender<T> {}
// SAFETY: by reference only the state can be read.
unsafe impl<T: Send> Sync for Sender<T> {}

impl<T> Sender<T> {
    fn shared(&self) -> &Shared<T> {
        // SAFETY: invariant 4: not freed before this side has gone.
        unsafe { self.shared.as_ref() }
    }

    /// Sends the value to the receiver.
    ///
    /// Never waits. `Ok` means that the value is on its way, not that it will be
    /// received: the receiver may be dropped before it looks.
    ///
    /// # Errors
    ///
    /// Gives the value back when the receiver has been closed or dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::oneshot;
    ///
    /// let (tx, rx) = oneshot::channel();
    /// drop(rx);
    /// assert_eq!(tx.send(1), Err(1));
    /// ```
    pub fn send(self, value: T) -> Result<(), T> {
        let shared = self.shared();
        shared.value.with_mut(|cell| {
            // SAFETY: invariant 1: the cell is the sender's until it is done.
            let cell = unsafe { &mut *cell };
            cell.write(value);
        });
        match shared.state.send() {
            Ok(then) => {
                ManuallyDrop::new(self).finish(then);
                Ok(())
            }
            // SAFETY: just written, and still the sender's: it is not done.
            Err(_) => Err(unsafe { shared.take_value() }),
        }
    }

    /// Ends the sender's side as `then` says, and wakes the receiver.
    fn finish(&self, then: Then) {
        let (rx, tx) = match then {
            Then::Leave => return,
            // SAFETY: the state says so; `self` is not used afterwards.
            Then::Free => return unsafe { free(self.shared) },
            Then::Wakers { rx, tx } => (rx, tx),
        };
        let shared = self.shared();
        // SAFETY: invariant 2: the sender has cleared the bit.
        let rx = rx.then(|| unsafe { shared.rx_waker.take() });
        // SAFETY: invariant 2: likewise.
        let tx = tx.then(|| unsafe { shared.tx_waker.take() });
        if shared.state.leave_tx() == Then::Free {
            // SAFETY: the state says so; `self` is not used afterwards.
            unsafe { free(self.shared) };
        }
        if let Some(rx) = rx {
            rx.wake();
        }
        drop(tx);
    }

    /// Waits until the receiver has been closed or dropped.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::oneshot;
    ///
    /// # sinew_core::block_on(async {
    /// let (mut tx, rx) = oneshot::channel::<()>();
    /// drop(rx);
    /// tx.closed().await;
    /// # });
    /// ```
    #[track_caller]
    pub fn closed(&mut self) -> impl Future<Output = ()> {
        let location = Location::caller();
        poll_fn(move |cx| self.poll_closed_at(location, cx))
    }

    /// Whether the receiver has been closed or dropped. A value sent now would
    /// come back.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared().state.load().is_closed()
    }

    /// [`closed`](Self::closed) as a poll function. Only the task of the latest
    /// call is woken.
    #[track_caller]
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_closed_at(Location::caller(), cx)
    }

    fn poll_closed_at(
        &mut self,
        location: &'static Location<'static>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let proceed = ready!(coop::poll_proceed(cx));
        let shared = self.shared();
        let seen = shared.state.load();
        if seen.is_closed() || !shared.wait_closed(seen, cx.waker()) {
            proceed.made_progress();
            return Poll::Ready(());
        }
        shared.pending(location)
    }
}

impl<T> Shared<T> {
    /// Leaves the sender's waker. `false` when the channel has been closed.
    fn wait_closed(&self, seen: Snapshot, waker: &Waker) -> bool {
        if seen.has_tx_waker() {
            // SAFETY: the sender's cell, filled by an earlier call.
            if unsafe { self.tx_waker.will_wake(waker) } {
                return true;
            }
            if !self.state.unset_tx_waker() {
                return false;
            }
            // SAFETY: invariant 2: the bit has just been cleared here.
            drop(unsafe { self.tx_waker.take() });
        }
        // SAFETY: invariant 2: the bit is clear, and was not set by anyone else.
        unsafe { self.tx_waker.fill(waker.clone()) };
        let waits = self.state.set_tx_waker();
        if !waits {
            // SAFETY: invariant 2: the bit was not set, so it is still ours.
            drop(unsafe { self.tx_waker.take() });
        }
        waits
    }

    /// Leaves the receiver's waker. `false` when the sender has had its say.
    fn wait_done(&self, seen: Snapshot, waker: &Waker) -> bool {
        if seen.has_rx_waker() {
            // SAFETY: the receiver's cell, filled by an earlier call.
            if unsafe { self.rx_waker.will_wake(waker) } {
                return true;
            }
            if !self.state.unset_rx_waker() {
                return false;
            }
            // SAFETY: invariant 2: the bit has just been cleared here.
            drop(unsafe { self.rx_waker.take() });
        }
        // SAFETY: invariant 2: the bit is clear, and was not set by anyone else.
        unsafe { self.rx_waker.fill(waker.clone()) };
        let waits = self.state.set_rx_waker();
        if !waits {
            // SAFETY: invariant 2: the bit was not set, so it is still ours.
            drop(unsafe { self.rx_waker.take() });
        }
        waits
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let then = self.shared().state.drop_tx();
        self.finish(then);
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.shared().state.load();
        f.debug_struct("Sender")
            .field("closed", &state.is_closed())
            .finish()
    }
}

/// The end that receives: a future of the value, or of a [`RecvError`] if the
/// sender is dropped without sending.
///
/// Can be polled by reference, as in a `select!` in a loop; after it was ready it
/// must not be polled again.
///
/// # Cancel safety
///
/// Awaited by `&mut`, nothing is lost when that is dropped. Dropped itself, it
/// drops a value that was sent, and a value sent later goes back to the sender.
#[must_use = "a receiver that is dropped makes the send fail"]
pub struct Receiver<T> {
    shared: Option<NonNull<Shared<T>>>,
}

// SAFETY: as for `Sender`.
unsafe impl<T: Send> Send for Receiver<T> {}
// SAFETY: by reference only the state can be read.
unsafe impl<T: Send> Sync for Receiver<T> {}

impl<T> Unpin for Receiver<T> {}

impl<T> Receiver<T> {
    fn shared(&self) -> Option<&Shared<T>> {
        // SAFETY: invariant 4: not freed before this side has gone, when the
        // option becomes `None`.
        self.shared.map(|shared| unsafe { shared.as_ref() })
    }

    /// Closes the channel: a value that has not been sent yet goes back to the
    /// sender. One that has been sent can still be received.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::oneshot;
    /// use sinew_sync::oneshot::error::TryRecvError;
    ///
    /// let (tx, mut rx) = oneshot::channel();
    /// rx.close();
    /// assert!(tx.send(1).is_err());
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    /// ```
    pub fn close(&mut self) {
        let closing = self.shared().filter(|shared| shared.state.close());
        if let Some(shared) = closing {
            // SAFETY: invariant 2: the receiver has cleared the bit.
            unsafe { shared.tx_waker.take() }.wake();
        }
    }

    /// Whether nothing will come out of this receiver any more because it has
    /// given a value or an error.
    #[must_use]
    pub fn is_terminated(&self) -> bool {
        self.shared.is_none()
    }

    /// Whether there is no value to receive now. `true` also after it has been
    /// received, and for a sender that was dropped without sending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self
            .shared()
            .is_some_and(|shared| shared.state.load().has_value())
    }

    /// Receives the value if it is there.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryRecvError::Empty) while the sender may still send,
    /// [`Closed`](TryRecvError::Closed) when nothing can come any more.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let shared = self.shared().ok_or(TryRecvError::Closed)?;
        let seen = shared.state.load();
        if seen.is_done() || seen.is_closed() {
            return self.conclude(seen).ok_or(TryRecvError::Closed);
        }
        Err(TryRecvError::Empty)
    }

    /// Receives the value on a thread that is not async, which sleeps meanwhile.
    ///
    /// # Errors
    ///
    /// When the sender is dropped without sending, or the channel had been closed.
    ///
    /// # Panics
    ///
    /// On a thread of a current-thread or local runtime, which would then wait for
    /// itself; and when a value or an error was received before.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::oneshot;
    ///
    /// let (tx, rx) = oneshot::channel();
    /// let thread = std::thread::spawn(move || rx.blocking_recv());
    /// tx.send(1).unwrap();
    /// assert_eq!(thread.join().unwrap(), Ok(1));
    /// ```
    #[track_caller]
    pub fn blocking_recv(self) -> Result<T, RecvError> {
        blocking::block_on("Receiver::blocking_recv", "awaiting the receiver", self)
    }

    /// Ends the receiver's side with the value, if there is one.
    fn conclude(&mut self, seen: Snapshot) -> Option<T> {
        if !seen.is_done() {
            self.leave();
            return None;
        }
        let shared = self.shared.take()?;
        // SAFETY: invariant 4: this side has not gone yet.
        let inner = unsafe { shared.as_ref() };
        // SAFETY: invariant 1: it is there and the receiver's.
        let value = seen.has_value().then(|| unsafe { inner.take_value() });
        if inner.state.take(seen) == Then::Free {
            // The value, if any, is out; `VALUE` may still be set.
            // SAFETY: the state says so: invariant 4, and it came from a box.
            drop(unsafe { Box::from_raw(shared.as_ptr()) });
        }
        value
    }

    /// Ends the receiver's side; a value that is there is dropped.
    fn leave(&mut self) {
        let Some(shared) = self.shared() else {
            return;
        };
        let (rx, tx) = match shared.state.drop_rx() {
            Err(_) => {
                let seen = shared.state.load();
                drop(self.conclude(seen));
                return;
            }
            Ok(Then::Leave) => {
                self.shared = None;
                return;
            }
            Ok(Then::Free) => {
                if let Some(shared) = self.shared.take() {
                    // SAFETY: the state says so.
                    unsafe { free(shared) };
                }
                return;
            }
            Ok(Then::Wakers { rx, tx }) => (rx, tx),
        };
        // SAFETY: invariant 2: the receiver has cleared the bit.
        let rx = rx.then(|| unsafe { shared.rx_waker.take() });
        // SAFETY: invariant 2: likewise.
        let tx = tx.then(|| unsafe { shared.tx_waker.take() });
        let then = shared.state.leave_rx();
        if let (Some(shared), Then::Free) = (self.shared.take(), then) {
            // SAFETY: the state says so.
            unsafe { free(shared) };
        }
        if let Some(tx) = tx {
            tx.wake();
        }
        drop(rx);
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    /// # Panics
    ///
    /// When polled after it was ready.
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(shared) = self.shared() else {
            panic!("a oneshot receiver was polled after it was ready");
        };
        let mut seen = shared.state.load();
        if !seen.is_done() && !seen.is_closed() {
            if shared.wait_done(seen, cx.waker()) {
                return shared.pending(shared.location);
            }
            seen = shared.state.load();
        }
        // Only now: to wait costs nothing.
        ready!(coop::poll_proceed(cx)).made_progress();
        Poll::Ready(self.conclude(seen).ok_or(RecvError(())))
    }
}

impl<T> Drop for Receiver<T> {
    #[inline]
    fn drop(&mut self) {
        // Most have received, and have nothing to leave.
        if self.shared.is_some() {
            self.leave();
        }
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("empty", &self.is_empty())
            .field("terminated", &self.is_terminated())
            .finish()
    }
}

/// The bytes of a channel's allocation.
#[cfg(all(test, not(sinew_loom)))]
pub(crate) fn footprint() -> usize {
    size_of::<Shared<u64>>()
}

#[cfg(test)]
mod tests;
