use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;

use super::{WakeList, unpark_waker, waker_fn};
use crate::{Park, ThreadPark};

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
fn a_full_list_wakes_all_and_can_be_used_again() {
    let (count, waker) = counter();
    let mut list = WakeList::default();
    for _ in 0..2 {
        while list.can_push() {
            list.push(waker.clone());
        }
        list.wake_all();
    }
    assert_eq!(count.load(Ordering::Relaxed), 64);
    assert!(
        catch_unwind(AssertUnwindSafe(|| {
            for _ in 0..33 {
                list.push(waker.clone());
            }
        }))
        .is_err()
    );
}

#[test]
fn a_panicking_waker_does_not_lose_the_others() {
    let (count, waker) = counter();
    let mut list = WakeList::new();
    list.push(waker.clone());
    list.push(waker_fn(|| panic!("on purpose")));
    list.push(waker.clone());
    assert!(catch_unwind(AssertUnwindSafe(|| list.wake_all())).is_err());
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[test]
fn dropping_the_list_wakes_what_is_left() {
    let (count, waker) = counter();
    let mut list = WakeList::new();
    list.push(waker);
    drop(list);
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

#[test]
fn unpark_waker_ends_a_park() {
    let mut park = ThreadPark::new();
    unpark_waker(park.unparker()).wake();
    park.park(None);
}
