//! The smallest channel against laggards and ends.

use std::pin::pin;

use loom::thread;

use crate::broadcast::{self, error::RecvError};
use crate::model::{block_on, check, poll_once};

/// Receives to the end: the sum of what was received, and of what was missed.
fn receive_all(rx: &mut broadcast::Receiver<u64>) -> (u64, u64) {
    let (mut received, mut missed) = (0, 0);
    loop {
        match block_on(rx.recv()) {
            Ok(_) => received += 1,
            Err(RecvError::Lagged(n)) => missed += n,
            Err(RecvError::Closed) => return (received, missed),
        }
    }
}

#[test]
fn lag_against_send() {
    check(|| {
        let (tx, mut rx) = broadcast::channel(1);
        let one = thread::spawn(move || {
            tx.send(1).unwrap();
            tx.send(2).unwrap();
        });
        let (received, missed) = receive_all(&mut rx);
        assert_eq!(received + missed, 2);
        assert!(received >= 1);
        one.join().unwrap();
    });
}

#[test]
fn two_receivers() {
    check(|| {
        let (tx, mut rx) = broadcast::channel(2);
        let mut other = tx.subscribe();
        let one = thread::spawn(move || receive_all(&mut other));
        tx.send(1).unwrap();
        drop(tx);
        assert_eq!(receive_all(&mut rx), (1, 0));
        assert_eq!(one.join().unwrap(), (1, 0));
    });
}

#[test]
fn last_sender_against_receiver() {
    check(|| {
        let (tx, mut rx) = broadcast::channel::<u64>(1);
        let one = thread::spawn(move || drop(tx));
        assert_eq!(receive_all(&mut rx), (0, 0));
        one.join().unwrap();
    });
}

#[test]
fn a_dropped_wait_and_a_dropped_receiver() {
    check(|| {
        let value = std::sync::Arc::new(());
        let (tx, mut rx) = broadcast::channel(1);
        let sent = value.clone();
        let one = thread::spawn(move || drop(tx.send(sent)));
        let _ = poll_once(pin!(rx.recv()));
        drop(rx);
        one.join().unwrap();
        assert_eq!(std::sync::Arc::strong_count(&value), 1);
    });
}

#[test]
fn upgrade_against_last_drop() {
    check(|| {
        let (tx, mut rx) = broadcast::channel(1);
        let weak = tx.downgrade();
        let one = thread::spawn(move || weak.upgrade().map_or(0, |tx| tx.send(1).map_or(0, |_| 1)));
        drop(tx);
        let (received, _) = receive_all(&mut rx);
        assert_eq!(one.join().unwrap(), received);
    });
}

#[test]
fn closed_against_the_last_receiver() {
    check(|| {
        let (tx, rx) = broadcast::channel::<u64>(1);
        let one = thread::spawn(move || drop(rx));
        block_on(tx.closed());
        one.join().unwrap();
    });
}
