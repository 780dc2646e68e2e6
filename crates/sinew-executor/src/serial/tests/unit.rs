use std::cell::Cell;
use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::Context;
use std::time::Instant;

use sinew_core::{Park, ThreadPark, Unpark, block_on, waker};
use sinew_task::{Schedule, spawn_on, yield_now};

use crate::{Options, SerialScheduler};

fn scheduler() -> Arc<SerialScheduler> {
    SerialScheduler::with(Options::new(1))
}

fn as_schedule(scheduler: &Arc<SerialScheduler>) -> Arc<dyn Schedule> {
    scheduler.clone()
}

/// Runs until no task is left.
fn run_all(scheduler: &Arc<SerialScheduler>) {
    let mut park = ThreadPark::new();
    assert!(scheduler.run_until(&mut park, &mut || scheduler.task_count() == 0));
}

/// Counts its drops.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn tasks_of_both_kinds_run_and_are_counted() {
    let scheduler = scheduler();
    let outside = spawn_on(as_schedule(&scheduler), {
        let scheduler = as_schedule(&scheduler);
        async move {
            let inside = spawn_on(scheduler, async {
                yield_now().await;
                2
            });
            inside.await.unwrap() + 1
        }
    });
    assert_eq!(scheduler.metrics().injection_queue_depth, 1);
    run_all(&scheduler);
    assert_eq!(block_on(outside).unwrap(), 3);
    let metrics = scheduler.metrics();
    assert_eq!(metrics.spawned_tasks, 2);
    assert_eq!(metrics.remote_schedules, 1);
    assert_eq!(metrics.injection_queue_depth, 0);
    let worker = scheduler.worker_metrics();
    // Two polls of each.
    assert_eq!(worker.polls, 4);
    assert_eq!(worker.local_schedules, 3);
    assert_eq!(worker.local_queue_depth, 0);
    scheduler.cancel_all();
}

#[test]
fn it_is_not_leaked_once_it_has_ended() {
    let scheduler = scheduler();
    let weak = Arc::downgrade(&scheduler);
    let task = spawn_on(as_schedule(&scheduler), async { 1 });
    run_all(&scheduler);
    scheduler.cancel_all();
    drop(scheduler);
    assert_eq!(block_on(task).unwrap(), 1);
    assert!(weak.upgrade().is_none());
}

#[test]
fn after_the_end_tasks_are_refused_here_and_elsewhere() {
    let scheduler = scheduler();
    scheduler.cancel_all();
    let outside = spawn_on(as_schedule(&scheduler), async {});
    assert!(block_on(outside).unwrap_err().is_cancelled());
    let mut inside = None;
    let mut park = ThreadPark::new();
    scheduler.run_until(&mut park, &mut || {
        inside = Some(spawn_on(as_schedule(&scheduler), async {}));
        true
    });
    assert!(block_on(inside.unwrap()).unwrap_err().is_cancelled());
}

#[test]
fn a_thread_that_runs_it_ends_it_for_another() {
    let scheduler = scheduler();
    let drops = Arc::new(AtomicUsize::new(0));
    let (ready, is_ready) = mpsc::channel();
    let done = Arc::new(AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut park = ThreadPark::new();
            let unparker = park.unparker();
            let mut first = true;
            scheduler.run_until(&mut park, &mut || {
                if std::mem::take(&mut first) {
                    let dropped = Dropped(drops.clone());
                    drop(spawn_on(as_schedule(&scheduler), async move {
                        let _dropped = dropped;
                        pending::<()>().await;
                    }));
                    ready.send(unparker.clone()).unwrap();
                }
                done.load(Ordering::Acquire)
            });
        });
        let unparker = is_ready.recv().unwrap();
        assert!(!scheduler.run_until(&mut ThreadPark::new(), &mut || true));
        scheduler.cancel_all();
        assert_eq!(drops.load(Ordering::Relaxed), 1);
        assert_eq!(scheduler.task_count(), 0);
        done.store(true, Ordering::Release);
        unparker.unpark();
    });
}

