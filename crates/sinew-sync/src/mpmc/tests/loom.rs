//! The smallest channel in every order of its ends.

use std::pin::pin;
use std::task::Poll;

use loom::thread;

use crate::model::{block_on, check, poll_once};
use crate::mpmc;

#[test]
fn two_senders_one_place() {
    check(|| {
        let (tx, rx) = mpmc::channel(1);
        let other = tx.clone();
        let one = thread::spawn(move || block_on(other.send(1)).unwrap());
        let two = thread::spawn(move || block_on(tx.send(2)).unwrap());
        let sum = block_on(rx.recv()).unwrap() + block_on(rx.recv()).unwrap();
        assert_eq!(sum, 3);
        assert!(block_on(rx.recv()).is_err());
        one.join().unwrap();
        two.join().unwrap();
    });
}

#[test]
fn two_receivers_one_gives_up() {
    check(|| {
        let (tx, rx) = mpmc::channel(1);
        let other = rx.clone();
        let one = thread::spawn(move || {
            let polled = poll_once(pin!(other.recv()));
            matches!(polled, Poll::Ready(Ok(_)))
        });
        tx.try_send(1).unwrap();
        drop(tx);
        let received = block_on(rx.recv()).is_ok();
        assert!(one.join().unwrap() != received);
    });
}

#[test]
fn a_waiting_sender_gives_up() {
    check(|| {
        let (tx, rx) = mpmc::channel(1);
        tx.try_send(1).unwrap();
        let one = thread::spawn(move || {
            let _ = poll_once(pin!(tx.send(2)));
        });
        assert_eq!(block_on(rx.recv()), Ok(1));
        let second = block_on(rx.recv());
        assert!(second.is_err() || second == Ok(2));
        one.join().unwrap();
    });
}

#[test]
fn close_against_send() {
    check(|| {
        let (tx, rx) = mpmc::channel(1);
        tx.try_send(1).unwrap();
        let one = thread::spawn(move || usize::from(block_on(tx.send(2)).is_ok()));
        rx.close();
        let mut received = 0;
        while block_on(rx.recv()).is_ok() {
            received += 1;
        }
        assert_eq!(one.join().unwrap() + 1, received);
    });
}
