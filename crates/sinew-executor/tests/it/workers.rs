use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use sinew_core::{Park, ThreadPark, Unpark, block_on};
use sinew_executor::{Scheduler, Worker};
use sinew_task::{spawn_on, yield_now};

/// A runtime of threads that park on nothing.
struct Threads {
    scheduler: Arc<Scheduler>,
    stop: Arc<AtomicBool>,
    unparkers: Vec<Arc<dyn Unpark>>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Threads {
    fn start(count: usize) -> Threads {
        let scheduler = Scheduler::new(count);
        let stop = Arc::new(AtomicBool::new(false));
        let mut unparkers = Vec::new();
        let mut threads = Vec::new();
        for _ in 0..count {
            let (scheduler, stop) = (scheduler.clone(), stop.clone());
            let (sender, receiver) = std::sync::mpsc::channel();
            threads.push(thread::spawn(move || {
                let mut park = ThreadPark::new();
                sender.send(park.unparker()).unwrap();
                Worker::new(scheduler).run(&mut park, &mut || stop.load(Ordering::SeqCst));
            }));
            unparkers.push(receiver.recv().unwrap());
        }
        Threads {
            scheduler,
            stop,
            unparkers,
            threads,
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        for unparker in &self.unparkers {
            unparker.unpark();
        }
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
        self.scheduler.cancel_all();
    }
}

#[test]
fn spawns_from_outside_and_inside_all_run() {
    let threads = Threads::start(3);
    let scheduler = threads.scheduler.clone();
    let handle = spawn_on(scheduler.clone(), async move {
        let mut sum = 0;
        for round in 0..50u64 {
            let handles: Vec<_> = (0..20)
                .map(|n| {
                    spawn_on(scheduler.clone(), async move {
                        yield_now().await;
                        round * n
                    })
                })
                .collect();
            for handle in handles {
                sum += handle.await.unwrap();
            }
        }
        sum
    });
    assert_eq!(block_on(handle).unwrap(), 232_750);
}

#[test]
fn many_wakes_between_sleeps() {
    let threads = Threads::start(2);
    // Each round trip lets both workers fall asleep now and then.
    for n in 0..2000 {
        let handle = spawn_on(threads.scheduler.clone(), async move { n });
        assert_eq!(block_on(handle).unwrap(), n);
    }
}

#[test]
fn a_queue_behind_a_long_poll_is_stolen() {
    let threads = Threads::start(2);
    let scheduler = threads.scheduler.clone();
    let done = Arc::new(AtomicUsize::new(0));
    let handle = spawn_on(scheduler.clone(), async move {
        for _ in 0..10 {
            let done = done.clone();
            drop(spawn_on(scheduler.clone(), async move {
                done.fetch_add(1, Ordering::SeqCst);
            }));
        }
        // Never lets go of its worker; the other one has to do the work.
        while done.load(Ordering::SeqCst) < 10 {
            thread::yield_now();
        }
    });
    block_on(handle).unwrap();
}

#[test]
fn the_published_slot_names_the_task() {
    let threads = Threads::start(1);
    let running = Arc::new(AtomicBool::new(false));
    let release = Arc::new(AtomicBool::new(false));
    let handle = spawn_on(threads.scheduler.clone(), {
        let (running, release) = (running.clone(), release.clone());
        async move {
            running.store(true, Ordering::SeqCst);
            while !release.load(Ordering::SeqCst) {
                thread::yield_now();
            }
        }
    });
    while !running.load(Ordering::SeqCst) {
        thread::yield_now();
    }
    let polls = threads.scheduler.polls();
    assert_eq!(polls[0].unwrap().task, handle.id());
    release.store(true, Ordering::SeqCst);
    block_on(handle).unwrap();
}
