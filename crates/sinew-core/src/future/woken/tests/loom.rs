//! No wake is lost between a child and the parent.

use std::sync::Arc;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use crate::future::woken::WokenSet;
use crate::waker::waker_fn;

#[test]
fn a_woken_child_is_found_or_the_parent_is_woken() {
    loom::model(|| {
        let set = WokenSet::new(2);
        let first = set.as_child(0, |cx| cx.waker().clone());
        let second = set.as_child(1, |cx| cx.waker().clone());
        let woken = Arc::new(AtomicUsize::new(0));
        let parent = waker_fn({
            let woken = woken.clone();
            move || {
                woken.fetch_add(1, Ordering::SeqCst);
            }
        });
        // The first look, after which both are waited for.
        set.begin(&parent);
        assert_eq!(set.take(0).count(), 2);

        let one = thread::spawn(move || first.wake());
        let two = thread::spawn(move || second.wake());
        // A look that the wakes race with.
        set.begin(&parent);
        let mut found = set.take(0).count();
        let before = woken.load(Ordering::SeqCst);
        one.join().unwrap();
        two.join().unwrap();
        let after = woken.load(Ordering::SeqCst);
        let left = set.take(0).count();
        found += left;
        assert_eq!(found, 2);
        // What the look did not find, it was told of: at the latest after it
        // began, by a wake that it will follow.
        assert!(left == 0 || after > 0, "{before} {after}");
    });
}
