//! Every order in which the two ends can meet.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use loom::thread;

use crate::model::{block_on, check, poll_once};
use crate::oneshot;

#[test]
fn send_against_receive() {
    check(|| {
        let (tx, rx) = oneshot::channel();
        let sender = thread::spawn(move || tx.send(Arc::new(1)).is_ok());
        assert_eq!(block_on(rx).map(|value| *value), Ok(1));
        assert!(sender.join().unwrap());
    });
}

#[test]
fn send_against_a_second_waker() {
    check(|| {
        let (tx, mut rx) = oneshot::channel();
        let sender = thread::spawn(move || tx.send(Arc::new(1)).is_ok());
        let _ = poll_once(pin!(&mut rx));
        if !rx.is_terminated() {
            assert_eq!(block_on(rx).map(|value| *value), Ok(1));
        }
        sender.join().unwrap();
    });
}

#[test]
fn drop_against_receive() {
    check(|| {
        let (tx, rx) = oneshot::channel::<Arc<i32>>();
        let sender = thread::spawn(move || drop(tx));
        assert!(block_on(rx).is_err());
        sender.join().unwrap();
    });
}

#[test]
fn send_against_drop_after_a_poll() {
    check(|| {
        let value = Arc::new(());
        let (tx, mut rx) = oneshot::channel();
        let sent = value.clone();
        let sender = thread::spawn(move || drop(tx.send(sent)));
        let _ = poll_once(pin!(&mut rx));
        drop(rx);
        sender.join().unwrap();
        assert_eq!(Arc::strong_count(&value), 1);
    });
}

#[test]
fn send_against_close() {
    check(|| {
        let (tx, mut rx) = oneshot::channel();
        let sender = thread::spawn(move || tx.send(Arc::new(1)).is_ok());
        rx.close();
        let received = rx.try_recv().is_ok();
        assert_eq!(sender.join().unwrap(), received);
    });
}

#[test]
fn closed_against_drop() {
    check(|| {
        let (mut tx, rx) = oneshot::channel::<Arc<i32>>();
        let receiver = thread::spawn(move || drop(rx));
        block_on(poll_fn(|cx| tx.poll_closed(cx)));
        assert!(tx.send(Arc::new(1)).is_err());
        receiver.join().unwrap();
    });
}

#[test]
fn both_wait_and_both_drop() {
    check(|| {
        let (mut tx, mut rx) = oneshot::channel::<Arc<i32>>();
        let sender = thread::spawn(move || {
            let _ = poll_once(pin!(poll_fn(|cx| tx.poll_closed(cx))));
        });
        let _ = poll_once(pin!(&mut rx));
        drop(rx);
        sender.join().unwrap();
    });
}
