//! A channel for one value, on one thread.
//!
//! As [`crate::oneshot`], without atomics.
//!
//! ```
//! use sinew_sync::local::oneshot;
//!
//! # sinew_core::block_on(async {
//! let (tx, rx) = oneshot::channel();
//! tx.send(42).unwrap();
//! assert_eq!(rx.await, Ok(42));
//! # });
//! ```

use std::cell::Cell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::mem::ManuallyDrop;
use std::panic::Location;
use std::pin::Pin;
use std::ptr::{self, NonNull};
use std::task::{Context, Poll, Waker, ready};

use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};

pub use crate::oneshot::error;

use self::error::{RecvError, TryRecvError};

/// The sender has sent, or is gone: it has made its last access.
const SENT: u8 = 1;
/// The receiver takes nothing that is sent from now on.
const CLOSED: u8 = 2;
/// The receiver is gone: it has made its last access. Set together with `CLOSED`.
const LEFT: u8 = 4;
/// A waker has been left, of whichever end.
const WAITED: u8 = 8;

/// Makes a channel for one value.
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let mut shared = Box::new_uninit();
    // Written where it stays: a copy would cost more than all else here.
    shared.as_mut().write(Shared {
        location: Location::caller(),
        value: Cell::new(None),
        flags: Cell::new(0),
        receiver: Cell::new(None),
        sender: Cell::new(None),
    });
    // SAFETY: just written.
    let shared = Box::leak(unsafe { shared.assume_init() });
    let shared = NonNull::from(shared);
    (
        Sender { shared },
        Receiver {
            shared: Some(shared),
        },
    )
}

/// What both ends share. It is in a box that is freed by whoever makes the last access
/// after the other's: the sender that finds `LEFT`, or the receiver that finds `SENT`.
/// Each end does without it from then on, and wakes and drops wakers only afterwards, or
/// while it stays: so whatever these run, an end in use finds it in place.
struct Shared<T> {
    location: &'static Location<'static>,
    value: Cell<Option<T>>,
    flags: Cell<u8>,
    /// Waits for the value.
    receiver: Cell<Option<Waker>>,
    /// Waits for the channel to be closed.
    sender: Cell<Option<Waker>>,
}

/// Frees what both ends share, with a value that nobody took.
///
/// # Safety
///
/// Both have made their last access.
unsafe fn free<T>(shared: NonNull<Shared<T>>) {
    // SAFETY: `channel` leaked it from a box, and the caller is the last one.
    drop(unsafe { Box::from_raw(shared.as_ptr()) });
}

impl<T> Shared<T> {
    #[inline]
    fn has(&self, flag: u8) -> bool {
        self.flags.get() & flag != 0
    }

    #[inline]
    fn set(&self, flags: u8) {
        self.flags.set(self.flags.get() | flags);
    }

    fn pending<R>(&self, location: &'static Location<'static>) -> Poll<R> {
        leaf::pending(&Wait {
            kind: Kind::Channel,
            resource: ptr::from_ref(self).addr() as u64,
            location,
        })
    }

    /// No value is taken that has not been sent yet.
    fn close(&self) {
        self.set(CLOSED);
        if let Some(waker) = self.sender.take() {
            waker.wake();
        }
    }

    /// Whether nothing that is not here yet will come.
    #[inline]
    fn is_over(&self) -> bool {
        self.has(SENT | CLOSED)
    }
}

/// The end that sends.
pub struct Sender<T> {
    shared: NonNull<Shared<T>>,
}

impl<T> Sender<T> {
    #[inline]
    fn shared(&self) -> &Shared<T> {
        // SAFETY: it stays until the sender, too, has made its last access, in `finish`,
        // which takes or ends the sender.
        unsafe { self.shared.as_ref() }
    }

    /// The sender is done, and makes its last access. `value` if there is one.
    #[inline]
    fn finish(&self, value: Option<T>) {
        let shared = self.shared();
        if shared.flags.get() == 0 {
            shared.value.set(value);
            shared.flags.set(SENT);
        } else {
            self.finish_beside(value);
        }
    }

    /// As [`finish`](Self::finish), also when the receiver waits or is gone.
    #[inline(never)]
    fn finish_beside(&self, value: Option<T>) {
        let shared = self.shared();
        if shared.has(LEFT) {
            // SAFETY: the receiver has left, and `self` is not used any more.
            unsafe { free(self.shared) };
            return;
        }
        shared.value.set(value);
        let unused = shared.sender.take();
        let receiver = shared.receiver.take();
        shared.set(SENT);
        if let Some(waker) = receiver {
            waker.wake();
        }
        drop(unused);
    }

    /// Sends the value. That it is sent does not mean that it is received: the
    /// receiver may be dropped afterwards.
    ///
    /// # Errors
    ///
    /// When the receiver was closed or dropped; gives the value back.
    #[inline]
    pub fn send(self, value: T) -> Result<(), T> {
        if self.is_closed() {
            return Err(value);
        }
        ManuallyDrop::new(self).finish(Some(value));
        Ok(())
    }

    /// Waits until the receiver is closed or dropped.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    #[track_caller]
    pub fn closed(&mut self) -> impl Future<Output = ()> {
        let location = Location::caller();
        poll_fn(move |cx| self.poll_closed_at(location, cx))
    }

