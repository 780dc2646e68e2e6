use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::{Wake, Waker};
use std::thread;
use std::time::Instant;

use sinew_core::{Park, ThreadPark, Unpark, block_on};
use sinew_task::{spawn_on, yield_now};

use super::Scheduler;
use crate::current::{self, Current, Push};
use crate::options::Options;
use crate::ring::BATCH;
use crate::ring::CAPACITY;
use crate::run::{Kind, Runner};
use crate::{Guest, Worker};

mod linger;

fn on_slot(scheduler: &Arc<Scheduler>, slot: usize, push: Push, f: impl FnOnce()) {
    let _scope = current::enter(Current {
        scheduler: Arc::as_ptr(scheduler),
        slot: Some(slot),
        push,
    });
    f();
}

fn spawn(scheduler: &Arc<Scheduler>, count: usize) {
    for _ in 0..count {
        drop(spawn_on(scheduler.clone(), async {}));
    }
}

#[test]
fn a_full_queue_spills_half_into_the_injector() {
    let scheduler = Scheduler::new(2);
    let slot = scheduler.claim_slot(false).unwrap();
    on_slot(&scheduler, slot, Push::Queue, || {
        spawn(&scheduler, CAPACITY + 1)
    });
    assert_eq!(scheduler.slot(slot).queued(), CAPACITY - BATCH);
    assert_eq!(scheduler.injection_queue_depth(), BATCH + 1);
    let metrics = scheduler.worker_metrics(slot).unwrap();
    assert_eq!(metrics.overflows, 1);
    assert_eq!(metrics.local_schedules, CAPACITY as u64 + 1);
    assert_eq!(scheduler.metrics().remote_schedules, 0);
    scheduler.cancel_all();
    assert_eq!(scheduler.task_count(), 0);
    assert_eq!(scheduler.metrics().spawned_tasks, CAPACITY as u64 + 1);
}

#[test]
fn a_thief_takes_half_and_the_injector_is_shared() {
    let scheduler = Scheduler::new(2);
    let owner = scheduler.claim_slot(false).unwrap();
    let thief = scheduler.claim_slot(false).unwrap();
    assert!(scheduler.claim_slot(false).is_none());
    on_slot(&scheduler, owner, Push::Queue, || spawn(&scheduler, 10));
    // SAFETY: this thread claimed the slot.
    let stolen = unsafe { scheduler.steal(Some(thief), |_| false) };
    stolen.unwrap().0.run();
    assert_eq!(scheduler.slot(thief).queued(), 4);
    assert_eq!(scheduler.slot(owner).queued(), 5);
    assert_eq!(scheduler.worker_metrics(thief).unwrap().steals, 5);
    // SAFETY: there is no slot.
    let single = unsafe { scheduler.steal(None, |_| false) };
    single.unwrap().0.run();

    spawn(&scheduler, 9);
    // SAFETY: this thread claimed the slot.
    let injected = unsafe { scheduler.take_injected(Some(scheduler.slot(thief))) };
    injected.unwrap().run();
    assert_eq!(scheduler.injection_queue_depth(), 4);
    assert!(scheduler.give_away(scheduler.slot(owner)));
    assert!(!scheduler.give_away(scheduler.slot(owner)));
    scheduler.slot(owner).release();
    assert_eq!(scheduler.claim_slot(false), Some(owner));
    scheduler.cancel_all();
}

#[test]
fn the_task_woken_last_is_next_and_taken_only_from_the_stuck() {
    let mut options = Options::threads(1);
    options.guests = 1;
    let scheduler = Scheduler::with(options);
    let owner = scheduler.claim_slot(false).unwrap();
    let thief = scheduler.claim_slot(true).unwrap();
    on_slot(&scheduler, owner, Push::Next, || spawn(&scheduler, 1));
    assert!(scheduler.slot(owner).has_next());
    assert!(!scheduler.has_tasks());
    // SAFETY: this thread claimed the slot.
    assert!(unsafe { scheduler.steal(Some(thief), |_| false) }.is_none());
    // SAFETY: as above.
    let taken = unsafe { scheduler.steal(Some(thief), |slot| slot == owner) };
    taken.unwrap().0.run();
    assert!(scheduler.slot(owner).is_empty());
    scheduler.cancel_all();
}

struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A guest that is polled in its main future, and how often a sleeper was woken
/// when it had spawned a task. `before` is called inside of the poll.
fn wakes_from_main(before: impl FnOnce(&Scheduler, usize)) -> (usize, bool) {
    let mut options = Options::threads(1);
    options.guests = 1;
    let scheduler = Scheduler::with(options);
    let guest = scheduler.claim_slot(true).unwrap();
    let woken = Arc::new(Count(AtomicUsize::new(0)));
    scheduler.idle.begin();
    scheduler
        .idle
        .fall_asleep(1, Waker::from(woken.clone()), false, false);
    assert!(scheduler.idle.try_begin());
    // The sleeper has been told to watch.
    woken.0.store(0, Ordering::Relaxed);
    let mut counted = true;
    let main = scheduler.slot(guest).begin_main(&mut counted);
    before(&scheduler, guest);
    on_slot(&scheduler, guest, Push::QueueFirstSilently, || {
        spawn(&scheduler, 1)
    });
    drop(main);
    scheduler.cancel_all();
    (woken.0.load(Ordering::Relaxed), counted)
}

#[test]
fn a_guest_announces_its_first_task_only_if_it_may_block() {
    // Nobody knows it of the first.
    assert_eq!(wakes_from_main(|_, _| ()), (1, false));
    let never_did = |scheduler: &Scheduler| {
        while scheduler.blocking.is_expected() {
            scheduler.blocking.learn(Some(false), false);
        }
    };
    assert_eq!(
        wakes_from_main(|scheduler, _| never_did(scheduler)),
        (0, true)
    );
    // Excused already: nobody else looks at its queue.
    let excused = wakes_from_main(|scheduler, guest| {
        never_did(scheduler);
        assert!(scheduler.excuse(scheduler.slot(guest), 1));
    });
    assert_eq!(excused, (1, false));
    let expected = wakes_from_main(|scheduler, _| {
        never_did(scheduler);
        scheduler.blocking.ended(true);
    });
    assert_eq!(expected, (1, false));
}

#[test]
fn guests_that_block_are_expected_to_after_the_first() {
    const ROUNDS: usize = 64;
    let mut options = Options::threads(2);
    options.guests = 1;
    let scheduler = Scheduler::with(options);
    let stop = AtomicBool::new(false);
    let mut expected = 0;
    thread::scope(|scope| {
        let mut unparkers = Vec::new();
        for _ in 0..2 {
            let (sender, receiver) = mpsc::channel();
            let (scheduler, stop) = (scheduler.clone(), &stop);
            scope.spawn(move || {
                let mut park = ThreadPark::new();
                sender.send(park.unparker()).unwrap();
                Worker::new(scheduler).run(&mut park, &mut || stop.load(Ordering::SeqCst));
            });
            unparkers.push(receiver.recv().unwrap());
        }
        for _ in 0..ROUNDS {
            expected += usize::from(scheduler.blocking.is_expected());
            Guest::new(scheduler.clone()).run(&mut ThreadPark::new(), &mut |_| {
                let (sender, receiver) = mpsc::channel();
                let task = async move { sender.send(()).unwrap() };
                drop(spawn_on(scheduler.clone(), task));
                receiver.recv().unwrap();
                ControlFlow::Break(())
            });
        }
        stop.store(true, Ordering::SeqCst);
        unparkers.iter().for_each(|unparker| unparker.unpark());
    });
    scheduler.cancel_all();
    // Not while the workers are still starting, with no place for a guest.
    assert!(expected >= ROUNDS / 2, "{expected} of {ROUNDS}");
}

/// A parker whose waits end at once, without cause.
struct Restless(ThreadPark);

impl Park for Restless {
    fn park(&mut self, _: Option<Instant>) {}

    fn unparker(&self) -> Arc<dyn Unpark> {
        self.0.unparker()
    }
}

#[test]
fn who_wakes_up_without_cause_and_sleeps_on_has_parked_once() {
    let scheduler = Scheduler::with(Options::threads(2));
    let mut runner = Runner::new(scheduler.clone(), Kind::Worker);
    let counts = || {
        let metrics = scheduler.worker_metrics(0).unwrap();
        (metrics.parks, metrics.parks_unparks, metrics.noops)
    };
    runner.on_this_thread(|runner| {
        let mut park = Restless(ThreadPark::new());
        runner.start_work();
        assert!(!runner.run_one());
        assert!(runner.fall_asleep(Waker::noop()));
        for _ in 0..5 {
            runner.park(&mut park);
            assert!(runner.is_asleep());
            assert_eq!(counts(), (1, 1, 1));
        }
        scheduler.wake_one();
        runner.park(&mut park);
        assert!(!runner.is_asleep());
        assert_eq!(counts(), (1, 2, 1));
        assert!(runner.fall_asleep(Waker::noop()));
        runner.park(&mut park);
    });
    assert_eq!(counts(), (2, 3, 2));
    drop(runner);
    assert_eq!(counts(), (2, 4, 2));
    scheduler.cancel_all();
}

