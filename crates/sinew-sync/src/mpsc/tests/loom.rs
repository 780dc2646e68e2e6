//! The smallest channels in every order of their ends.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use loom::thread;

use crate::model::{block_on, check, poll_once};
use crate::mpsc;

#[test]
fn two_unbounded_senders() {
    check(|| {
        let (tx, mut rx) = mpsc::unbounded_channel();
        let other = tx.clone();
        let one = thread::spawn(move || other.send(1).unwrap());
        tx.send(2).unwrap();
        drop(tx);
        let first = block_on(rx.recv()).unwrap();
        let second = block_on(rx.recv()).unwrap();
        assert_eq!(first + second, 3);
        assert_eq!(block_on(rx.recv()), None);
        one.join().unwrap();
    });
}

/// Blocks of two: the third value needs a second block.
#[test]
fn blocks_change_under_two_senders() {
    type Large = [u64; 64];
    check(|| {
        let (tx, mut rx) = mpsc::unbounded_channel::<Large>();
        let other = tx.clone();
        let one = thread::spawn(move || {
            other.send([1; 64]).unwrap();
            other.send([1; 64]).unwrap();
        });
        tx.send([2; 64]).unwrap();
        drop(tx);
        let mut sum = 0;
        while let Some(value) = block_on(rx.recv()) {
            sum += value[63];
        }
        assert_eq!(sum, 4);
        one.join().unwrap();
    });
}

#[test]
fn blocks_are_reclaimed_under_a_sender() {
    type Large = [u64; 64];
    check(|| {
        let (tx, mut rx) = mpsc::unbounded_channel::<Large>();
        let one = thread::spawn(move || {
            for i in 0..5 {
                tx.send([i; 64]).unwrap();
            }
        });
        for i in 0..5 {
            assert_eq!(block_on(rx.recv()).unwrap()[0], i);
        }
        assert!(block_on(rx.recv()).is_none());
        one.join().unwrap();
    });
}

#[test]
fn last_sender_against_receiver() {
    check(|| {
        let (tx, mut rx) = mpsc::unbounded_channel::<i32>();
        let other = tx.clone();
        let one = thread::spawn(move || drop(other));
        let two = thread::spawn(move || drop(tx));
        assert_eq!(block_on(rx.recv()), None);
        one.join().unwrap();
        two.join().unwrap();
    });
}

#[test]
fn send_against_close() {
    check(|| {
        let (tx, mut rx) = mpsc::unbounded_channel();
        let one = thread::spawn(move || usize::from(tx.send(Arc::new(1)).is_ok()));
        rx.close();
        let mut received = 0;
        while block_on(rx.recv()).is_some() {
            received += 1;
        }
        assert_eq!(one.join().unwrap(), received);
    });
}

#[test]
fn send_against_drop_of_the_receiver() {
    check(|| {
        let value = Arc::new(());
        let (tx, mut rx) = mpsc::unbounded_channel();
        let sent = value.clone();
        let one = thread::spawn(move || drop(tx.send(sent)));
        let _ = poll_once(pin!(rx.recv()));
        drop(rx);
        one.join().unwrap();
        assert_eq!(Arc::strong_count(&value), 1);
    });
}

#[test]
fn upgrade_against_last_drop() {
    check(|| {
        let (tx, mut rx) = mpsc::unbounded_channel();
        let weak = tx.downgrade();
        let one = thread::spawn(move || weak.upgrade().is_some_and(|tx| tx.send(1).is_ok()));
        drop(tx);
        let received = block_on(rx.recv()).is_some();
        assert_eq!(one.join().unwrap(), received);
    });
}

#[test]
fn two_wait_for_one_place() {
    check(|| {
        let (tx, mut rx) = mpsc::channel(1);
        let other = tx.clone();
        let one = thread::spawn(move || block_on(other.send(1)).unwrap());
        let two = thread::spawn(move || block_on(tx.send(2)).unwrap());
        let first = block_on(rx.recv()).unwrap();
        let second = block_on(rx.recv()).unwrap();
        assert_eq!(first + second, 3);
        one.join().unwrap();
        two.join().unwrap();
    });
}

#[test]
fn cancelled_send_passes_its_place_on() {
    check(|| {
        let (tx, mut rx) = mpsc::channel(1);
        tx.try_send(0).unwrap();
        let other = tx.clone();
        let one = thread::spawn(move || {
            // Polled once and dropped, at any moment of the hand-over.
            let _ = poll_once(pin!(other.send(1)));
        });
        let two = thread::spawn(move || block_on(tx.send(2)).unwrap());
        let mut last = 0;
        while let Some(value) = block_on(rx.recv()) {
            last = last.max(value);
        }
        assert_eq!(last, 2);
        one.join().unwrap();
        two.join().unwrap();
    });
}

#[test]
fn permit_against_close() {
    check(|| {
        let (tx, mut rx) = mpsc::channel::<i32>(1);
        let permit = tx.clone().try_reserve_owned().unwrap();
        let one = thread::spawn(move || drop(permit));
        rx.close();
        assert_eq!(block_on(rx.recv()), None);
        one.join().unwrap();
        drop(tx);
    });
}

#[test]
fn close_against_a_waiting_sender() {
    check(|| {
        let (tx, mut rx) = mpsc::channel(1);
        tx.try_send(1).unwrap();
        let one = thread::spawn(move || usize::from(block_on(tx.send(2)).is_ok()));
        rx.close();
        let mut received = 0;
        while block_on(rx.recv()).is_some() {
            received += 1;
        }
        assert_eq!(one.join().unwrap() + 1, received);
    });
}

#[test]
fn closed_against_drop() {
    check(|| {
        let (tx, rx) = mpsc::channel::<i32>(1);
        let one = thread::spawn(move || drop(rx));
        block_on(tx.closed());
        one.join().unwrap();
    });
}

#[test]
fn a_second_waker_replaces_the_first() {
    check(|| {
        let (tx, mut rx) = mpsc::unbounded_channel();
        let one = thread::spawn(move || tx.send(1).unwrap());
        if poll_once(pin!(poll_fn(|cx| rx.poll_recv(cx)))).is_pending() {
            assert_eq!(block_on(rx.recv()), Some(1));
        }
        one.join().unwrap();
    });
}