    /// Whether the receiver was closed or dropped.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared().has(CLOSED)
    }

    /// Ready when the receiver is closed or dropped; else the last waker is woken then.
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
        let waker = cx.waker().clone();
        // After the clone, which may run any code.
        if self.is_closed() {
            proceed.made_progress();
            return Poll::Ready(());
        }
        self.shared().set(WAITED);
        let old = self.shared().sender.replace(Some(waker));
        drop(old);
        self.shared().pending(location)
    }
}

impl<T> Drop for Sender<T> {
    #[inline]
    fn drop(&mut self) {
        self.finish(None);
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("closed", &self.is_closed())
            .finish()
    }
}

/// The end that receives: a future of the value.
///
/// # Errors
///
/// It ends with an error when the sender is dropped without sending, or the channel
/// had been closed before anything was sent.
///
/// # Panics
///
/// When it is polled after it was ready.
///
/// # Cancel safety
///
/// Nothing is lost while it lives, so `&mut receiver` may be awaited again and
/// again. Dropped, it drops the value.
#[must_use = "a receiver that is dropped makes the send fail"]
pub struct Receiver<T> {
    /// `None` once the outcome is known to the user.
    shared: Option<NonNull<Shared<T>>>,
}

impl<T> Receiver<T> {
    #[inline]
    fn shared(&self) -> Option<&Shared<T>> {
        // SAFETY: it stays until the receiver, too, has made its last access, in `leave`,
        // when the option becomes `None`.
        self.shared.map(|shared| unsafe { shared.as_ref() })
    }

    /// Makes a `send` from now on fail. A value that was sent before can still be
    /// received.
    pub fn close(&mut self) {
        if let Some(shared) = self.shared() {
            shared.close();
        }
    }

    /// Whether the value, or that there is none, has been told.
    #[must_use]
    pub fn is_terminated(&self) -> bool {
        self.shared.is_none()
    }

    /// Whether there is no value to be received now.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Some(shared) = self.shared() else {
            return true;
        };
        let value = shared.value.take();
        let empty = value.is_none();
        shared.value.set(value);
        empty
    }

    /// The value, if it is there.
    ///
    /// # Errors
    ///
    /// When it is not there yet, or will not come.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let shared = self.shared().ok_or(TryRecvError::Closed)?;
        match take(shared) {
            Poll::Ready(outcome) => {
                self.leave();
                outcome.ok_or(TryRecvError::Closed)
            }
            Poll::Pending => Err(TryRecvError::Empty),
        }
    }

    /// As [`leave`](Self::leave), apart from those that have their outcome.
    #[inline(never)]
    fn leave_unready(&mut self) {
        self.leave();
    }

    /// Makes the last access, if it has not been made.
    #[inline]
    fn leave(&mut self) {
        if let Some(shared) = self.shared.take() {
            // SAFETY: this was the last access.
            unsafe { leave(shared) };
        }
    }
}

/// Ends the receiver's side.
///
/// # Safety
///
/// The receiver makes no access after this.
#[inline]
unsafe fn leave<T>(place: NonNull<Shared<T>>) {
    // SAFETY: the receiver has not made its last access yet.
    let shared = unsafe { place.as_ref() };
    if shared.has(SENT) {
        // SAFETY: the sender has made its last access, and the receiver too.
        unsafe { free(place) };
    } else {
        // SAFETY: passed on.
        unsafe { abandon(place) };
    }
}

/// Ends the receiver's side before the sender's.
///
/// # Safety
///
/// The receiver makes no access after this.
#[inline(never)]
unsafe fn abandon<T>(place: NonNull<Shared<T>>) {
    // SAFETY: the receiver has not made its last access yet, which is `set` below.
    let shared = unsafe { place.as_ref() };
    let sender = shared.sender.take();
    let unused = shared.receiver.take();
    shared.set(CLOSED | LEFT);
    if let Some(waker) = sender {
        waker.wake();
    }
    drop(unused);
}

/// The value, or `None` if none will come.
#[inline]
fn take<T>(shared: &Shared<T>) -> Poll<Option<T>> {
    match shared.is_over() {
        true => Poll::Ready(shared.value.take()),
        false => Poll::Pending,
    }
}

impl<T> Unpin for Receiver<T> {}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let proceed = ready!(coop::poll_proceed(cx));
        let Some(shared) = self.shared() else {
            panic!("a oneshot receiver was polled after it was ready");
        };
        if !shared.is_over() && must_wait(shared, cx.waker()) {
            return shared.pending(shared.location);
        }
        let outcome = take(shared);
        proceed.made_progress();
        self.leave();
        outcome.map(|value| value.ok_or(RecvError(())))
    }
}

/// Leaves `waker` to be woken and is `true`; `false` if there is an outcome already.
#[inline(never)]
fn must_wait<T>(shared: &Shared<T>, waker: &Waker) -> bool {
    let known = shared.receiver.take();
    if known.as_ref().is_some_and(|known| known.will_wake(waker)) {
        shared.receiver.set(known);
        return true;
    }
    let fresh = waker.clone();
    shared.set(WAITED);
    shared.receiver.set(Some(fresh));
    // The clone and this drop may run any code, which may send.
    drop(known);
    !shared.is_over()
}

impl<T> Drop for Receiver<T> {
    #[inline]
    fn drop(&mut self) {
        if self.shared.is_some() {
            self.leave_unready();
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
