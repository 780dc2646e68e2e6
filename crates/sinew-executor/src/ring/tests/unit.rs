use std::collections::VecDeque;
use std::ptr;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::ring::{BATCH, CAPACITY, Ring};

fn entry(n: usize) -> *mut () {
    ptr::without_provenance_mut(n + 1)
}

fn number(entry: *mut ()) -> usize {
    entry.addr() - 1
}

fn push(ring: &Ring, n: usize) -> bool {
    // SAFETY: each of these tests pushes on one thread only.
    unsafe { ring.push(entry(n)) }.is_ok()
}

#[test]
fn first_in_first_out_around_the_end() {
    let ring = Ring::new();
    let mut model = VecDeque::new();
    for n in 0..5 * CAPACITY {
        assert!(push(&ring, n));
        model.push_back(n);
        if n % 3 != 0 {
            assert_eq!(ring.pop().map(number), model.pop_front());
        }
        if model.len() == CAPACITY {
            assert_eq!(ring.room(), 0);
            assert!(!push(&ring, n));
            assert!(ring.take_half(|taken| assert_eq!(Some(number(taken)), model.pop_front())));
        }
        assert_eq!(ring.len(), model.len());
    }
}

#[test]
fn what_is_staged_is_seen_once_it_is_published() {
    let ring = Ring::new();
    // Around the end of the cells.
    for n in 0..CAPACITY - 1 {
        push(&ring, n);
        ring.pop();
    }
    for nth in 0..3 {
        // SAFETY: this thread alone pushes, and the ring is empty.
        unsafe { ring.stage(nth, entry(nth)) };
    }
    assert_eq!((ring.pop(), ring.room()), (None, CAPACITY));
    assert_eq!(number(ring.staged(2)), 2);
    // SAFETY: as above; they were staged just now.
    unsafe { ring.publish(3) };
    let popped: Vec<_> = std::iter::from_fn(|| ring.pop().map(number)).collect();
    assert_eq!(popped, [0, 1, 2]);
}

#[test]
fn half_is_taken_only_of_a_full_ring() {
    let ring = Ring::new();
    push(&ring, 0);
    assert!(!ring.take_half(|_| unreachable!()));
}

#[test]
fn a_thief_takes_half_rounded_up_as_far_as_there_is_room() {
    let (from, to) = (Ring::new(), Ring::new());
    // SAFETY: one thread, two rings.
    let steal = || unsafe { from.steal_into(&to) };
    assert!(steal().is_none());
    for n in 0..5 {
        push(&from, n);
    }
    let (first, count) = steal().unwrap();
    assert_eq!((number(first), count), (0, 3));
    assert_eq!(
        [to.pop(), to.pop(), to.pop()].map(|e| e.map(number)),
        [Some(1), Some(2), None]
    );

    for n in 5..CAPACITY {
        push(&from, n);
    }
    for n in 0..CAPACITY - 1 {
        push(&to, n);
    }
    let (first, count) = steal().unwrap();
    assert_eq!(
        (number(first), count),
        (3, 2),
        "one to run and one that fits"
    );
    let (first, count) = steal().unwrap();
    assert_eq!((number(first), count), (5, 1));
    assert_eq!(to.len(), CAPACITY);
}

/// One owner, three thieves: each entry comes out once.
#[test]
fn nothing_is_lost_or_doubled_under_thieves() {
    const ENTRIES: usize = 60_000;
    let ring = Ring::new();
    let seen: Vec<AtomicUsize> = (0..ENTRIES).map(|_| AtomicUsize::new(0)).collect();
    let see = |entry: *mut ()| {
        seen[number(entry)].fetch_add(1, Ordering::Relaxed);
    };
    let left = AtomicUsize::new(3);
    let start = Barrier::new(4);
    let done = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mine = Ring::new();
                start.wait();
                while done.load(Ordering::Acquire) == 0 || !ring.is_empty() {
                    // SAFETY: `mine` is this thread's.
                    match unsafe { ring.steal_into(&mine) } {
                        Some((first, _)) => see(first),
                        None => std::thread::yield_now(),
                    }
                    while let Some(entry) = mine.pop() {
                        see(entry);
                    }
                }
                left.fetch_sub(1, Ordering::Relaxed);
            });
        }
        start.wait();
        for n in 0..ENTRIES {
            while !push(&ring, n) {
                ring.take_half(see);
            }
            if n % 7 == 0 {
                ring.pop().into_iter().for_each(see);
            }
        }
        done.store(1, Ordering::Release);
    });
    assert_eq!(left.load(Ordering::Relaxed), 0);
    assert!(seen.iter().all(|count| count.load(Ordering::Relaxed) == 1));
    assert_eq!(BATCH * 2, CAPACITY);
}
