//! The ends that send.

use std::fmt;
use std::future::Future;

use sinew_core::coop::cooperative;

use super::error::SendError;
use super::receiver::Receiver;
use super::{Shared, share};
use crate::primitives::{Arc, Ordering};

/// The end that sends. Clones send into the same channel.
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Sender<T> {
    /// A sender without a receiver; [`subscribe`](Self::subscribe) makes some.
    ///
    /// # Panics
    ///
    /// As [`channel`](super::channel).
    #[track_caller]
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Sender {
            shared: Arc::new(Shared::new(capacity)),
        }
    }

    /// Sends a value to all receivers that there are now, and gives their number.
    /// Never waits.
    ///
    /// `Ok` does not mean that they will receive it: they may be dropped, or fall
    /// behind.
    ///
    /// # Errors
    ///
    /// When there is no receiver; gives the value back. Later ones may succeed: more
    /// receivers can subscribe.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::broadcast;
    ///
    /// let (tx, rx) = broadcast::channel(4);
    /// assert_eq!(tx.send(1).unwrap(), 1);
    /// drop(rx);
    /// assert_eq!(tx.send(2).unwrap_err().0, 2);
    /// ```
    pub fn send(&self, value: T) -> Result<usize, SendError<T>> {
        let shared = &*self.shared;
        let mut locked = shared.tail.lock();
        let receivers = locked.state.receivers;
        if receivers == 0 {
            return Err(SendError(value));
        }
        let position = locked.state.next;
        locked.state.next = position.wrapping_add(1);
        shared.ring.fill();
        let old = match shared.ring.slot(position) {
            Some(slot) => slot.put(position, value, receivers),
            None => unreachable!("the ring has just been filled"),
        };
        shared.wake_all(locked);
        // Foreign code: without the lock.
        drop(old);
        Ok(receivers)
    }

    /// A receiver of what is sent from now on.
    ///
    /// # Panics
    ///
    /// When there are `usize::MAX / 4` receivers.
    #[must_use]
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver::new(self.shared.clone())
    }

    /// A sender that does not keep the channel open.
    #[must_use = "a weak sender does nothing by itself"]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender {
            shared: share(&self.shared, &self.shared.weak_senders),
        }
    }

    /// How many values there are that some receiver has yet to see.
    ///
    /// ```
    /// use sinew_sync::broadcast;
    ///
    /// let (tx, mut first) = broadcast::channel(4);
    /// let mut second = tx.subscribe();
    /// tx.send(1).unwrap();
    /// assert_eq!(tx.len(), 1);
    /// first.try_recv().unwrap();
    /// assert_eq!(tx.len(), 1);
    /// second.try_recv().unwrap();
    /// assert_eq!(tx.len(), 0);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        let locked = self.shared.tail.lock();
        let next = locked.state.next;
        let ring = &self.shared.ring;
        let is_unseen = |age: u64| {
            ring.slot(next.wrapping_sub(age))
                .is_some_and(|slot| slot.is_unseen())
        };
        // Receivers see the older first: all up to some age are unseen.
        let (mut least, mut most) = (0, ring.count());
        while least < most {
            let age = least + (most - least).div_ceil(2);
            match is_unseen(age) {
                true => least = age,
                false => most = age - 1,
            }
        }
        least as usize
    }

    /// Whether every receiver has seen every value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let locked = self.shared.tail.lock();
        let latest = locked.state.next.wrapping_sub(1);
        let slot = self.shared.ring.slot(latest);
        !slot.is_some_and(|slot| slot.is_unseen())
    }

    /// How many receivers there are.
    #[must_use]
    pub fn receiver_count(&self) -> usize {
        self.shared.tail.lock().state.receivers
    }

    /// Whether both are of the same channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Waits until there is no receiver.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use sinew_sync::broadcast;
    ///
    /// # sinew_core::block_on(async {
    /// let (tx, rx) = broadcast::channel::<i32>(1);
    /// std::thread::spawn(move || drop(rx));
    /// tx.closed().await;
    /// # });
    /// ```
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        let mut notified = self.shared.abandoned.notified();
        cooperative(async move {
            // A receiver may come and go between two looks.
            while self.receiver_count() > 0 {
                notified.await;
                notified = self.shared.abandoned.notified();
            }
        })
    }

    /// How many senders there are, without weak ones.
    #[must_use]
    pub fn strong_count(&self) -> usize {
        self.shared.sender_count()
    }

    /// How many weak senders there are.
    #[must_use]
    pub fn weak_count(&self) -> usize {
        self.shared.weak_sender_count()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Sender {
            shared: share(&self.shared, &self.shared.senders),
        }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        // ORDERING: AcqRel: the last one closes after all that the others did.
        if self.shared.senders.fetch_sub(1, Ordering::AcqRel) == 1 {
            let mut locked = self.shared.tail.lock();
            locked.state.closed = true;
            self.shared.wake_all(locked);
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("receivers", &self.receiver_count())
            .finish_non_exhaustive()
    }
}

/// A sender that does not keep the channel open.
///
/// [`upgrade`](Self::upgrade) it to send.
///
/// ```
/// use sinew_sync::broadcast;
///
/// let (tx, rx) = broadcast::channel::<i32>(1);
/// let weak = tx.downgrade();
/// assert!(weak.upgrade().is_some());
/// drop(tx);
/// assert!(weak.upgrade().is_none());
/// # drop(rx);
/// ```
pub struct WeakSender<T> {
    shared: Arc<Shared<T>>,
}

impl<T> WeakSender<T> {
    /// A sender, if there is still another.
    #[must_use]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        let senders = &self.shared.senders;
        let mut count = senders.load(Ordering::Relaxed);
        while count > 0 {
            // ORDERING: Acquire: what the other senders have done is done.
            match senders.compare_exchange_weak(
                count,
                count + 1,
                Ordering::Acquire,
                Ordering::Relaxed,
            ) {
                Ok(_) => {
                    let shared = self.shared.clone();
                    return Some(Sender { shared });
                }
                Err(now) => count = now,
            }
        }
        None
    }

    /// How many senders there are, without weak ones.
    #[must_use]
    pub fn strong_count(&self) -> usize {
        self.shared.sender_count()
    }

    /// How many weak senders there are.
    #[must_use]
    pub fn weak_count(&self) -> usize {
        self.shared.weak_sender_count()
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        WeakSender {
            shared: share(&self.shared, &self.shared.weak_senders),
        }
    }
}

impl<T> Drop for WeakSender<T> {
    fn drop(&mut self) {
        self.shared.weak_senders.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakSender").finish_non_exhaustive()
    }
}
