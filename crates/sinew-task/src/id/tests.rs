use std::collections::HashSet;
use std::thread;

use super::{BLOCK, Id, try_id};

#[test]
fn ids_are_unique_over_threads_and_blocks() {
    let count = 3 * BLOCK as usize + 1;
    let threads: Vec<_> = (0..4)
        .map(|_| thread::spawn(move || (0..count).map(|_| Id::next()).collect::<Vec<_>>()))
        .collect();
    let mut seen = HashSet::new();
    for ids in threads.into_iter().map(|thread| thread.join().unwrap()) {
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        for id in ids {
            assert!(seen.insert(id), "{id} was given twice");
        }
    }
    assert_eq!(seen.len(), 4 * count);
}

#[test]
fn outside_of_a_task_there_is_none() {
    assert_eq!(try_id(), None);
    assert_eq!(Id::from_bits(0), None);
}

#[test]
#[should_panic(expected = "outside of a task")]
fn id_outside_of_a_task_panics() {
    let _ = super::id();
}
