//! The ring with four cells, against thieves.

use std::ptr;

use loom::sync::Arc;
use loom::thread;

use crate::ring::{CAPACITY, Ring};

fn entry(n: usize) -> *mut () {
    ptr::without_provenance_mut(n + 1)
}

fn push(ring: &Ring, n: usize) -> bool {
    // SAFETY: each model pushes to a ring on one thread only.
    unsafe { ring.push(entry(n)) }.is_ok()
}

/// Steals once into a ring of its own and returns all that it got.
fn steal(ring: &Ring) -> Vec<usize> {
    let mine = Ring::new();
    let mut got = Vec::new();
    // SAFETY: `mine` is this thread's.
    if let Some((first, count)) = unsafe { ring.steal_into(&mine) } {
        got.push(first.addr() - 1);
        assert_eq!(mine.len(), count - 1);
    }
    got.extend(drain(&mine));
    got
}

fn drain(ring: &Ring) -> Vec<usize> {
    std::iter::from_fn(|| ring.pop().map(|entry| entry.addr() - 1)).collect()
}

fn model(check: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(builder.preemption_bound.unwrap_or(3));
    builder.check(check);
}

fn assert_all(mut got: Vec<usize>, count: usize) {
    got.sort_unstable();
    assert_eq!(got, (0..count).collect::<Vec<_>>());
}

/// The owner pushes and pops, around the end of the cells, while one steals.
#[test]
fn owner_and_thief() {
    model(|| {
        let ring = Arc::new(Ring::new());
        assert!(push(&ring, 0));
        assert!(push(&ring, 1));
        let thief = {
            let ring = ring.clone();
            thread::spawn(move || steal(&ring))
        };
        let mut got: Vec<_> = ring
            .pop()
            .map(|entry| entry.addr() - 1)
            .into_iter()
            .collect();
        for n in 2..CAPACITY + 1 {
            assert!(push(&ring, n));
        }
        got.extend(drain(&ring));
        got.extend(thief.join().unwrap());
        assert_all(got, CAPACITY + 1);
    });
}

/// The owner publishes two that it has staged, while one steals.
#[test]
fn staged_and_thief() {
    model(|| {
        let ring = Arc::new(Ring::new());
        assert!(push(&ring, 0));
        let thief = {
            let ring = ring.clone();
            thread::spawn(move || steal(&ring))
        };
        assert!(ring.room() >= CAPACITY - 1);
        for nth in 0..2 {
            // SAFETY: this thread alone pushes, and there is room.
            unsafe { ring.stage(nth, entry(nth + 1)) };
        }
        // SAFETY: as above.
        unsafe { ring.publish(2) };
        let mut got = drain(&ring);
        got.extend(thief.join().unwrap());
        assert_all(got, 3);
    });
}

/// The owner's ring overflows while one steals.
#[test]
fn overflow_and_thief() {
    model(|| {
        let ring = Arc::new(Ring::new());
        for n in 0..CAPACITY {
            assert!(push(&ring, n));
        }
        let thief = {
            let ring = ring.clone();
            thread::spawn(move || steal(&ring))
        };
        let mut got = Vec::new();
        if !push(&ring, CAPACITY) {
            let half = ring.take_half(|entry| got.push(entry.addr() - 1));
            if !half {
                // A thief made room.
                assert!(push(&ring, CAPACITY));
            } else {
                got.push(CAPACITY);
            }
        }
        got.extend(drain(&ring));
        got.extend(thief.join().unwrap());
        assert_all(got, CAPACITY + 1);
    });
}

/// Two thieves, of which one takes single entries.
#[test]
fn two_thieves() {
    model(|| {
        let ring = Arc::new(Ring::new());
        for n in 0..3 {
            assert!(push(&ring, n));
        }
        let first = {
            let ring = ring.clone();
            thread::spawn(move || steal(&ring))
        };
        let second = {
            let ring = ring.clone();
            thread::spawn(move || ring.pop().map(|entry| entry.addr() - 1))
        };
        assert!(push(&ring, 3));
        let mut got = drain(&ring);
        got.extend(first.join().unwrap());
        got.extend(second.join().unwrap());
        assert_all(got, 4);
    });
}
