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

#[test]
fn last_sender_against_a_receiver() {
    check(|| {
        let (tx, rx) = mpmc::channel::<u32>(1);
        let receiver = thread::spawn(move || block_on(rx.recv()));
        drop(tx);
        assert!(receiver.join().unwrap().is_err());
    });
}

#[test]
fn last_receiver_against_a_waiting_sender() {
    check(|| {
        let (tx, rx) = mpmc::channel(1);
        tx.try_send(1).unwrap();
        let sender = thread::spawn(move || block_on(tx.send(2)));
        drop(rx);
        assert_eq!(sender.join().unwrap().unwrap_err().0, 2);
    });
}

#[test]
fn upgrade_against_the_last_drop() {
    check(|| {
        let (tx, rx) = mpmc::channel(1);
        let weak = tx.downgrade();
        let upgrading = thread::spawn(move || {
            let upgraded = weak.upgrade();
            upgraded.is_some_and(|tx| tx.try_send(1).is_ok())
        });
        drop(tx);
        let received = block_on(rx.recv()).is_ok();
        assert_eq!(upgrading.join().unwrap(), received);
    });
}
