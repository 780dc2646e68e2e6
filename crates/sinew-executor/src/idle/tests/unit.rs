use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;

use sinew_core::waker::waker_fn;

use crate::idle::Idle;

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

#[test]
fn notify_wakes_one_and_then_waits_for_the_searcher() {
    let idle = Idle::new();
    let (count, waker) = counter();
    idle.fall_asleep(1, waker.clone(), false);
    idle.fall_asleep(2, waker, false);
    idle.notify();
    idle.notify();
    assert_eq!(count.load(Ordering::Relaxed), 1);
    assert!(
        idle.wake_up(2),
        "the last to sleep is the first to be woken"
    );
    idle.stop_searching();
    assert_eq!(count.load(Ordering::Relaxed), 2);
    assert!(idle.wake_up(1));
}

#[test]
fn at_most_half_search() {
    let idle = Idle::new();
    assert!(idle.start_searching(4));
    assert!(idle.start_searching(4));
    assert!(!idle.start_searching(4));
    idle.stop_searching();
    assert!(idle.start_searching(4));
    let lone = Idle::new();
    assert!(lone.start_searching(1));
}

#[test]
fn waking_by_itself_gives_no_token() {
    let idle = Idle::new();
    let (count, waker) = counter();
    assert!(idle.start_searching(2));
    idle.fall_asleep(1, waker, true);
    assert!(!idle.wake_up(1));
    idle.notify();
    assert_eq!(count.load(Ordering::Relaxed), 0);
    assert!(idle.start_searching(2));
}
