//! A searcher that waits for more before it sleeps.

use super::*;

#[test]
fn a_searcher_lingers_once_after_what_it_took_from_the_injector() {
    let scheduler = Scheduler::new(2);
    let remote = || {
        let _scope = current::enter(Current::NONE);
        spawn(&scheduler, 1);
    };
    Runner::new(scheduler.clone(), Kind::Worker).on_this_thread(|runner| {
        assert!(!runner.run_one());
        // It has taken nothing yet.
        assert!(!runner.linger());
        remote();
        assert!(runner.run_one());
        assert!(!runner.run_one());
        remote();
        assert!(runner.linger());
        assert!(runner.run_one());
        assert!(!runner.run_one());
        assert!(!runner.linger());
        remote();
        assert!(!runner.linger());
    });
    scheduler.cancel_all();
}

#[test]
fn a_searcher_lingers_for_a_guest_that_blocks() {
    let mut options = Options::threads(1);
    options.guests = 1;
    let scheduler = Scheduler::with(options);
    let guest = scheduler.claim_slot(true).unwrap();
    let slot = scheduler.slot(guest);
    assert!(scheduler.idle.try_begin());
    let mut counted = true;
    let push = || {
        on_slot(&scheduler, guest, Push::QueueSilently, || {
            spawn(&scheduler, 1)
        });
    };
    let main = slot.begin_main(&mut counted);
    push();
    // It takes that one itself.
    assert!(scheduler.has_tasks() && !scheduler.has_tasks_to_share());
    push();
    assert!(scheduler.has_tasks_to_share());
    assert!(scheduler.excuse(slot, slot.main()));
    Runner::new(scheduler.clone(), Kind::Worker).on_this_thread(|runner| {
        while runner.run_one() {}
        assert!(!scheduler.has_tasks_to_share());
        push();
        assert!(runner.linger());
        assert!(runner.run_one());
        assert!(!runner.run_one());
        // In vain, and not again so soon.
        assert!(!runner.linger());
        push();
        assert!(runner.run_one());
        assert!(!runner.run_one());
        push();
        assert!(!runner.linger());
    });
    drop(main);
    assert!(!counted);
    scheduler.cancel_all();
}
