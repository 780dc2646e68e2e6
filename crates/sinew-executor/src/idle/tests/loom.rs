//! The sleep protocol: an announced push is never left with everybody asleep.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use std::task::{Wake, Waker};

use crate::idle::{Idle, Woken};

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
    fn new(workers: usize, bound: usize) -> Arc<Model> {
        let model = Model {
            idle: Idle::new(bound, false),
            queued: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
        };
        for _ in 0..workers {
            model.idle.begin();
        }
        Arc::new(model)
    }

    fn push(&self) {
        self.queued.fetch_add(1, Ordering::Relaxed);
        self.idle.notify();
    }

    fn has_tasks(&self) -> bool {
        self.queued.load(Ordering::Relaxed) > 0
    }

    fn pop(&self) -> bool {
        self.queued
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
            .is_ok()
    }

    /// Takes a task and counts it. Whether there was one.
    fn work(&self, searching: &mut bool) -> bool {
        let found = self.pop();
        if found {
            self.stop_searching(searching);
            self.done.fetch_add(1, Ordering::Relaxed);
        }
        found
    }

    fn stop_searching(&self, searching: &mut bool) {
        if std::mem::take(searching) && self.idle.stop_searching() && self.has_tasks() {
            self.idle.notify();
        }
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
            if self.work(&mut searching) {
                continue;
            }
            let searched = std::mem::take(&mut searching);
            self.idle.fall_asleep(id, waker.clone(), searched, false);
            let look = searched || self.idle.searching() == 0;
            if !(look && self.has_tasks()) && self.done.load(Ordering::Relaxed) < total {
                parked.wait();
            }
            searching = self.idle.wake_up(id) == Woken::Notified;
        }
        self.idle.end();
        // A worker that ends passes its token on, as `Runner` does.
        self.stop_searching(&mut searching);
        if self.has_tasks() {
            self.idle.notify();
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
        let model = Model::new(1, 1);
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
        let model = Model::new(1, 1);
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

/// A guest takes the only place while the worker sleeps, and ends: the worker is
/// woken for a push that came while the guest was awake.
#[test]
fn a_guest_that_ends_wakes_the_worker() {
    model(|| {
        let model = Model::new(1, 1);
        let worker = {
            let model = model.clone();
            thread::spawn(move || model.run(1, 1, 1))
        };
        if model.idle.try_begin() {
            // The guest spawns, and leaves without running it.
            model.queued.fetch_add(1, Ordering::Relaxed);
            model.idle.end();
            if model.has_tasks() {
                model.idle.notify();
            }
        } else {
            model.push();
        }
        worker.join().unwrap();
        assert_eq!(model.queued.load(Ordering::Relaxed), 0);
    });
}

/// No more than the bound are awake, however a guest's begin meets a notification.
#[test]
fn the_bound_holds() {
    model(|| {
        let idle = Arc::new(Idle::new(1, false));
        idle.begin();
        idle.fall_asleep(1, Waker::noop().clone(), false, false);
        let notifier = {
            let idle = idle.clone();
            thread::spawn(move || idle.notify())
        };
        let guest = idle.try_begin();
        notifier.join().unwrap();
        let notified = match idle.wake_up(1) {
            Woken::Notified => true,
            Woken::Barred => false,
            Woken::Alone => panic!("either the guest is awake or the worker was notified"),
        };
        assert_ne!(guest, notified);
    });
}

/// The searching count comes back to zero whatever the interleaving of a
/// notification with a worker that wakes by itself.
#[test]
fn tokens_are_given_back() {
    model(|| {
        let idle = Arc::new(Idle::new(2, false));
        idle.begin();
        idle.fall_asleep(1, Waker::noop().clone(), false, false);
        let notifier = {
            let idle = idle.clone();
            thread::spawn(move || idle.notify())
        };
        if idle.wake_up(1) == Woken::Notified {
            assert!(idle.stop_searching());
        }
        notifier.join().unwrap();
        // With a leaked token this would be refused: one of one is searching.
        assert!(idle.start_searching(1));
    });
}

/// A worker that is told to stop, and ends while a push notifies it, passes the
/// token on: the other one takes the task.
#[test]
fn a_worker_that_stops_passes_its_token_on() {
    model(|| {
        let model = Model::new(2, 2);
        let stops = {
            let model = model.clone();
            thread::spawn(move || {
                model
                    .idle
                    .fall_asleep(1, Waker::noop().clone(), false, false);
                let mut searching = model.idle.end_asleep(1);
                model.stop_searching(&mut searching);
                if model.has_tasks() {
                    model.idle.notify();
                }
            })
        };
        let stays = {
            let model = model.clone();
            thread::spawn(move || model.run(2, 2, 1))
        };
        model.push();
        stops.join().unwrap();
        stays.join().unwrap();
        assert_eq!(model.queued.load(Ordering::Relaxed), 0);
    });
}
