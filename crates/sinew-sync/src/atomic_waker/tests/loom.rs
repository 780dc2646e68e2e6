//! Registering against waking.

use std::future::poll_fn;
use std::task::Poll;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use crate::AtomicWaker;
use crate::model::{block_on, check};

fn until(n: usize, shared: &(AtomicWaker, AtomicUsize)) {
    block_on(poll_fn(|cx| {
        shared.0.register(cx.waker());
        match shared.1.load(Ordering::Relaxed) {
            count if count == n => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }));
}

/// Without any ordering of the data's own: what was done before `wake` is seen by
/// the task that is woken.
#[test]
fn no_wake_up_is_lost() {
    check(|| {
        let shared = Arc::new((AtomicWaker::new(), AtomicUsize::new(0)));
        let other = {
            let shared = shared.clone();
            thread::spawn(move || {
                shared.1.store(1, Ordering::Relaxed);
                shared.0.wake();
            })
        };
        until(1, &shared);
        other.join().unwrap();
    });
}

#[test]
fn two_wake_at_once() {
    check(|| {
        let shared = Arc::new((AtomicWaker::new(), AtomicUsize::new(0)));
        let others: Vec<_> = (0..2)
            .map(|_| {
                let shared = shared.clone();
                thread::spawn(move || {
                    shared.1.fetch_add(1, Ordering::Relaxed);
                    shared.0.wake();
                })
            })
            .collect();
        until(2, &shared);
        for other in others {
            other.join().unwrap();
        }
    });
}
