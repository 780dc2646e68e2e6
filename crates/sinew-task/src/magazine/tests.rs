use std::cell::Cell;
use std::collections::HashSet;
use std::ptr::NonNull;
use std::time::Instant;

use super::{DEPOT, Depot, Pair, REST, ROUNDS, TRIM_INTERVAL};
use crate::size_class::{CLASSES, SizeClass};

fn pair() -> Pair {
    Pair {
        loaded: Cell::new(None),
        rounds: Cell::new(0),
        full: Cell::new(None),
    }
}

fn depot() -> Depot {
    Depot {
        tops: [None; CLASSES],
        kept: 0,
        trimmed: None,
    }
}

fn drain(pair: &Pair, class: SizeClass) {
    for magazine in [pair.loaded.take(), pair.full.take()] {
        // SAFETY: what is in the pair is of this class, and nobody else's.
        unsafe { super::empty(class, magazine) };
    }
}

#[test]
fn a_thread_takes_what_it_has_given_last() {
    let class = SizeClass::at(5);
    let pair = pair();
    // Within two magazines, so that the depot, which tests share, is not asked.
    let blocks: Vec<NonNull<u8>> = (0..2 * ROUNDS).map(|_| class.allocate()).collect();
    for &block in &blocks {
        // SAFETY: it was allocated for this class, and is not used after this.
        unsafe { pair.give(class, block) };
    }
    for &block in blocks.iter().rev() {
        assert_eq!(pair.take(class), block);
    }
    for block in blocks {
        // SAFETY: as above.
        unsafe { class.deallocate(block) };
    }
}

#[test]
fn whole_magazines_go_through_the_depot() {
    let class = SizeClass::at(3);
    let mut depot = depot();
    let pair = pair();
    let mut given = HashSet::new();
    for _ in 0..2 {
        for _ in 0..ROUNDS {
            let block = class.allocate();
            given.insert(block);
            // SAFETY: as above.
            unsafe { pair.give(class, block) };
        }
        pair.rounds.set(0);
        let magazine = pair.loaded.take().expect("it is full");
        assert!(depot.put(class, magazine));
    }
    assert_eq!(depot.kept, given.len() * class.size());
    assert!(depot.take(SizeClass::at(4)).is_none());
    while let Some(magazine) = depot.take(class) {
        pair.full.set(Some(magazine));
        for _ in 0..ROUNDS {
            let block = pair.take(class);
            assert!(given.remove(&block));
            // SAFETY: as above.
            unsafe { class.deallocate(block) };
        }
    }
    assert!(given.is_empty());
    assert_eq!(depot.kept, 0);
}

#[test]
fn the_depot_is_bounded() {
    let class = SizeClass::at(CLASSES - 1);
    let mut depot = depot();
    let pair = pair();
    let magazine = || {
        for _ in 0..ROUNDS {
            // SAFETY: it was allocated for this class.
            unsafe { pair.give(class, class.allocate()) };
        }
        pair.rounds.set(0);
        pair.loaded.take().expect("it is full")
    };
    for _ in 0..DEPOT / (ROUNDS as usize * class.size()) {
        assert!(depot.put(class, magazine()));
    }
    let one_more = magazine();
    assert!(!depot.put(class, one_more));
    pair.full.set(Some(one_more));
    drain(&pair, class);
    while let Some(magazine) = depot.take(class) {
        pair.full.set(Some(magazine));
        drain(&pair, class);
    }
}

#[test]
fn memory_goes_round_between_threads() {
    // Some are freed where they were not allocated, some after a `trim_memory`, some by a
    // thread that ends.
    let class = SizeClass::at(7);
    let (sender, receiver) = std::sync::mpsc::channel::<usize>();
    let freer = std::thread::spawn(move || {
        for (n, block) in receiver.into_iter().enumerate() {
            let block = NonNull::new(std::ptr::with_exposed_provenance_mut(block));
            let block = block.expect("a block is not null");
            // SAFETY: it was allocated for this class by the other thread, and is not
            // used there any more.
            unsafe { super::free(class, block) };
            if n % 1000 == 0 {
                super::trim_memory();
            }
        }
    });
    for _ in 0..10 * ROUNDS * ROUNDS {
        let block = super::allocate(class);
        // SAFETY: it is ours, and of that size.
        unsafe { block.write_bytes(0xa5, class.size()) };
        let address = block.as_ptr().expose_provenance();
        sender.send(address).expect("the other thread runs");
    }
    drop(sender);
    freer.join().expect("it does not panic");
}

#[test]
fn the_depot_is_trimmed_at_rest_if_it_is_large_and_not_too_often() {
    let mut depot = depot();
    let now = Instant::now();
    depot.kept = REST;
    assert!(!depot.is_to_be_trimmed(|| unreachable!("the clock is not looked at")));
    depot.kept = REST + 1;
    assert!(depot.is_to_be_trimmed(|| now));
    assert!(!depot.is_to_be_trimmed(|| now));
    assert!(!depot.is_to_be_trimmed(|| now + TRIM_INTERVAL / 2));
    assert!(depot.is_to_be_trimmed(|| now + TRIM_INTERVAL));
    assert!(depot.take_all().iter().all(Option::is_none));
    assert_eq!(depot.kept, 0);
}
