use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;

use sinew_core::waker::waker_fn;

use crate::idle::{Duty, Idle, Woken};

fn counter() -> (Arc<AtomicUsize>, Waker) {
    let count = Arc::new(AtomicUsize::new(0));
    let waker = waker_fn({
        let count = count.clone();
        move || {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    (count, waker)
}

fn unbounded(runners: usize) -> Idle {
    let idle = Idle::new(usize::MAX, false);
    for _ in 0..runners {
        idle.begin();
    }
    idle
}

#[test]
fn notify_wakes_one_and_then_waits_for_the_searcher() {
    let idle = unbounded(2);
    let (count, waker) = counter();
    idle.fall_asleep(1, waker.clone(), false, false);
    idle.fall_asleep(2, waker, false, false);
    idle.notify();
    idle.notify();
    assert_eq!(count.load(Ordering::Relaxed), 1);
    assert_eq!(
        idle.wake_up(2),
        Woken::Notified,
        "the last to sleep is woken first"
    );
    assert!(idle.stop_searching());
    idle.notify();
    assert_eq!(count.load(Ordering::Relaxed), 2);
    assert_eq!(idle.wake_up(1), Woken::Notified);
}

#[test]
fn at_most_half_search() {
    let idle = unbounded(4);
    assert!(idle.start_searching(4));
    assert!(idle.start_searching(4));
    assert!(!idle.start_searching(4));
    assert!(!idle.stop_searching());
    assert!(idle.start_searching(4));
    assert!(unbounded(1).start_searching(1));
}

#[test]
fn waking_by_itself_gives_no_token() {
    let idle = unbounded(1);
    let (count, waker) = counter();
    assert!(idle.start_searching(2));
    idle.fall_asleep(1, waker, true, false);
    assert!(idle.all_asleep());
    assert_eq!(idle.wake_up(1), Woken::Alone);
    idle.notify();
    assert_eq!(count.load(Ordering::Relaxed), 0);
    assert!(idle.start_searching(2));
}

#[test]
fn no_more_than_the_bound_are_awake() {
    let idle = Idle::new(1, false);
    let (count, waker) = counter();
    idle.begin();
    idle.fall_asleep(1, waker, false, false);
    assert!(idle.try_begin(), "a guest, while the worker sleeps");
    assert!(!idle.try_begin(), "a second one");
    idle.notify();
    assert_eq!(count.load(Ordering::Relaxed), 0);
    assert_eq!(idle.wake_up(1), Woken::Barred);
    idle.end();
    idle.notify();
    assert_eq!(count.load(Ordering::Relaxed), 1);
    assert_eq!(idle.wake_up(1), Woken::Notified);
    assert!(!idle.try_begin());
    assert!(idle.stop_searching());
}

#[test]
fn one_of_the_sleepers_watches_who_is_awake() {
    let idle = Idle::new(3, true);
    let (first, first_waker) = counter();
    let (second, second_waker) = counter();
    for _ in 0..3 {
        idle.begin();
    }
    idle.fall_asleep(1, first_waker, false, false);
    idle.fall_asleep(2, second_waker, false, false);
    assert_eq!((idle.duty(1), idle.duty(2)), (Duty::Watch, Duty::StandBy));
    assert!(!idle.stop_watching(1), "the third is awake");

    // Not the watcher, if another will do.
    idle.notify();
    assert_eq!(second.load(Ordering::Relaxed), 1);
    assert_eq!(idle.wake_up(2), Woken::Notified);
    assert!(idle.stop_searching());
    assert_eq!(first.load(Ordering::Relaxed), 0);

    // All sleep: it may stop, and whoever wakes next appoints one.
    let (_, waker) = counter();
    idle.fall_asleep(2, waker.clone(), false, false);
    idle.fall_asleep(3, waker, false, false);
    assert!(idle.stop_watching(1));
    assert_eq!(idle.duty(2), Duty::Sleep, "there is nobody to stand in for");
    assert_eq!(idle.wake_up(3), Woken::Alone);
    assert_eq!(idle.duty(2), Duty::Watch);
}

#[test]
fn while_one_sleeps_and_another_is_awake_somebody_will_watch() {
    let idle = Idle::new(3, true);
    for _ in 0..3 {
        idle.begin();
    }
    let (woken, waker) = counter();
    let sleep = |id| idle.fall_asleep(id, waker.clone(), false, false);
    sleep(1);
    sleep(2);
    assert_eq!((idle.duty(1), idle.duty(2)), (Duty::Watch, Duty::StandBy));
    // An event wakes the watcher up, and it goes into a poll that does not end, as the
    // third has. Nobody is woken; the deputy comes by itself.
    assert_eq!(idle.wake_up(1), Woken::Alone);
    assert_eq!(woken.load(Ordering::Relaxed), 0);
    assert_eq!(idle.duty(2), Duty::Watch);
    // An event wakes that one up, and the first sleeps again: it takes the place.
    sleep(1);
    assert_eq!((idle.duty(1), idle.duty(2)), (Duty::StandBy, Duty::Watch));
    assert_eq!(idle.wake_up(2), Woken::Alone);
    sleep(2);
    assert_eq!((idle.duty(2), idle.duty(1)), (Duty::Watch, Duty::StandBy));
    // The deputy is needed, and then the watcher, with no deputy left: the next that
    // sleeps is woken at once.
    sleep(3);
    assert_eq!(idle.duty(3), Duty::Sleep);
    assert_eq!(idle.wake_up(1), Woken::Alone);
    assert_eq!(woken.load(Ordering::Relaxed), 0);
    assert_eq!(idle.wake_up(2), Woken::Alone);
    assert_eq!(woken.load(Ordering::Relaxed), 1);
    assert_eq!(idle.duty(3), Duty::Watch);
}

#[test]
fn one_that_sleeps_aside_watches_before_all_others() {
    let idle = Idle::new(2, true);
    for _ in 0..3 {
        idle.begin();
    }
    let (_, waker) = counter();
    idle.fall_asleep(1, waker.clone(), false, false);
    assert_eq!(idle.duty(1), Duty::Watch);
    idle.fall_asleep(2, waker.clone(), false, true);
    assert_eq!((idle.duty(2), idle.duty(1)), (Duty::Watch, Duty::StandBy));
    // Others come and go; it keeps the place.
    assert_eq!(idle.wake_up(1), Woken::Alone);
    idle.fall_asleep(1, waker.clone(), false, false);
    assert_eq!((idle.duty(1), idle.duty(2)), (Duty::StandBy, Duty::Watch));
    idle.fall_asleep(3, waker, false, false);
    assert!(idle.stop_watching(2));
    assert_eq!((idle.duty(1), idle.duty(2)), (Duty::Sleep, Duty::Sleep));
    assert_eq!(idle.wake_up(3), Woken::Alone);
    assert_eq!(idle.duty(1), Duty::StandBy);
    assert_eq!(
        idle.duty(2),
        Duty::Watch,
        "appointed before the one that fell asleep last"
    );
}

#[test]
fn a_sleeper_that_ends_passes_its_token_on() {
    let idle = unbounded(2);
    let (_, waker) = counter();
    idle.fall_asleep(1, waker.clone(), false, false);
    idle.fall_asleep(2, waker, false, false);
    assert!(!idle.end_asleep(1));
    idle.notify();
    assert!(idle.end_asleep(2));
    assert!(idle.stop_searching());
    assert_eq!(idle.live(), 0);
}

#[test]
fn a_new_runner_is_watched_however_soon_it_comes() {
    let idle = Idle::new(2, true);
    idle.begin();
    let (woken, waker) = counter();
    idle.fall_asleep(1, waker, false, false);
    for round in 1..4 {
        assert!(idle.try_begin());
        assert_eq!(idle.duty(1), Duty::Watch);
        assert_eq!(woken.load(Ordering::Relaxed), round);
        idle.end();
        assert!(idle.stop_watching(1));
    }
}
