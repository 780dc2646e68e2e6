//! Which children a look finds.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;

use crate::future::woken::WokenSet;
use crate::waker::waker_fn;

fn taken(set: &WokenSet) -> Vec<usize> {
    (0..set.words()).flat_map(|word| set.take(word)).collect()
}

fn waker(set: &WokenSet, index: usize) -> Waker {
    set.as_child(index, |cx| cx.waker().clone())
}

#[test]
fn all_are_woken_at_first() {
    for count in [0, 1, 63, 64, 65, 200] {
        let set = WokenSet::new(count);
        assert_eq!(taken(&set), (0..count).collect::<Vec<_>>());
        assert!(taken(&set).is_empty());
    }
}

#[test]
fn the_parent_is_woken_once_a_look() {
    let woken = Arc::new(AtomicUsize::new(0));
    let parent = waker_fn({
        let woken = woken.clone();
        move || {
            woken.fetch_add(1, Ordering::Relaxed);
        }
    });
    let set = WokenSet::new(100);
    let wakers: Vec<_> = (0..100).map(|index| waker(&set, index)).collect();
    wakers[3].wake_by_ref();
    assert_eq!(woken.load(Ordering::Relaxed), 0, "nobody waits yet");
    for round in 1..4 {
        set.begin(&parent);
        taken(&set);
        for index in [99, 5, 5, 64] {
            wakers[index].wake_by_ref();
        }
        assert_eq!(woken.load(Ordering::Relaxed), round);
        assert_eq!(taken(&set), [5, 64, 99]);
    }
}

#[test]
fn wakers_outlive_the_set_and_not_the_parent() {
    let alive = Arc::new(());
    let parent = waker_fn({
        let alive = alive.clone();
        move || {
            let _ = &alive;
        }
    });
    let set = WokenSet::new(2);
    set.begin(&parent);
    drop(parent);
    let (one, two) = (waker(&set, 0), waker(&set, 1));
    assert!(one.will_wake(&waker(&set, 0)));
    assert!(!one.will_wake(&two));
    drop(set);
    assert_eq!(Arc::strong_count(&alive), 1);
    one.wake();
    two.wake_by_ref();
}
