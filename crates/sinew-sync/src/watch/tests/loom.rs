//! Changes against waits and ends.

use std::pin::pin;

use loom::thread;

use crate::model::{block_on, check, poll_once};
use crate::watch;

#[test]
fn a_change_is_not_missed() {
    check(|| {
        let (tx, mut rx) = watch::channel(0);
        let one = thread::spawn(move || {
            tx.send_replace(1);
            tx
        });
        block_on(rx.changed()).unwrap();
        assert_eq!(*rx.borrow(), 1);
        drop(one.join().unwrap());
    });
}

#[test]
fn two_receivers_see_the_last_value_and_the_end() {
    check(|| {
        let (tx, mut rx) = watch::channel(0);
        let mut other = rx.clone();
        let one = thread::spawn(move || tx.send_replace(1));
        let two = thread::spawn(move || {
            assert!(block_on(other.changed()).is_ok());
            assert!(block_on(other.changed()).is_err());
        });
        assert!(block_on(rx.changed()).is_ok());
        assert!(block_on(rx.changed()).is_err());
        assert_eq!(*rx.borrow(), 1);
        one.join().unwrap();
        two.join().unwrap();
    });
}

#[test]
fn a_dropped_wait_leaves_the_queue() {
    check(|| {
        let (tx, mut rx) = watch::channel(0);
        let one = thread::spawn(move || tx.send_replace(1));
        let _ = poll_once(pin!(rx.changed()));
        one.join().unwrap();
        assert_eq!(*rx.borrow_and_update(), 1);
    });
}

#[test]
fn closed_against_the_last_receiver() {
    check(|| {
        let (tx, rx) = watch::channel(0);
        let one = thread::spawn(move || drop(rx));
        block_on(tx.closed());
        one.join().unwrap();
    });
}

#[test]
fn wait_for_against_two_changes() {
    check(|| {
        let (tx, mut rx) = watch::channel(0);
        let one = thread::spawn(move || {
            tx.send_replace(1);
            tx.send_replace(2);
        });
        assert_eq!(*block_on(rx.wait_for(|value| *value == 2)).unwrap(), 2);
        one.join().unwrap();
    });
}
