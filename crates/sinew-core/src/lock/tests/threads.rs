//! More threads than processors.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;

use crate::lock::{Lock, PAUSES, YIELDS, rest};

#[test]
fn one_at_a_time() {
    let lock = Lock::new((0_u64, 0_u64));
    thread::scope(|s| {
        for _ in 0..8 {
            s.spawn(|| {
                for _ in 0..10_000 {
                    let mut pair = lock.lock();
                    pair.0 += 1;
                    assert_eq!(pair.0, pair.1 + 1);
                    pair.1 += 1;
                }
            });
        }
    });
    assert_eq!(*lock.lock(), (80_000, 80_000));
}

/// However long somebody has it: who waits gets it in the end.
#[test]
fn who_waits_outlives_all_phases_of_waiting() {
    let lock = Lock::new(0);
    let (begun, others) = mpsc::channel();
    thread::scope(|s| {
        let held = lock.lock();
        for _ in 0..3 {
            let (lock, begun) = (&lock, begun.clone());
            s.spawn(move || {
                begun.send(()).unwrap();
                *lock.lock() += 1;
            });
        }
        (0..3).for_each(|_| others.recv().unwrap());
        // As long as all their pauses and yields, and some sleeps.
        (0..PAUSES + YIELDS + 4).for_each(rest);
        drop(held);
    });
    assert_eq!(*lock.lock(), 3);
}

#[test]
fn a_panic_lets_go() {
    let lock = Lock::new(1);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _held = lock.lock();
        panic!("under the lock");
    }));
    assert!(panicked.is_err());
    assert_eq!(*lock.lock(), 1);
}
