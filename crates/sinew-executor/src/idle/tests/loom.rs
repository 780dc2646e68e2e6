//! The sleep protocol: a push is never left with everybody asleep.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use std::task::{Wake, Waker};

use crate::idle::Idle;

/// A queue as the protocol sees it: pushes and pops of a count.
struct Model {
    idle: Idle,
    queued: AtomicUsize,
    done: AtomicUsize,
}

struct Token(loom::sync::Arc<loom::sync::Notify>);

impl Wake for Token {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.notify();
    }
}

impl Model {
    fn push(&self) {
        self.queued.fetch_add(1, Ordering::Relaxed);
        self.idle.notify();
    }

    fn pop(&self) -> bool {
        self.queued
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
            .is_ok()
    }

    /// What a worker does, until `total` tasks have been taken by anyone.
    fn run(&self, id: u64, runners: usize, total: usize) {
        let parked = Arc::new(loom::sync::Notify::new());
        let waker = Waker::from(std::sync::Arc::new(Token(parked.clone())));
        let mut searching = false;
        while self.done.load(Ordering::Relaxed) < total {
            if !searching {
                searching = self.idle.start_searching(runners);
            }
            if self.pop() {
                if std::mem::take(&mut searching) {
                    self.idle.stop_searching();
                }
                if self.done.fetch_add(1, Ordering::Relaxed) + 1 == total {
                    break;
                }
                continue;
            }
            self.idle
                .fall_asleep(id, waker.clone(), std::mem::take(&mut searching));
            if self.queued.load(Ordering::Relaxed) > 0 {
                searching = self.idle.wake_up(id);
                continue;
            }
            if total == self.done.load(Ordering::Relaxed) {
                let _ = self.idle.wake_up(id);
                break;
            }
            parked.wait();
            searching = self.idle.wake_up(id);
        }
        // A worker that ends passes its token on, as `Runner` does.
        if searching {
            self.idle.stop_searching();
        }
    }
}

fn model(check: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(builder.preemption_bound.unwrap_or(3));
    builder.check(check);
}

/// One worker, one push from outside: the worker never sleeps through it.
/// Loom reports a deadlock if it does.
#[test]
fn one_worker_never_sleeps_through_a_push() {
    model(|| {
        let model = Arc::new(Model {
            idle: Idle::new(),
            queued: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
        });
        let worker = {
            let model = model.clone();
            thread::spawn(move || model.run(1, 1, 1))
        };
        model.push();
        worker.join().unwrap();
        assert_eq!(model.queued.load(Ordering::Relaxed), 0);
    });
}

/// Two pushes from two threads against one worker.
#[test]
fn two_pushers_and_one_worker() {
    model(|| {
        let model = Arc::new(Model {
            idle: Idle::new(),
            queued: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
        });
        let pusher = {
            let model = model.clone();
            thread::spawn(move || model.push())
        };
        let worker = {
            let model = model.clone();
            thread::spawn(move || model.run(1, 1, 2))
        };
        model.push();
        pusher.join().unwrap();
        worker.join().unwrap();
        assert_eq!(model.queued.load(Ordering::Relaxed), 0);
    });
}

/// The searching count comes back to zero whatever the interleaving of a
/// notification with a worker that wakes by itself.
#[test]
fn tokens_are_given_back() {
    model(|| {
        let idle = Arc::new(Idle::new());
        let waker = Waker::noop();
        idle.fall_asleep(1, waker.clone(), false);
        let notifier = {
            let idle = idle.clone();
            thread::spawn(move || idle.notify())
        };
        if idle.wake_up(1) {
            idle.stop_searching();
        }
        notifier.join().unwrap();
        // With a leaked token this would be refused: one of one is searching.
        assert!(idle.start_searching(1));
    });
}
