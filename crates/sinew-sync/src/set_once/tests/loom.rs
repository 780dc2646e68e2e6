//! Who waits sees the value.

use loom::sync::Arc;
use loom::thread;

use crate::SetOnce;
use crate::model::{block_on, check};

#[test]
fn a_wait_meets_the_value() {
    check(|| {
        let cell = Arc::new(SetOnce::new());
        let setter = {
            let cell = cell.clone();
            thread::spawn(move || cell.set(7).unwrap())
        };
        assert_eq!(*block_on(cell.wait()), 7);
        setter.join().unwrap();
    });
}

#[test]
fn one_of_two_sets_it() {
    check(|| {
        let cell = Arc::new(SetOnce::new());
        let other = {
            let cell = cell.clone();
            thread::spawn(move || cell.set(1).is_ok())
        };
        let ours = cell.set(2).is_ok();
        let theirs = other.join().unwrap();
        assert_ne!(ours, theirs);
        assert_eq!(cell.get(), Some(if ours { &2 } else { &1 }));
    });
}
