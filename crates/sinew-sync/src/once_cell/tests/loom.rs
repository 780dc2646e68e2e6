//! One computes, all see the same.

use loom::sync::Arc;
use loom::thread;

use crate::OnceCell;
use crate::model::{block_on, check};

#[test]
fn all_get_the_same_value() {
    check(|| {
        let cell = Arc::new(OnceCell::new());
        let other = {
            let cell = cell.clone();
            thread::spawn(move || *block_on(cell.get_or_init(|| async { 1 })))
        };
        let ours = *block_on(cell.get_or_init(|| async { 2 }));
        assert_eq!(other.join().unwrap(), ours);
        assert_eq!(cell.get(), Some(&ours));
    });
}

#[test]
fn a_failure_leaves_it_to_the_next() {
    check(|| {
        let cell = Arc::new(OnceCell::new());
        let other = {
            let cell = cell.clone();
            thread::spawn(move || {
                let failing = cell.get_or_try_init(|| async { Err::<u32, ()>(()) });
                block_on(failing).copied()
            })
        };
        assert_eq!(*block_on(cell.get_or_init(|| async { 2 })), 2);
        assert!(matches!(other.join().unwrap(), Err(()) | Ok(2)));
    });
}
