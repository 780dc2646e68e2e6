//! The slots that the values of a broadcast channel lie in.

use std::sync::{OnceLock, PoisonError};

use crate::primitives::{AtomicU64, Mutex, MutexGuard, Ordering};

/// Position `p` is in slot `p % slots`, which is a power of two.
///
/// The slots are made when the first value is sent, so that a channel that is not
/// used stays small.
pub(super) struct Ring<T> {
    slots: OnceLock<Box<[Slot<T>]>>,
    count: u64,
}

pub(super) struct Slot<T> {
    /// The position whose value is or was here. Written with the tail and the
    /// slot locked, so that each of the two locks is enough to rely on it.
    position: AtomicU64,
    content: Mutex<Content<T>>,
}

pub(super) struct Content<T> {
    value: Option<T>,
    /// How many receivers have yet to see the value; after the last it is dropped.
    unseen: usize,
}

impl<T> Ring<T> {
    pub(super) fn new(count: usize) -> Ring<T> {
        let ring = Ring {
            slots: OnceLock::new(),
            count: count as u64,
        };
        if cfg!(sinew_loom) {
            // The models do not see what std's cell synchronises.
            ring.fill();
        }
        ring
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The slot of `position`; `None` while nothing was sent.
    #[inline]
    pub(super) fn slot(&self, position: u64) -> Option<&Slot<T>> {
        let slots = self.slots.get()?;
        slots.get((position & (self.count - 1)) as usize)
    }

    /// Makes the slots, if there are none. To be called with the tail locked.
    pub(super) fn fill(&self) {
        self.slots.get_or_init(|| {
            let slot = |index: u64| Slot {
                // As if the round before had been received.
                position: AtomicU64::new(index.wrapping_sub(self.count)),
                content: Mutex::new(Content {
                    value: None,
                    unseen: 0,
                }),
            };
            (0..self.count).map(slot).collect()
        });
    }
}

impl<T> Slot<T> {
    #[inline]
    pub(super) fn position(&self) -> u64 {
        // ORDERING: Acquire: partner of `put`.
        self.position.load(Ordering::Acquire)
    }

    fn lock(&self) -> MutexGuard<'_, Content<T>> {
        // A `clone` that panicked has changed nothing.
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a value in, for `unseen` receivers; gives what was there. To be called
    /// with the tail locked.
    pub(super) fn put(&self, position: u64, value: T, unseen: usize) -> Option<T> {
        let mut content = self.lock();
        content.unseen = unseen;
        // ORDERING: Release: partner of `position`.
        self.position.store(position, Ordering::Release);
        content.value.replace(value)
    }

    /// Whether some receiver has yet to see the value.
    pub(super) fn is_unseen(&self) -> bool {
        self.lock().unseen > 0
    }

    /// Counts the value of `position` as seen and gives what `see` makes of it; the
    /// last receiver drops it. `None` if another value is here by now.
    pub(super) fn see<R>(&self, position: u64, see: impl FnOnce(&T) -> R) -> Option<R> {
        let mut content = self.lock();
        if self.position.load(Ordering::Relaxed) != position {
            return None;
        }
        content.unseen -= 1;
        if content.unseen > 0 {
            return content.value.as_ref().map(see);
        }
        let value = content.value.take();
        drop(content);
        value.as_ref().map(see)
    }
}
