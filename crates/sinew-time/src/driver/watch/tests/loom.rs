//! No deadline is overslept: the watcher has seen it, or is unparked.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use loom::thread;

use crate::driver::watch::{GRACE, Watch};

/// The wheels of two workers and the watcher, as the protocol sees them.
struct Model {
    watch: Watch,
    next: [AtomicU64; 2],
    unparked: AtomicBool,
}

impl Model {
    fn new() -> Arc<Model> {
        Arc::new(Model {
            watch: Watch::new(),
            next: [AtomicU64::new(u64::MAX), AtomicU64::new(u64::MAX)],
            unparked: AtomicBool::new(false),
        })
    }

    /// A worker gets a first deadline.
    fn add(&self, worker: usize, deadline: u64) {
        self.next[worker].store(deadline, Ordering::Relaxed);
        if self.watch.is_overslept(deadline) {
            self.unparked.store(true, Ordering::Relaxed);
        }
    }

    fn begin(&self) -> u64 {
        self.watch.begin(u64::MAX, || {
            let next = self.next.iter().map(|next| next.load(Ordering::Relaxed));
            next.min().unwrap_or(u64::MAX)
        })
    }

    /// After everything: who waits until `until` is up in time for `deadline`.
    fn check(&self, until: u64, deadline: u64) {
        let in_time = until <= deadline + 2 * GRACE;
        assert!(in_time || self.unparked.load(Ordering::Relaxed));
    }
}

#[test]
fn a_deadline_beside_the_beginning_of_a_watch() {
    loom::model(|| {
        let model = Model::new();
        let worker = thread::spawn({
            let model = model.clone();
            move || model.add(0, 7)
        });
        let until = model.begin();
        worker.join().unwrap();
        model.check(until, 7);
    });
}

#[test]
fn two_deadlines_beside_the_beginning_of_a_watch() {
    loom::model(|| {
        let model = Model::new();
        let workers = [(0, 7), (1, 100 * GRACE)].map(|(worker, deadline)| {
            let model = model.clone();
            thread::spawn(move || model.add(worker, deadline))
        });
        let until = model.begin();
        for worker in workers {
            worker.join().unwrap();
        }
        model.check(until, 7);
    });
}

#[test]
fn a_deadline_beside_the_end_of_one_watch_and_the_beginning_of_the_next() {
    loom::model(|| {
        let model = Model::new();
        model.begin();
        let worker = thread::spawn({
            let model = model.clone();
            move || model.add(0, 7)
        });
        model.watch.end();
        // The wait that an unpark ends may be this one: tokens are remembered.
        let until = model.begin();
        worker.join().unwrap();
        model.check(until, 7);
    });
}
