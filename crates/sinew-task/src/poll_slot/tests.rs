use std::sync::atomic::{AtomicBool, Ordering};

use super::PollSlot;
use crate::Id;

#[test]
fn shows_a_poll_only_while_it_lasts() {
    let slot = PollSlot::new();
    assert_eq!(slot.snapshot(), None);
    let id = Id::next();
    slot.begin(id);
    let first = slot.snapshot().unwrap();
    assert_eq!(first.task, id);
    assert_eq!(slot.snapshot(), Some(first));
    slot.end();
    assert_eq!(slot.snapshot(), None);
    slot.begin(id);
    assert_ne!(slot.snapshot().unwrap().epoch, first.epoch);
}

#[test]
fn counts_polls_that_follow_upon_each_other_and_go_on() {
    let slot = PollSlot::new();
    let (first, second) = (Id::next(), Id::next());
    assert_eq!(slot.epoch(), 0);
    slot.begin(first);
    let before = slot.snapshot().unwrap();
    slot.begin(second);
    let after = slot.snapshot().unwrap();
    assert_eq!((before.task, after.task), (first, second));
    assert_ne!(before.epoch, after.epoch);
    assert_eq!(slot.epoch() % 2, 1);
    // Something is nested in it.
    slot.end();
    assert_eq!(slot.epoch() % 2, 0);
    slot.resume(second);
    assert_eq!(slot.snapshot(), Some(after));
    assert_eq!(slot.polls(), 2);
}

#[test]
fn a_reader_never_sees_a_task_with_another_polls_epoch() {
    let slot = PollSlot::new();
    let done = AtomicBool::new(false);
    let ids: Vec<Id> = (0..64).map(|_| Id::next()).collect();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for turn in 0..200_000usize {
                slot.begin(ids[turn % ids.len()]);
                slot.end();
            }
            done.store(true, Ordering::Relaxed);
        });
        while !done.load(Ordering::Relaxed) {
            if let Some(seen) = slot.snapshot() {
                let turn = (seen.epoch / 2) as usize;
                assert_eq!(seen.task, ids[turn % ids.len()]);
            }
        }
    });
}
