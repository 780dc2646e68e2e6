//! Hand-off against cancellation, and mutual exclusion.

use std::pin::pin;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

use crate::model::{block_on, check, poll_once};
use crate::mutex::RawMutex;

struct Counter {
    mutex: RawMutex,
    count: UnsafeCell<u32>,
}

// SAFETY: the count is used with the lock held.
unsafe impl Sync for Counter {}
// SAFETY: as above.
unsafe impl Send for Counter {}

impl Counter {
    fn new() -> Arc<Counter> {
        Arc::new(Counter {
            mutex: RawMutex::new(),
            count: UnsafeCell::new(0),
        })
    }

    /// Loom reports two at a time.
    fn bump(&self) {
        self.count.with_mut(|count| {
            // SAFETY: the caller holds the lock.
            let count = unsafe { &mut *count };
            *count += 1;
        });
    }

    fn add(&self) {
        block_on(self.mutex.lock());
        self.bump();
        self.mutex.unlock();
    }
}

#[test]
fn one_at_a_time() {
    check(|| {
        let counter = Counter::new();
        let other = {
            let counter = counter.clone();
            thread::spawn(move || counter.add())
        };
        counter.add();
        other.join().unwrap();
        block_on(counter.mutex.lock());
        counter.count.with(|count| {
            // SAFETY: we hold the lock.
            assert_eq!(unsafe { *count }, 2);
        });
    });
}

/// A waiter that is dropped against the hand-off passes the lock on.
#[test]
fn a_dropped_waiter_passes_the_lock_on() {
    check(|| {
        let counter = Counter::new();
        assert!(counter.mutex.try_lock());
        let quitter = {
            let counter = counter.clone();
            thread::spawn(move || {
                let mut lock = pin!(counter.mutex.lock());
                if poll_once(lock.as_mut()).is_ready() {
                    counter.bump();
                    counter.mutex.unlock();
                }
            })
        };
        counter.mutex.unlock();
        counter.add();
        quitter.join().unwrap();
        assert!(counter.mutex.try_lock());
    });
}

/// Two waiters, one of which leaves while the lock is handed on.
#[test]
fn the_next_in_line_gets_the_lock_of_one_who_left() {
    check(|| {
        let counter = Counter::new();
        assert!(counter.mutex.try_lock());
        let mut first = Box::pin(counter.mutex.lock());
        assert!(poll_once(first.as_mut()).is_pending());
        let second = {
            let counter = counter.clone();
            thread::spawn(move || counter.add())
        };
        counter.mutex.unlock();
        drop(first);
        second.join().unwrap();
        assert!(counter.mutex.try_lock());
    });
}
