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

use std::cell::RefCell;
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
    let shared = Rc::new(Shared {
        location: Location::caller(),
        state: RefCell::new(State {
            value: None,
            sent: false,
            closed: false,
            receiver: None,
            sender: None,
        }),
    });
    let sender = Sender {
        shared: shared.clone(),
    };
    let shared = Some(shared);
    (sender, Receiver { shared })
}

/// Values and wakers are dropped, woken and cloned outside of the borrow: they may
/// come back here.
struct Shared<T> {
    location: &'static Location<'static>,
    state: RefCell<State<T>>,
}

struct State<T> {
    value: Option<T>,
    /// The sender has sent, or is gone.
    sent: bool,
    /// The receiver takes nothing that is sent from now on.
    closed: bool,
    /// Waits for the value.
    receiver: Option<Waker>,
    /// Waits for the channel to be closed.
    sender: Option<Waker>,
}

impl<T> Shared<T> {
    fn pending<R>(self: &Rc<Self>) -> Poll<R> {
        leaf::pending(&Wait {
            kind: Kind::Channel,
            resource: Rc::as_ptr(self).addr() as u64,
            location: self.location,
        })
    }

    /// The sender is done.
    fn finish(&self, value: Option<T>) {
        let (waker, unused) = {
            let state = &mut *self.state.borrow_mut();
            state.value = value;
            state.sent = true;
            (state.receiver.take(), state.sender.take())
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        drop(unused);
    }

    /// No value is taken that has not been sent yet.
    fn close(&self) {
        let waker = {
            let state = &mut *self.state.borrow_mut();
            state.closed = true;
            state.sender.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
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
    pub async fn closed(&mut self) {
        poll_fn(|cx| self.poll_closed(cx)).await;
    }

    /// Whether the receiver was closed or dropped.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.state.borrow().closed
    }

    /// Ready when the receiver is closed or dropped; else the last waker is woken then.
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let proceed = ready!(coop::poll_proceed(cx));
        let waker = cx.waker().clone();
        // After the clone, which may run any code.
        if self.is_closed() {
            proceed.made_progress();
            return Poll::Ready(());
        }
        let old = self.shared.state.borrow_mut().sender.replace(waker);
        drop(old);
        self.shared.pending()
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if !self.shared.state.borrow().sent {
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
        let value = |shared: &Rc<Shared<T>>| shared.state.borrow().value.is_some();
        !self.shared.as_ref().is_some_and(value)
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

    fn leave(&mut self) {
        let Some(shared) = self.shared.take() else {
            return;
        };
        shared.close();
        let (value, waker) = {
            let state = &mut *shared.state.borrow_mut();
            (state.value.take(), state.receiver.take())
        };
        drop(waker);
        drop(value);
    }
}

/// The value, or `None` if none will come.
fn take<T>(shared: &Shared<T>) -> Poll<Option<T>> {
    let state = &mut *shared.state.borrow_mut();
    match state.sent || state.closed {
        true => Poll::Ready(state.value.take()),
        false => Poll::Pending,
    }
}

impl<T> Unpin for Receiver<T> {}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let proceed = ready!(coop::poll_proceed(cx));
        let Some(shared) = &self.shared else {
            panic!("a oneshot receiver was polled after it was ready");
        };
        if must_wait(shared, cx.waker()) {
            return shared.pending();
        }
        let outcome = take(shared);
        proceed.made_progress();
        self.leave();
        outcome.map(|value| value.ok_or(RecvError(())))
    }
}

/// Leaves `waker` to be woken and is `true`; `false` if there is an outcome already.
fn must_wait<T>(shared: &Shared<T>, waker: &Waker) -> bool {
    {
        let state = &*shared.state.borrow();
        if state.sent || state.closed {
            return false;
        }
        if state
            .receiver
            .as_ref()
            .is_some_and(|known| known.will_wake(waker))
        {
            return true;
        }
    }
    let waker = waker.clone();
    // Again, after the clone, which may run any code.
    let old = {
        let state = &mut *shared.state.borrow_mut();
        if state.sent || state.closed {
            Err(waker)
        } else {
            Ok(state.receiver.replace(waker))
        }
    };
    old.is_ok()
}

impl<T> Drop for Receiver<T> {
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
