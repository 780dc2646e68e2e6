//! The hand-off through the injector, and who is woken for it.

use std::task::Waker;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;

use crate::idle::{Idle, Woken};
use crate::injector::Injector;

fn pop(injector: &Injector<i32>) -> Option<i32> {
    injector.take(|_| 0, drop).map(|(task, _)| task)
}

/// Two threads take; nothing is lost, and nothing comes twice.
#[test]
fn batches_are_handed_over_whole() {
    loom::model(|| {
        let injector = Arc::new(Injector::new());
        let taker = {
            let injector = injector.clone();
            thread::spawn(move || {
                let mut got = Vec::new();
                let first = injector.take(|left| left, |task| got.push(task));
                got.extend(first.map(|(task, _)| task));
                got
            })
        };
        injector.extend([1, 2]);
        injector.push(3);
        let mut got = Vec::new();
        while let Some(task) = pop(&injector) {
            got.push(task);
        }
        got.extend(taker.join().unwrap());
        got.sort_unstable();
        assert_eq!(got, [1, 2, 3]);
    });
}

/// Who reads the queue and then the list sees a task that is taken meanwhile.
#[test]
fn a_task_is_in_the_queue_or_in_the_list() {
    loom::model(|| {
        let injector = Arc::new(Injector::new());
        let listed = Arc::new(AtomicBool::new(false));
        injector.push(1);
        let taker = {
            let (injector, listed) = (injector.clone(), listed.clone());
            thread::spawn(move || {
                let (_, taken) = injector.take(|_| 0, drop).unwrap();
                listed.store(true, Ordering::Relaxed);
                drop(taken);
            })
        };
        let mut seen = false;
        injector.for_each(|_| seen = true);
        assert!(seen || listed.load(Ordering::Relaxed));
        taker.join().unwrap();
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
        assert_eq!(pop(&injector), Some(1));
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
