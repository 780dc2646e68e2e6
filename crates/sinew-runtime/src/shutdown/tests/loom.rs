//! Workers that park, whoever ends them, and whoever waits. What the tasks see of it is
//! modelled beside their list, in `sinew-task`.

use std::sync::Arc;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use sinew_core::Unpark;

use crate::shutdown::Shutdown;

/// A parker that keeps one token.
struct Parker(loom::sync::Notify);

impl Unpark for Parker {
    fn unpark(&self) {
        self.0.notify();
    }
}

/// A runtime, as far as its end goes.
struct Runtime {
    shutdown: Shutdown,
    parkers: Vec<Arc<Parker>>,
    /// Workers that are at work or parked.
    working: AtomicUsize,
    cleaned_up: AtomicUsize,
}

impl Runtime {
    fn new(workers: usize) -> Arc<Runtime> {
        let parker = || Arc::new(Parker(loom::sync::Notify::new()));
        let runtime = Runtime {
            shutdown: Shutdown::new(),
            parkers: (0..workers).map(|_| parker()).collect(),
            working: AtomicUsize::new(workers),
            cleaned_up: AtomicUsize::new(0),
        };
        let unparkers = runtime.parkers.iter();
        let unparkers = unparkers.map(|parker| parker.clone() as Arc<dyn Unpark>);
        runtime.shutdown.set_unparkers(unparkers.collect());
        Arc::new(runtime)
    }

    /// What a worker does that has nothing to do but park.
    fn work(&self, worker: usize) {
        while !self.shutdown.is_requested() {
            self.parkers[worker].0.wait();
        }
        self.working.fetch_sub(1, Ordering::Relaxed);
        self.shutdown.worker_ended(|| {
            // The scheduler may be cleaned up only when nobody works any more.
            assert_eq!(self.working.load(Ordering::Relaxed), 0);
            self.cleaned_up.fetch_add(1, Ordering::Relaxed);
        });
    }

    fn end(&self) -> bool {
        let first = self.shutdown.request();
        assert!(self.shutdown.wait(None));
        assert_eq!(self.cleaned_up.load(Ordering::Relaxed), 1);
        first
    }
}

#[test]
fn parked_workers_end_and_the_last_cleans_up() {
    loom::model(|| {
        let runtime = Runtime::new(2);
        let workers: Vec<_> = (0..2)
            .map(|worker| {
                let runtime = runtime.clone();
                thread::spawn(move || runtime.work(worker))
            })
            .collect();
        assert!(runtime.end());
        for worker in workers {
            worker.join().unwrap();
        }
    });
}

#[test]
fn two_who_end_it_both_wait_for_the_end() {
    loom::model(|| {
        let runtime = Runtime::new(1);
        let worker = {
            let runtime = runtime.clone();
            thread::spawn(move || runtime.work(0))
        };
        let other = {
            let runtime = runtime.clone();
            thread::spawn(move || runtime.end())
        };
        let first = runtime.end();
        assert_ne!(first, other.join().unwrap());
        worker.join().unwrap();
    });
}

#[test]
fn a_worker_that_was_not_started_is_not_waited_for() {
    loom::model(|| {
        let runtime = Runtime::new(2);
        let worker = {
            let runtime = runtime.clone();
            thread::spawn(move || runtime.work(0))
        };
        runtime.working.fetch_sub(1, Ordering::Relaxed);
        runtime.shutdown.not_started(1);
        assert!(runtime.end());
        worker.join().unwrap();
    });
}
