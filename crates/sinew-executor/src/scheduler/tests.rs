use std::sync::Arc;

use sinew_core::block_on;
use sinew_task::spawn_on;

use super::{BATCH, LOCAL_CAPACITY, Scheduler};

#[test]
fn a_full_queue_spills_half_into_the_injector() {
    let scheduler = Scheduler::new(2);
    let slot = scheduler.claim_slot().unwrap();
    scheduler.as_runner(Some(slot), || {
        for _ in 0..=LOCAL_CAPACITY {
            drop(spawn_on(scheduler.clone(), async {}));
        }
    });
    assert_eq!(scheduler.local_len(Some(slot)), LOCAL_CAPACITY - BATCH);
    assert_eq!(scheduler.injector.len(), BATCH + 1);
    scheduler.cancel_all();
    assert_eq!(scheduler.task_count(), 0);
}

#[test]
fn a_thief_takes_half_and_the_injector_is_shared() {
    let scheduler = Scheduler::new(2);
    let owner = scheduler.claim_slot().unwrap();
    let thief = scheduler.claim_slot().unwrap();
    assert!(scheduler.claim_slot().is_none());
    scheduler.as_runner(Some(owner), || {
        for _ in 0..10 {
            drop(spawn_on(scheduler.clone(), async {}));
        }
    });
    scheduler.steal(Some(thief)).unwrap().run();
    assert_eq!(scheduler.local_len(Some(thief)), 5);
    assert_eq!(scheduler.local_len(Some(owner)), 4);
    assert!(scheduler.steal(None).is_some());

    for _ in 0..9 {
        drop(spawn_on(scheduler.clone(), async {}));
    }
    scheduler.take_injected(Some(thief)).unwrap().run();
    assert_eq!(scheduler.injector.len(), 4);
    scheduler.release_slot(owner);
    scheduler.release_slot(thief);
    assert_eq!(scheduler.claim_slot(), Some(0));
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
