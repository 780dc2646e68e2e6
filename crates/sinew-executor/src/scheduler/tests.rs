use std::sync::Arc;

use sinew_core::block_on;
use sinew_task::spawn_on;

use super::{BATCH, Scheduler};
use crate::current::{self, Current, Push};
use crate::options::Options;
use crate::ring::CAPACITY;

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
    stolen.unwrap().run();
    assert_eq!(scheduler.slot(thief).queued(), 4);
    assert_eq!(scheduler.slot(owner).queued(), 5);
    assert_eq!(scheduler.worker_metrics(thief).unwrap().steals, 5);
    // SAFETY: there is no slot.
    let single = unsafe { scheduler.steal(None, |_| false) };
    single.unwrap().run();

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
    taken.unwrap().run();
    assert!(scheduler.slot(owner).is_empty());
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
