use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;

use super::*;

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn wakers(n: usize) -> Vec<Waker> {
    (0..n)
        .map(|_| Waker::from(Arc::new(Count::default())))
        .collect()
}

fn shared(waiters: &mut Waiters) -> usize {
    waiters.others().shared.len()
}

const READ: Ready = Ready::READABLE;

#[test]
fn the_same_task_is_listed_once_for_each_interest() {
    let mut waiters = Waiters::new();
    let waker = &wakers(1)[0];
    for _ in 0..10 {
        assert!(waiters.add_shared(READ, waker.clone()).0.is_empty());
    }
    waiters.add_shared(Ready::WRITABLE, waker.clone());
    assert_eq!(shared(&mut waiters), 2);
}

#[test]
fn ever_new_wakers_do_not_pile_up() {
    let mut waiters = Waiters::new();
    let mut woken = 0;
    for waker in wakers(10_000) {
        woken += waiters.add_shared(READ, waker.clone()).0.len();
        assert!(shared(&mut waiters) <= 2 * SHARED);
    }
    // Each is woken at most twice: for the probe, and to be dropped.
    assert!(woken <= 20_000);
}

#[test]
fn a_waiter_is_only_dropped_after_it_was_woken() {
    let mut waiters = Waiters::new();
    let patient = &wakers(1)[0];
    waiters.add_shared(READ, patient.clone());
    let mut told = false;
    for waker in wakers(1_000) {
        let (probed, _) = waiters.add_shared(READ, waker.clone());
        told |= probed.iter().any(|one| one.will_wake(patient));
        let mut listed = waiters.others().shared.iter();
        assert!(told || listed.any(|one| one.waker.will_wake(patient)));
    }
    assert!(told);
}

#[test]
fn many_real_waiters_come_to_rest() {
    let mut waiters = Waiters::new();
    let tasks = wakers(1_000);
    let mut turns = tasks.clone();
    let mut polls = 0;
    while let Some(task) = turns.pop() {
        polls += 1;
        assert!(polls < 20_000, "the tasks keep waking each other");
        turns.extend(waiters.add_shared(READ, task.clone()).0);
    }
    assert_eq!(shared(&mut waiters), tasks.len());
    let mut woken = Vec::new();
    waiters.take(READ, &mut woken);
    assert_eq!(woken.len(), tasks.len());
    assert_eq!(shared(&mut waiters), 0);
}

#[test]
fn a_placed_waiter_keeps_its_place_when_woken() {
    let mut waiters = Waiters::new();
    let task = &wakers(1)[0];
    let mut place = None;
    assert!(waiters.set_placed(&mut place, READ, task.clone()).is_none());
    let first = place;
    let mut woken = Vec::new();
    waiters.take(READ, &mut woken);
    waiters.take(READ, &mut woken);
    assert_eq!(woken.len(), 1);
    assert!(waiters.set_placed(&mut place, READ, task.clone()).is_none());
    assert_eq!(place, first);
    assert!(waiters.remove_placed(place.unwrap()).is_some());
    assert!(waiters.others().placed.is_empty());
}