#[test]
fn a_thread_in_a_long_poll_is_not_waited_for_and_ends_the_tasks_itself() {
    let scheduler = scheduler();
    let weak = Arc::downgrade(&scheduler);
    let drops = Arc::new(AtomicUsize::new(0));
    let (ready, is_ready) = mpsc::channel();
    let (end, ended) = mpsc::channel::<()>();
    let runner = std::thread::spawn({
        let (scheduler, dropped) = (scheduler.clone(), Dropped(drops.clone()));
        let mut dropped = Some(dropped);
        move || {
            scheduler.run_until(&mut ThreadPark::new(), &mut || {
                let dropped = dropped.take();
                drop(spawn_on(as_schedule(&scheduler), async move {
                    let _dropped = dropped;
                    pending::<()>().await;
                }));
                ready.send(()).unwrap();
                ended.recv().unwrap();
                true
            })
        }
    });
    is_ready.recv().unwrap();
    assert!(!scheduler.cancel_all_until(Some(Instant::now())));
    assert_eq!(drops.load(Ordering::Relaxed), 0);
    end.send(()).unwrap();
    assert!(runner.join().unwrap());
    assert_eq!(drops.load(Ordering::Relaxed), 1);
    assert!(scheduler.cancel_all_until(Some(Instant::now())));
    drop(scheduler);
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_task_may_end_what_runs_it() {
    let scheduler = scheduler();
    let weak = Arc::downgrade(&scheduler);
    let drops = Arc::new(AtomicUsize::new(0));
    let dropped = Dropped(drops.clone());
    let ends = scheduler.clone();
    let task = spawn_on(as_schedule(&scheduler), async move {
        let other = spawn_on(as_schedule(&ends), async move {
            let _dropped = dropped;
            pending::<()>().await;
        });
        yield_now().await;
        ends.cancel_all();
        assert!(other.is_finished());
        drop(ends);
        pending::<()>().await;
    });
    let mut park = ThreadPark::new();
    scheduler.run_until(&mut park, &mut || task.is_finished());
    assert_eq!(drops.load(Ordering::Relaxed), 1);
    assert!(block_on(task).unwrap_err().is_cancelled());
    drop(scheduler);
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_panic_of_who_runs_it_leaves_it_whole() {
    let scheduler = scheduler();
    let task = spawn_on(as_schedule(&scheduler), yield_now());
    let panics = std::panic::AssertUnwindSafe(|| {
        scheduler.run_until(&mut ThreadPark::new(), &mut || panic!("on purpose"));
    });
    assert!(std::panic::catch_unwind(panics).is_err());
    assert!(!scheduler.runs_here());
    run_all(&scheduler);
    block_on(task).unwrap();
    scheduler.cancel_all();
}

#[test]
fn a_run_in_a_task_runs_the_other_tasks() {
    let scheduler = scheduler();
    let nested = scheduler.clone();
    let task = spawn_on(as_schedule(&scheduler), async move {
        let inner = spawn_on(as_schedule(&nested), async { 5 });
        let mut park = ThreadPark::new();
        assert!(nested.run_until(&mut park, &mut || inner.is_finished()));
        inner.await.unwrap()
    });
    run_all(&scheduler);
    assert_eq!(block_on(task).unwrap(), 5);
    scheduler.cancel_all();
}

/// Counts how often the driver has its turn.
struct Driver<'a> {
    park: ThreadPark,
    turns: &'a Cell<u32>,
}

impl Park for Driver<'_> {
    fn park(&mut self, deadline: Option<Instant>) {
        self.park.park(deadline);
    }
    fn poll(&mut self) {
        self.turns.set(self.turns.get() + 1);
    }
    fn unparker(&self) -> Arc<dyn Unpark> {
        self.park.unparker()
    }
}

/// Runs `main` on the scheduler. How often the driver had its turn.
fn driver_turns(scheduler: &Arc<SerialScheduler>, main: impl Future<Output = ()>) -> u32 {
    let turns = Cell::new(0);
    let mut park = Driver {
        park: ThreadPark::new(),
        turns: &turns,
    };
    let waker = waker::unpark_waker(park.unparker());
    let mut main = pin!(main);
    let mut done = || {
        let mut cx = Context::from_waker(&waker);
        main.as_mut().poll(&mut cx).is_ready()
    };
    assert!(scheduler.run_until(&mut park, &mut done));
    turns.get()
}

async fn yields(times: u32) {
    for _ in 0..times {
        yield_now().await;
    }
}

#[test]
fn the_driver_has_a_turn_before_a_task_that_gave_way_runs_again() {
    let scheduler = scheduler();
    let on = as_schedule(&scheduler);
    let alone = async { spawn_on(on.clone(), yields(7)).await.unwrap() };
    assert_eq!(driver_turns(&scheduler, alone), 7);
    // All of them give way before the driver's turn.
    let many = async {
        let tasks: Vec<_> = (0..20).map(|_| spawn_on(on.clone(), yields(3))).collect();
        for task in tasks {
            task.await.unwrap();
        }
    };
    assert_eq!(driver_turns(&scheduler, many), 3);
    assert_eq!(driver_turns(&scheduler, yields(5)), 5);
    scheduler.cancel_all();
}
