//! Cancelling against making children, waiting and dropping.

use std::pin::pin;

use loom::thread;

use crate::CancellationToken;
use crate::model::{block_on, check, poll_once};

#[test]
fn who_waits_is_woken() {
    check(|| {
        let token = CancellationToken::new();
        let child = token.child_token();
        let waiter = thread::spawn(move || block_on(child.cancelled()));
        token.cancel();
        waiter.join().unwrap();
    });
}

#[test]
fn a_child_made_meanwhile_is_cancelled() {
    check(|| {
        let token = CancellationToken::new();
        let parent = token.clone();
        let maker = thread::spawn(move || parent.child_token());
        token.cancel();
        assert!(maker.join().unwrap().is_cancelled());
    });
}

#[test]
fn a_middle_that_is_dropped_hands_its_child_on() {
    check(|| {
        let token = CancellationToken::new();
        let middle = token.child_token();
        let leaf = middle.child_token();
        let dropper = thread::spawn(move || drop(middle));
        token.cancel();
        dropper.join().unwrap();
        assert!(leaf.is_cancelled());
    });
}

#[test]
fn two_cancel_at_once() {
    check(|| {
        let token = CancellationToken::new();
        let child = token.child_token();
        let leaf = child.child_token();
        let other = thread::spawn(move || child.cancel());
        token.cancel();
        other.join().unwrap();
        assert!(leaf.is_cancelled());
    });
}

#[test]
fn a_wait_is_given_up_meanwhile() {
    check(|| {
        let token = CancellationToken::new();
        let child = token.child_token();
        let quitter = thread::spawn(move || {
            let mut cancelled = pin!(child.cancelled());
            let _ = poll_once(cancelled.as_mut()).is_ready();
        });
        token.cancel();
        quitter.join().unwrap();
    });
}
