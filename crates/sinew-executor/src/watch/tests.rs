use std::time::Instant;

use sinew_task::{Id, spawn_on};

use super::{LONGEST, PERIOD, QUIET_ROUNDS, Round, Watch};
use crate::Scheduler;
use crate::counters::Counters;
use crate::slot::Slot;

/// Of a task that is gone.
fn an_id() -> Id {
    let scheduler = Scheduler::new(1);
    let id = spawn_on(scheduler.clone(), async {}).id();
    scheduler.cancel_all();
    id
}

/// A round that is over at once.
fn round(watch: &mut Watch, slot: &Slot, during: impl FnOnce()) -> Round {
    let slots = std::slice::from_ref(slot);
    assert!(watch.begin(slots.iter()).is_some());
    during();
    watch.deadline = Some(Instant::now());
    watch.look(slots.iter(), |slot, main| {
        slot.excuse(main);
    })
}

#[test]
fn quiet_rounds_become_longer_and_end() {
    let slot = Slot::new(Counters::new(None));
    let mut watch = Watch::new();
    for _ in 1..QUIET_ROUNDS {
        assert_eq!(round(&mut watch, &slot, || ()), Round::Uneventful);
        assert!(!watch.is_over());
    }
    assert_eq!(watch.period, LONGEST);
    assert_eq!(round(&mut watch, &slot, || ()), Round::Uneventful);
    assert!(watch.is_over());
    watch.reset();
    assert_eq!((watch.period, watch.is_over()), (PERIOD, false));
    assert_eq!(round(&mut watch, &slot, || ()), Round::Uneventful);
    // A poll has been there: nothing to take, but a reason to look again soon.
    let polled = round(&mut watch, &slot, || {
        slot.poll.begin(an_id());
        slot.poll.end();
    });
    assert_eq!((polled, watch.period), (Round::Uneventful, PERIOD));
    assert!(!watch.is_over());
}

#[test]
fn a_long_poll_is_watched_all_the_time() {
    let slot = Slot::new(Counters::new(None));
    let mut watch = Watch::new();
    slot.poll.begin(an_id());
    for _ in 0..2 * QUIET_ROUNDS {
        assert_eq!(round(&mut watch, &slot, || ()), Round::Uneventful);
        assert!(watch.is_stuck(0, &slot) && !watch.is_over());
    }
    assert_eq!(watch.period, LONGEST);
    slot.poll.end();
    assert!(!watch.is_stuck(0, &slot));
}

#[test]
fn a_guest_in_its_main_future_is_excused_once() {
    let slot = Slot::new(Counters::new(None));
    let mut watch = Watch::new();
    let mut counted = true;
    let main = slot.begin_main(&mut counted);
    assert_eq!(round(&mut watch, &slot, || ()), Round::Eventful);
    assert!(slot.is_excused());
    assert_eq!(round(&mut watch, &slot, || ()), Round::Uneventful);
    drop(main);
    assert!(!counted);
}

#[test]
fn a_round_that_is_cut_short_says_nothing() {
    let slot = Slot::new(Counters::new(None));
    let mut watch = Watch::new();
    let slots = std::slice::from_ref(&slot);
    watch.begin(slots.iter());
    watch.deadline = None;
    let look = watch.look(slots.iter(), |_, _| unreachable!());
    assert_eq!(look, Round::Interrupted);
}
