//! The ends that receive.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use sinew_core::blocking;

use super::chan::{Chan, Shared, try_count};
use super::error::{RecvError, TryRecvError};
use super::recv::Recv;
use super::sender::common_methods;
use crate::primitives::{Arc, Ordering};

/// The end that receives; also a `Stream`. Clones receive from the same channel,
/// each value once.
///
/// When the last one is dropped, the values in the channel are.
pub struct Receiver<T> {
    chan: Arc<Chan<T>>,
    /// The wait of the stream, made when it first waits.
    next: Option<Next<T>>,
}

type Next<T> = Pin<Box<Recv<Shared<T>, T>>>;

impl<T> Receiver<T> {
    /// A receiver that has been counted.
    pub(super) fn new(chan: Arc<Chan<T>>) -> Self {
        Receiver { chan, next: None }
    }

    /// Receives a value, waiting for one.
    ///
    /// # Errors
    ///
    /// When the channel is closed and empty.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: no value is taken before it is
    /// given out, and the wake-up for one goes to the next receiver.
    #[track_caller]
    pub fn recv(&self) -> impl Future<Output = Result<T, RecvError>> {
        Recv::new(&*self.chan, Location::caller())
    }

    /// Receives a value if there is one.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryRecvError::Empty) while more may come,
    /// [`Closed`](TryRecvError::Closed) when not.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.chan.try_recv()
    }

    /// [`recv`](Self::recv) from a thread that is not async, which sleeps meanwhile.
    ///
    /// # Errors
    ///
    /// As `recv`.
    ///
    /// # Panics
    ///
    /// On a thread of a current-thread or local runtime, which would then wait for
    /// itself.
    #[track_caller]
    pub fn blocking_recv(&self) -> Result<T, RecvError> {
        let (operation, instead) = ("Receiver::blocking_recv", "recv().await");
        let first = blocking::try_first(operation, instead, || match self.try_recv() {
            Ok(value) => Some(Ok(value)),
            Err(TryRecvError::Closed) => Some(Err(RecvError)),
            Err(TryRecvError::Empty) => None,
        });
        first.unwrap_or_else(|| blocking::block_on(operation, instead, self.recv()))
    }

    /// Closes the channel: nothing more can be sent, what was sent can be received.
    /// `true` if it was open.
    pub fn close(&self) -> bool {
        self.chan.close()
    }

    /// A receiver that does not keep the channel open.
    #[must_use = "a weak receiver does nothing by itself"]
    pub fn downgrade(&self) -> WeakReceiver<T> {
        WeakReceiver {
            chan: self.chan.clone(),
        }
    }

    common_methods!();
}

impl<T> Stream for Receiver<T> {
    type Item = T;

    #[track_caller]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = &mut *self;
        let location = Location::caller();
        let next = this
            .next
            .get_or_insert_with(|| Box::pin(Recv::new(Shared(this.chan.clone()), location)));
        next.as_mut().poll(cx).map(Result::ok)
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.chan.receivers.fetch_add(1, Ordering::Relaxed);
        Receiver::new(self.chan.clone())
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        // It leaves the queue first.
        self.next = None;
        self.chan.drop_receiver();
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("len", &self.len())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

/// A receiver that does not keep the channel open.
pub struct WeakReceiver<T> {
    chan: Arc<Chan<T>>,
}

impl<T> WeakReceiver<T> {
    /// A receiver, if there is still another.
    #[must_use]
    pub fn upgrade(&self) -> Option<Receiver<T>> {
        try_count(&self.chan.receivers).then(|| Receiver::new(self.chan.clone()))
    }
}

impl<T> Clone for WeakReceiver<T> {
    fn clone(&self) -> Self {
        WeakReceiver {
            chan: self.chan.clone(),
        }
    }
}

impl<T> fmt::Debug for WeakReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakReceiver").finish_non_exhaustive()
    }
}