/// How often the parker is to look for events while so many tasks run.
fn looks(runner: &mut Runner, tasks: usize) -> usize {
    let mut looks = 0;
    for _ in 0..tasks {
        if runner.is_event_due() {
            runner.inside_park(|| looks += 1);
        }
        assert!(runner.run_one());
    }
    looks
}

#[test]
fn events_are_looked_for_between_yields() {
    let scheduler = Scheduler::new(1);
    Runner::new(scheduler.clone(), Kind::Worker).on_this_thread(|runner| {
        spawn(&scheduler, 40);
        assert_eq!(looks(runner, 40), 0);
        let yields = || async {
            loop {
                yield_now().await;
            }
        };
        drop(spawn_on(scheduler.clone(), yields()));
        assert!(looks(runner, 10) >= 2);
        // Each of many has its turn first.
        for _ in 0..30 {
            drop(spawn_on(scheduler.clone(), yields()));
        }
        assert!(looks(runner, 122) <= 4 + 2);
    });
    scheduler.cancel_all();
}

/// Runs until there is nothing to run.
fn run_all(scheduler: &Arc<Scheduler>) {
    Runner::new(scheduler.clone(), Kind::Worker).on_this_thread(|runner| while runner.run_one() {});
}

#[test]
fn who_waits_for_each_of_the_queued_is_not_polled_after_each() {
    let scheduler = Scheduler::with(Options::threads(1));
    let polls = Arc::new(AtomicUsize::new(0));
    let (counted, spawner) = (polls.clone(), scheduler.clone());
    let handle = spawn_on(scheduler.clone(), async move {
        let mut rest = Box::pin(async move {
            let children: Vec<_> = (0..100)
                .map(|_| spawn_on(spawner.clone(), async {}))
                .collect();
            for child in children {
                child.await.unwrap();
            }
        });
        poll_fn(move |cx| {
            counted.fetch_add(1, Ordering::Relaxed);
            rest.as_mut().poll(cx)
        })
        .await;
    });
    run_all(&scheduler);
    assert!(handle.is_finished());
    let polls = polls.load(Ordering::Relaxed);
    assert!(polls <= 8, "{polls} polls");
    scheduler.cancel_all();
}

#[test]
fn who_is_asked_and_answers_does_not_wait_for_the_queued() {
    let scheduler = Scheduler::with(Options::threads(1));
    let others = Arc::new(AtomicUsize::new(0));
    let (seen, spawner) = (others.clone(), scheduler.clone());
    let handle = spawn_on(scheduler.clone(), async move {
        for _ in 0..100 {
            let others = seen.clone();
            let count = async move {
                others.fetch_add(1, Ordering::Relaxed);
            };
            drop(spawn_on(spawner.clone(), count));
        }
        for _ in 0..20 {
            spawn_on(spawner.clone(), async {}).await.unwrap();
        }
        seen.load(Ordering::Relaxed)
    });
    run_all(&scheduler);
    let before = block_on(handle).unwrap();
    // One after each three that were to run next.
    assert!(before <= 20, "{before} ran before");
    scheduler.cancel_all();
}

#[test]
fn after_cancel_all_spawns_are_refused() {
    let scheduler = Scheduler::new(1);
    scheduler.cancel_all();
    let handle = spawn_on(scheduler.clone(), async {});
    assert!(block_on(handle).unwrap_err().is_cancelled());
    assert_eq!(Arc::strong_count(&scheduler), 1);
}

#[test]
#[should_panic(expected = "at least one runner")]
fn zero_runners_panic() {
    let _ = Scheduler::new(0);
}

#[test]
#[should_panic(expected = "cannot be 0")]
fn zero_intervals_panic() {
    let mut options = Options::new(1);
    options.event_interval = 0;
    let _ = Scheduler::with(options);
}
