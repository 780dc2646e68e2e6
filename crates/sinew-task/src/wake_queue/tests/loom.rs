//! No wake is lost between the wakers and the one who waits.

use std::sync::Arc;
use std::task::{Context, Waker};

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use sinew_core::waker::waker_fn;

use crate::wake_queue::WakeQueue;

/// Counts its wakes.
fn counting() -> (Arc<AtomicUsize>, Waker) {
    let count = Arc::new(AtomicUsize::new(0));
    let waker = waker_fn({
        let count = count.clone();
        move || {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    (count, waker)
}

#[test]
fn what_was_woken_is_found_or_who_waits_is_woken() {
    loom::model(|| {
        let mut queue = WakeQueue::default();
        let (told, waiting) = counting();
        let threads = [0, 1].map(|key| {
            let waker = queue.waker(key);
            thread::spawn(move || waker.wake())
        });
        let mut cx = Context::from_waker(&waiting);
        let mut found = Vec::new();
        // Until it waits, with wakes in between.
        while let Some(keyed) = queue.pop(Some(&mut cx)) {
            found.push(keyed.key());
        }
        for thread in threads {
            thread.join().unwrap();
        }
        let before = found.len();
        while let Some(keyed) = queue.pop(None) {
            found.push(keyed.key());
        }
        assert!(before == found.len() || told.load(Ordering::SeqCst) > 0);
        found.sort_unstable();
        assert_eq!(found, [0, 1]);
    });
}

#[test]
fn a_waker_that_is_woken_twice_is_found_once_or_twice() {
    loom::model(|| {
        let mut queue = WakeQueue::default();
        let waker = queue.waker(7);
        waker.wake_by_ref();
        let thread = thread::spawn(move || waker.wake());
        let mut pops = 0;
        while let Some(keyed) = queue.pop(None) {
            assert_eq!(keyed.key(), 7);
            pops += 1;
        }
        thread.join().unwrap();
        pops += usize::from(queue.pop(None).is_some());
        assert!((1..=2).contains(&pops));
    });
}

#[test]
fn a_queue_that_goes_while_it_is_filled_takes_all_with_it() {
    loom::model(|| {
        let mut queue = WakeQueue::default();
        let (_, waiting) = counting();
        let threads = [0, 1].map(|key| {
            let waker = queue.waker(key);
            thread::spawn(move || {
                waker.wake_by_ref();
                waker.wake();
            })
        });
        let shared = Arc::downgrade(&queue.shared);
        let _ = queue.pop(Some(&mut Context::from_waker(&waiting)));
        drop(queue);
        for thread in threads {
            thread.join().unwrap();
        }
        assert!(shared.upgrade().is_none(), "a queued waker keeps the queue");
    });
}
