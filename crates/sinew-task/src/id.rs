//! Task ids.

use std::cell::Cell;
use std::fmt;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};

use sinew_core::record;

/// Ids that a thread takes from the shared counter at once, so that spawning
/// threads do not meet on one cache line for each task.
pub(crate) const BLOCK: u64 = 256;

static NEXT_BLOCK: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// The last id that this thread has given out. Blocks end at multiples of
    /// their size, so this says whether there is another in the block.
    static LAST: Cell<u64> = const { Cell::new(0) };
}

/// Names one task among all that the process has ever spawned.
///
/// Ids are unique. They are handed out in blocks to the spawning threads, so
/// their order is not the order of spawning, except within one thread.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(NonZeroU64);

impl Id {
    /// The next free id.
    #[inline]
    pub(crate) fn next() -> Id {
        LAST.with(|last| {
            let mut before = last.get();
            if before % BLOCK == 0 {
                // Relaxed: only the number matters.
                before = NEXT_BLOCK.fetch_add(BLOCK, Ordering::Relaxed);
            }
            last.set(before + 1);
            // SAFETY: 2^64 ids outlast any process, so it has not come round to zero.
            unsafe { Id::from_bits_unchecked(before + 1) }
        })
    }

    /// # Safety
    ///
    /// The bits must be those of an id.
    #[inline]
    pub(crate) unsafe fn from_bits_unchecked(bits: u64) -> Id {
        // SAFETY: no id is zero.
        Id(unsafe { NonZeroU64::new_unchecked(bits) })
    }

    pub(crate) fn from_bits(bits: u64) -> Option<Id> {
        NonZeroU64::new(bits).map(Id)
    }

    /// The id as a number. Meant for logs and tables; two tasks never share it.
    #[must_use]
    pub fn as_u64(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Id").field(&self.0.get()).finish()
    }
}

/// The id of the task that this code runs in.
///
/// # Panics
///
/// Outside of a task, also in the future of a `block_on`, which is not a task.
/// [`try_id`] gives `None` there.
#[track_caller]
#[must_use]
pub fn id() -> Id {
    try_id().expect("task::id() was called outside of a task; use task::try_id() there")
}

/// The id of the task that this code runs in, or `None` outside of a task.
#[must_use]
pub fn try_id() -> Option<Id> {
    record::current_id().and_then(Id::from_bits)
}

#[cfg(test)]
mod tests;
