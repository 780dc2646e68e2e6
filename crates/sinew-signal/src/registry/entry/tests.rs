use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;

use proptest::prelude::*;
use sinew_core::waker::waker_fn;

use super::Entry;

fn deliver(entry: &mut Entry, number: u64) -> usize {
    let mut woken = Vec::new();
    entry.deliver(number, &mut woken);
    woken.len()
}

#[test]
fn each_listener_receives_once_and_deliveries_coalesce() {
    let mut entry = Entry::new();
    let (a, b) = (entry.join(), entry.join());
    assert!(!entry.receive(a));
    deliver(&mut entry, 1);
    deliver(&mut entry, 2);
    assert_eq!(entry.arrived(a), Some(1), "the first one counts");
    assert!(entry.receive(a));
    assert!(!entry.receive(a));
    assert!(entry.receive(b));
    assert_eq!(entry.arrived(b), None);
}

#[test]
fn an_unsettled_delivery_waits_for_the_next_listener() {
    let mut entry = Entry::new();
    deliver(&mut entry, 1);
    let a = entry.join();
    assert!(entry.receive(a));
    entry.leave(a);
    let b = entry.join();
    assert!(!entry.receive(b), "settled by the listener before");

    deliver(&mut entry, 2);
    entry.leave(b);
    let c = entry.join();
    let d = entry.join();
    assert!(entry.receive(c), "the last listener left without looking");
    assert!(!entry.receive(d), "not the first of its time");
}

#[test]
fn a_delivery_that_another_listener_received_is_settled() {
    let mut entry = Entry::new();
    let (a, b) = (entry.join(), entry.join());
    deliver(&mut entry, 1);
    assert!(entry.receive(a));
    entry.leave(a);
    entry.leave(b);
    let c = entry.join();
    assert!(!entry.receive(c));
}

#[test]
fn a_waker_is_kept_once_and_taken_by_a_delivery() {
    let mut entry = Entry::new();
    let a = entry.join();
    let first = waker_fn(|| {});
    let second = waker_fn(|| {});
    assert!(entry.wait(a, &first).is_none());
    assert!(entry.wait(a, &first).is_none(), "the same one is kept");
    assert!(entry.wait(a, &second).is_some_and(|w| w.will_wake(&first)));
    assert_eq!(deliver(&mut entry, 1), 1);
    assert_eq!(deliver(&mut entry, 2), 0);
    assert!(entry.forget_waker(a).is_none());
    entry.wait(a, &first);
    assert!(entry.forget_waker(a).is_some());
    entry.wait(a, &first);
    assert!(entry.leave(a).is_some());
    assert_eq!(entry.listeners(), 0);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Join,
    Leave(usize),
    Deliver,
    Receive(usize),
    Wait(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Join),
        (0..4usize).prop_map(Step::Leave),
        Just(Step::Deliver),
        (0..4usize).prop_map(Step::Receive),
        (0..4usize).prop_map(Step::Wait),
    ]
}

/// What each listener has yet to receive, and whether the last delivery is
/// still nobody's.
#[derive(Default)]
struct Model {
    pending: BTreeMap<usize, bool>,
    unsettled: bool,
    waiting: BTreeMap<usize, ()>,
}

proptest! {
    #[test]
    fn agrees_with_the_model(steps in prop::collection::vec(step(), 0..80)) {
        let woken = Arc::new(AtomicUsize::new(0));
        let waker: Waker = waker_fn({
            let woken = woken.clone();
            move || { woken.fetch_add(1, Ordering::Relaxed); }
        });
        let mut entry = Entry::new();
        let mut model = Model::default();
        let mut number = 0;
        for step in steps {
            let pick = |n: usize| model.pending.keys().nth(n).copied();
            match step {
                Step::Join => {
                    let inherits = model.pending.is_empty() && model.unsettled;
                    model.pending.insert(entry.join(), inherits);
                }
                Step::Leave(n) => if let Some(key) = pick(n) {
                    let left = entry.leave(key);
                    model.pending.remove(&key);
                    prop_assert_eq!(left.is_some(), model.waiting.remove(&key).is_some());
                },
                Step::Deliver => {
                    number += 1;
                    prop_assert_eq!(deliver(&mut entry, number), model.waiting.len());
                    model.waiting.clear();
                    model.unsettled = true;
                    model.pending.values_mut().for_each(|pending| *pending = true);
                }
                Step::Receive(n) => if let Some(key) = pick(n) {
                    let pending = model.pending.insert(key, false);
                    prop_assert_eq!(Some(entry.receive(key)), pending);
                    if pending == Some(true) {
                        model.unsettled = false;
                    }
                },
                Step::Wait(n) => if let Some(key) = pick(n) {
                    entry.wait(key, &waker);
                    model.waiting.insert(key, ());
                },
            }
            prop_assert_eq!(entry.listeners(), model.pending.len());
        }
    }
}
