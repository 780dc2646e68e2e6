//! The hand-off through the injector, and who is woken for it.

use std::task::Waker;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use crate::idle::{Idle, Woken};
use crate::injector::Injector;

/// Two threads take; nothing is lost, and nothing comes twice.
#[test]
fn batches_are_handed_over_whole() {
    loom::model(|| {
        let injector = Arc::new(Injector::new());
        let taker = {
            let injector = injector.clone();
            thread::spawn(move || {
                let mut got = Vec::new();
                let first = injector.take(|left| left, |_| {}, |task| got.push(task));
                got.extend(first);
                got
            })
        };
        injector.extend([1, 2]);
        injector.push(3);
        let mut got = Vec::new();
        while let Some(task) = injector.pop() {
            got.push(task);
        }
        got.extend(taker.join().unwrap());
        got.sort_unstable();
        assert_eq!(got, [1, 2, 3]);
    });
}

/// A runner that falls asleep while a task is injected either sees the task or
/// is woken for it.
#[test]
fn a_push_is_seen_or_announced() {
    loom::model(|| {
        let injector = Arc::new(Injector::new());
        let idle = Arc::new(Idle::new(1, false));
        idle.begin();
        let pusher = {
            let (injector, idle) = (injector.clone(), idle.clone());
            thread::spawn(move || {
                injector.push(1);
                idle.notify();
            })
        };
        let woken = Arc::new(AtomicUsize::new(0));
        let waker = counting(&woken);
        idle.fall_asleep(1, waker, false, false);
        let seen = !injector.is_empty();
        pusher.join().unwrap();
        assert!(seen || woken.load(Ordering::Relaxed) == 1);
        if idle.wake_up(1) == Woken::Notified {
            assert!(idle.stop_searching());
        }
        assert_eq!(injector.pop(), Some(1));
    });
}

fn counting(count: &Arc<AtomicUsize>) -> Waker {
    struct Count(Arc<AtomicUsize>);
    impl std::task::Wake for Count {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    Waker::from(std::sync::Arc::new(Count(count.clone())))
}
