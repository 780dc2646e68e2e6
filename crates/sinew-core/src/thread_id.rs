//! Thread ids that are cheap to read and never used again.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

static NEXT: AtomicU64 = AtomicU64::new(1);

#[cfg(not(sinew_loom))]
thread_local! {
    /// Zero means: none given yet.
    static ID: Cell<u64> = const { Cell::new(0) };
}

// A model's threads share the thread that std sees.
#[cfg(sinew_loom)]
loom::thread_local! {
    static ID: Cell<u64> = Cell::new(0);
}

/// No thread's id, and not what [`known`] gives for a thread without one.
pub const NOBODY: u64 = u64::MAX;

/// The id of this thread, or zero if it has not been given one.
#[inline]
#[must_use]
pub fn known() -> u64 {
    ID.with(Cell::get)
}

/// The id of this thread. Unlike the address of a thread-local, it is never
/// given to another thread after this one has ended.
#[inline]
#[must_use]
pub fn current() -> u64 {
    ID.with(|id| {
        if id.get() == 0 {
            id.set(NEXT.fetch_add(1, Ordering::Relaxed));
        }
        id.get()
    })
}

#[cfg(all(test, not(sinew_loom)))]
mod tests {
    #[test]
    fn differs_between_threads_and_stays() {
        let mine = super::current();
        assert_eq!(mine, super::current());
        let other = std::thread::spawn(super::current).join().unwrap();
        assert_ne!(mine, other);
    }
}
