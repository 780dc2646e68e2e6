//! Permits are neither lost nor made.

use std::pin::pin;

use loom::sync::Arc;
use loom::thread;

use crate::Semaphore;
use crate::model::{block_on, check, poll_once};

#[test]
fn permits_add_up() {
    check(|| {
        let semaphore = Arc::new(Semaphore::new(1));
        let other = {
            let semaphore = semaphore.clone();
            thread::spawn(move || drop(block_on(semaphore.acquire()).unwrap()))
        };
        drop(block_on(semaphore.acquire()).unwrap());
        other.join().unwrap();
        assert_eq!(semaphore.available_permits(), 1);
    });
}

/// A request for two is served by two releases of one, against a drop of it.
#[test]
fn a_part_that_was_set_aside_comes_back() {
    check(|| {
        let semaphore = Arc::new(Semaphore::new(0));
        let quitter = {
            let semaphore = semaphore.clone();
            thread::spawn(move || {
                let mut both = pin!(semaphore.acquire_many(2));
                let _ = poll_once(both.as_mut()).is_ready();
            })
        };
        semaphore.add_permits(1);
        semaphore.add_permits(1);
        quitter.join().unwrap();
        assert_eq!(semaphore.available_permits(), 2);
    });
}

#[test]
fn closing_wakes_who_waits() {
    check(|| {
        let semaphore = Arc::new(Semaphore::new(0));
        let waiter = {
            let semaphore = semaphore.clone();
            thread::spawn(move || block_on(semaphore.acquire()).is_err())
        };
        semaphore.close();
        assert!(waiter.join().unwrap());
    });
}

#[test]
fn a_release_meets_a_close() {
    check(|| {
        let semaphore = Arc::new(Semaphore::new(0));
        let waiter = {
            let semaphore = semaphore.clone();
            thread::spawn(move || block_on(semaphore.acquire()).map(drop).is_ok())
        };
        let closer = {
            let semaphore = semaphore.clone();
            thread::spawn(move || semaphore.close())
        };
        semaphore.add_permits(1);
        let _ = waiter.join().unwrap();
        closer.join().unwrap();
        assert_eq!(semaphore.available_permits(), 1);
    });
}
