//! The end that receives.

use std::fmt;
use std::future::Future;
use std::panic::Location;

use sinew_core::blocking;

use super::Shared;
use super::error::{RecvError, TryRecvError};
use super::recv::{Place, Recv};
use crate::primitives::Arc;

/// The end that receives. Each receiver gets every value that is sent while it is
/// there, unless it falls behind.
///
/// It is not cloned, so that nobody does so by accident: [`resubscribe`](Self::resubscribe)
/// makes one that receives what is sent from then on.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
    /// The position of the next value.
    next: u64,
}

impl<T> Receiver<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        let next = shared.subscribe();
        Receiver { shared, next }
    }

    pub(super) fn shared(&self) -> &Shared<T> {
        &self.shared
    }

    pub(super) fn resource(&self) -> u64 {
        Arc::as_ptr(&self.shared) as usize as u64
    }

    /// Goes on to the next value: what `see` makes of it. If there is nothing,
    /// waits at `place`.
    pub(super) fn receive<R>(
        &mut self,
        see: impl Fn(&T) -> R,
        mut place: Option<Place<'_>>,
    ) -> Result<R, TryRecvError> {
        let shared = &*self.shared;
        loop {
            let position = self.next;
            let slot = shared.ring.slot(position);
            if let Some(slot) = slot.filter(|slot| slot.position() == position) {
                // First, so that a panic in `clone` does not bring it here again.
                self.next = position.wrapping_add(1);
                if let Some(seen) = slot.see(position, &see) {
                    return Ok(seen);
                }
                self.next = position;
            }
            // Foreign code: before the lock.
            let waker = place.as_ref().map(|place| place.waker.clone());
            let mut locked = shared.tail.lock();
            let end = locked.state.next;
            let behind = end.wrapping_sub(position);
            if behind > shared.ring.count() {
                let missed = behind - shared.ring.count();
                self.next = position.wrapping_add(missed);
                return Err(TryRecvError::Lagged(missed));
            }
            if behind > 0 {
                continue;
            }
            if locked.state.closed {
                return Err(TryRecvError::Closed);
            }
            if let (Some(place), Some(waker)) = (&mut place, waker) {
                // SAFETY: the future that lends its waiter borrows this receiver,
                // which keeps the list in place, and leaves the queue when dropped.
                unsafe { locked.queue.push_back(place.waiter, waker) };
                *place.queued = true;
            }
            return Err(TryRecvError::Empty);
        }
    }

    /// How many values wait to be received, including those that were overwritten.
    ///
    /// ```
    /// use sinew_sync::broadcast;
    ///
    /// let (tx, mut rx) = broadcast::channel(2);
    /// tx.send(1).unwrap();
    /// tx.send(2).unwrap();
    /// assert_eq!(rx.len(), 2);
    /// rx.try_recv().unwrap();
    /// assert_eq!(rx.len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        let next = self.shared.tail.lock().state.next;
        next.wrapping_sub(self.next) as usize
    }

    /// Whether no value waits to be received.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether both are of the same channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// How many senders there are, without weak ones.
    #[must_use]
    pub fn sender_strong_count(&self) -> usize {
        self.shared.sender_count()
    }

    /// How many weak senders there are.
    #[must_use]
    pub fn sender_weak_count(&self) -> usize {
        self.shared.weak_sender_count()
    }

    /// Whether all senders are gone. Values may still wait.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.sender_strong_count() == 0
    }
}

impl<T: Clone> Receiver<T> {
    /// A receiver of what is sent from now on; not of what waits here.
    ///
    /// ```
    /// use sinew_sync::broadcast;
    ///
    /// let (tx, mut rx) = broadcast::channel(2);
    /// tx.send(1).unwrap();
    /// let mut other = rx.resubscribe();
    /// tx.send(2).unwrap();
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// assert_eq!(other.try_recv(), Ok(2));
    /// ```
    #[must_use]
    pub fn resubscribe(&self) -> Self {
        Receiver::new(self.shared.clone())
    }

    /// Receives the next value, waiting for it.
    ///
    /// # Errors
    ///
    /// [`Lagged`](RecvError::Lagged) when values were overwritten before: the next
    /// call gives the oldest that is still there. [`Closed`](RecvError::Closed)
    /// when all senders are gone and nothing is left.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: no value is taken before it is
    /// given out.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::broadcast;
    /// use sinew_sync::broadcast::error::RecvError;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, mut rx) = broadcast::channel(1);
    /// tx.send(1).unwrap();
    /// tx.send(2).unwrap();
    /// drop(tx);
    /// assert_eq!(rx.recv().await, Err(RecvError::Lagged(1)));
    /// assert_eq!(rx.recv().await, Ok(2));
    /// assert_eq!(rx.recv().await, Err(RecvError::Closed));
    /// # });
    /// ```
    #[track_caller]
    pub fn recv(&mut self) -> impl Future<Output = Result<T, RecvError>> {
        Recv::new(self, Location::caller())
    }

    /// Receives the next value if it is there.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryRecvError::Empty), or as [`recv`](Self::recv).
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.receive(T::clone, None)
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
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::broadcast;
    ///
    /// let (tx, mut rx) = broadcast::channel(1);
    /// let thread = std::thread::spawn(move || rx.blocking_recv());
    /// tx.send(1).unwrap();
    /// assert_eq!(thread.join().unwrap(), Ok(1));
    /// ```
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Result<T, RecvError> {
        blocking::block_on("Receiver::blocking_recv", "recv().await", self.recv())
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        /// Tells senders when the values are out, also if one panics in its drop.
        struct Abandon<'a, T>(&'a Shared<T>);

        impl<T> Drop for Abandon<'_, T> {
            fn drop(&mut self) {
                self.0.abandoned.notify_waiters();
            }
        }

        let shared = self.shared.clone();
        let mut locked = shared.tail.lock();
        locked.state.receivers -= 1;
        let end = locked.state.next;
        let last = locked.state.receivers == 0;
        if last {
            locked.state.closed = true;
        }
        drop(locked);
        let _abandon = last.then(|| Abandon(&shared));
        // Values that this receiver is the last to see are dropped here.
        while self.next < end {
            match self.receive(|_| (), None) {
                Ok(()) | Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("next", &self.next)
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
