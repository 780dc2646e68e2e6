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
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};

pub use crate::oneshot::error;

use self::error::{RecvError, TryRecvError};

/// Makes a channel for one value.
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let mut shared = Rc::new_uninit();
    // Written where it stays: a copy would cost more than all else here.
    let Some(place) = Rc::get_mut(&mut shared) else {
        unreachable!("nobody else has it yet")
    };
    place.write(Shared {
        location: Location::caller(),
        value: Cell::new(None),
        sent: Cell::new(false),
        closed: Cell::new(false),
        receiver: Cell::new(None),
        sender: Cell::new(None),
    });
    // SAFETY: just written.
    let shared = unsafe { shared.assume_init() };
    let sender = Sender {
        shared: shared.clone(),
    };
    let shared = Some(shared);
    (sender, Receiver { shared })
}

struct Shared<T> {
    location: &'static Location<'static>,
    value: Cell<Option<T>>,
    /// The sender has sent, or is gone.
    sent: Cell<bool>,
    /// The receiver takes nothing that is sent from now on.
    closed: Cell<bool>,
    /// Waits for the value.
    receiver: Cell<Option<Waker>>,
    /// Waits for the channel to be closed.
    sender: Cell<Option<Waker>>,
}

impl<T> Shared<T> {
    fn pending<R>(self: &Rc<Self>, location: &'static Location<'static>) -> Poll<R> {
        leaf::pending(&Wait {
            kind: Kind::Channel,
            resource: Rc::as_ptr(self).addr() as u64,
            location,
        })
    }

    /// The sender is done.
    #[inline]
    fn finish(&self, value: Option<T>) {
        self.value.set(value);
        self.sent.set(true);
        let unused = self.sender.take();
        if let Some(waker) = self.receiver.take() {
            waker.wake();
        }
        drop(unused);
    }

    /// No value is taken that has not been sent yet.
    #[inline]
    fn close(&self) {
        self.closed.set(true);
        if let Some(waker) = self.sender.take() {
            waker.wake();
        }
    }

    /// Whether nothing that is not here yet will come.
    #[inline]
    fn is_over(&self) -> bool {
        self.sent.get() || self.closed.get()
    }
}

/// The end that sends.
pub struct Sender<T> {
    shared: Rc<Shared<T>>,
}

impl<T> Sender<T> {
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
        self.shared.finish(Some(value));
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
        self.shared.closed.get()
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
        let old = self.shared.sender.replace(Some(waker));
        drop(old);
        self.shared.pending(location)
    }
}

impl<T> Drop for Sender<T> {
    #[inline]
    fn drop(&mut self) {
        if !self.shared.sent.get() {
            self.shared.finish(None);
        }
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
    shared: Option<Rc<Shared<T>>>,
}

impl<T> Receiver<T> {
    /// Makes a `send` from now on fail. A value that was sent before can still be
    /// received.
    pub fn close(&mut self) {
        if let Some(shared) = &self.shared {
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
        let Some(shared) = &self.shared else {
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
        let shared = self.shared.as_ref().ok_or(TryRecvError::Closed)?;
        match take(shared) {
            Poll::Ready(outcome) => {
                self.leave();
                outcome.ok_or(TryRecvError::Closed)
            }
            Poll::Pending => Err(TryRecvError::Empty),
        }
    }

    #[inline]
    fn leave(&mut self) {
        let Some(shared) = self.shared.take() else {
            return;
        };
        shared.close();
        drop(shared.receiver.take());
        drop(shared.value.take());
    }
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
        let Some(shared) = &self.shared else {
            panic!("a oneshot receiver was polled after it was ready");
        };
        if must_wait(shared, cx.waker()) {
            return shared.pending(shared.location);
        }
        let outcome = take(shared);
        proceed.made_progress();
        self.leave();
        outcome.map(|value| value.ok_or(RecvError(())))
    }
}

/// Leaves `waker` to be woken and is `true`; `false` if there is an outcome already.
#[inline]
fn must_wait<T>(shared: &Shared<T>, waker: &Waker) -> bool {
    if shared.is_over() {
        return false;
    }
    let known = shared.receiver.take();
    if known.as_ref().is_some_and(|known| known.will_wake(waker)) {
        shared.receiver.set(known);
        return true;
    }
    shared.receiver.set(Some(waker.clone()));
    // The clone and this drop may run any code, which may send.
    drop(known);
    !shared.is_over()
}

impl<T> Drop for Receiver<T> {
    #[inline]
    fn drop(&mut self) {
        self.leave();
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

/// The bytes of a channel's allocation, with the two counts of its `Rc`.
#[cfg(all(test, not(sinew_loom)))]
pub(crate) fn footprint() -> usize {
    size_of::<Shared<u64>>() + 2 * size_of::<usize>()
}
