//! The first deadline of all wheels of a group, or an earlier time, in one word: so that
//! the watcher looks at the wheels only if one of them has got a new first deadline.
//!
//! # Invariant
//!
//! The word is never later than a `next` of a wheel that the watcher has not seen since.
//! Who lowers a `next` lowers the word after that, in any case, also to what it is
//! already. The watcher takes the word, which leaves "never", and then looks at the
//! wheels. Of the two changes of the word one is first: either the watcher's, and the
//! other stays, or the other, which the watcher's has read, and with it it sees the
//! wheel's `next`.

#[cfg(not(sinew_loom))]
use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(sinew_loom)]
use loom::sync::atomic::{AtomicU64, Ordering};

pub(super) struct First(AtomicU64);

impl First {
    pub(super) fn new() -> First {
        First(AtomicU64::new(u64::MAX))
    }

    /// `deadline` is in the `next` of a wheel and was not before.
    pub(super) fn lower(&self, deadline: u64) {
        // ORDERING: Release pairs with the Acquire in `find`; see the invariant.
        self.0.fetch_min(deadline, Ordering::Release);
    }

    /// The first deadline as of now, or an earlier time. For one thread at a time.
    /// `look` reads the `next` of all wheels.
    #[inline]
    pub(super) fn find(&self, look: impl FnOnce() -> u64) -> u64 {
        if self.get() == u64::MAX {
            return u64::MAX;
        }
        // ORDERING: Acquire pairs with the Release in `lower`.
        self.0.swap(u64::MAX, Ordering::Acquire);
        let first = look();
        // ORDERING: Relaxed: the watcher reads it again, or who only wants a hint.
        self.0.fetch_min(first, Ordering::Relaxed);
        first
    }

    /// What it was a moment ago; for a moment, while the watcher looks, it may be late.
    #[inline]
    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::First;

    #[cfg(not(sinew_loom))]
    #[test]
    fn wheels_are_looked_at_only_after_a_new_first_deadline() {
        let first = First::new();
        assert_eq!(first.find(|| unreachable!("nothing was added")), u64::MAX);
        first.lower(7);
        first.lower(9);
        assert_eq!(first.get(), 7);
        // The one of 7 is gone by now.
        assert_eq!(first.find(|| 9), 9);
        assert_eq!(first.get(), 9);
        assert_eq!(first.find(|| u64::MAX), u64::MAX);
        assert_eq!(first.find(|| unreachable!("nothing was added")), u64::MAX);
    }

    /// What is lowered while the watcher looks is found then or the next time.
    #[cfg(sinew_loom)]
    #[test]
    fn what_is_lowered_is_not_forgotten() {
        use loom::sync::Arc;
        use loom::sync::atomic::{AtomicU64, Ordering};

        loom::model(|| {
            let shared = Arc::new((First::new(), AtomicU64::new(9)));
            shared.0.lower(9);
            let look = |next: &AtomicU64| next.load(Ordering::Relaxed);
            let thread = loom::thread::spawn({
                let shared = shared.clone();
                move || {
                    shared.1.store(7, Ordering::Relaxed);
                    shared.0.lower(7);
                }
            });
            shared.0.find(|| look(&shared.1));
            thread.join().unwrap();
            assert_eq!(shared.0.find(|| look(&shared.1)), 7);
        });
    }
}
