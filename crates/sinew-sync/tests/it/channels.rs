//! What all channels have in common: a wait that is given up leaves nothing behind,
//! a busy task gives way, and a waiting one says for what.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures::StreamExt;
use sinew_core::leaf::{self, Kind};
use sinew_core::{block_on, coop};
use sinew_sync::{broadcast, mpmc, mpsc, oneshot, watch};

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    poll(pin!(future))
}

#[test]
fn a_sender_that_gives_up_lets_the_next_in() {
    let (tx, mut rx) = mpsc::channel(1);
    tx.try_send(0).unwrap();
    let mut second = Box::pin(tx.send(2));
    {
        let mut first = pin!(tx.send(1));
        assert!(poll(first.as_mut()).is_pending());
        assert!(poll(second.as_mut()).is_pending());
        // The place goes to the first, which is dropped without using it.
        assert_eq!(rx.try_recv(), Ok(0));
    }
    assert_eq!(poll(second.as_mut()), Poll::Ready(Ok(())));
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn many_places_wait_in_turn() {
    let (tx, mut rx) = mpsc::channel(3);
    (0..3).for_each(|i| tx.try_send(i).unwrap());
    let mut many = pin!(tx.reserve_many(2));
    let mut one = pin!(tx.reserve());
    assert!(poll(many.as_mut()).is_pending());
    assert!(poll(one.as_mut()).is_pending());
    rx.try_recv().unwrap();
    assert!(poll(one.as_mut()).is_pending(), "nobody overtakes");
    rx.try_recv().unwrap();
    assert!(poll(many.as_mut()).is_ready());
    rx.try_recv().unwrap();
    assert!(poll(one.as_mut()).is_ready());
}

#[test]
fn a_receiver_that_gives_up_passes_its_wake_up_on() {
    let (tx, rx) = mpmc::channel(2);
    let mut first = Box::pin(rx.recv());
    let mut second = pin!(rx.recv());
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_pending());
    tx.try_send(1).unwrap();
    drop(first);
    assert_eq!(poll(second.as_mut()), Poll::Ready(Ok(1)));
}

#[test]
fn a_waiting_value_takes_the_place_that_becomes_free() {
    let (tx, rx) = mpmc::channel(1);
    tx.try_send(1).unwrap();
    let mut waiting = pin!(tx.send(2));
    assert!(poll(waiting.as_mut()).is_pending());
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(rx.len(), 1);
    assert_eq!(poll(waiting.as_mut()), Poll::Ready(Ok(())));
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn a_closed_mpmc_channel_gives_waiting_values_back() {
    let (tx, rx) = mpmc::channel(1);
    tx.try_send(1).unwrap();
    let mut waiting = pin!(tx.send(2));
    assert!(poll(waiting.as_mut()).is_pending());
    assert!(rx.close());
    assert!(matches!(poll(waiting.as_mut()), Poll::Ready(Err(error)) if error.0 == 2));
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(rx.try_recv(), Err(mpmc::error::TryRecvError::Closed));
}

#[test]
fn ends_close_an_mpmc_channel() {
    let (tx, rx) = mpmc::channel(1);
    let (weak_tx, weak_rx) = (tx.downgrade(), rx.downgrade());
    assert!(weak_tx.upgrade().is_some() && weak_rx.upgrade().is_some());
    drop(rx);
    assert!(tx.is_closed() && weak_rx.upgrade().is_none());
    assert!(tx.force_send(1).is_err());
    drop(tx);
    assert!(weak_tx.upgrade().is_none());
}

#[test]
fn receivers_are_streams() {
    block_on(async {
        let (tx, rx) = mpsc::channel(4);
        (0..3).for_each(|i| tx.try_send(i).unwrap());
        drop(tx);
        assert_eq!(rx.collect::<Vec<_>>().await, [0, 1, 2]);

        let (tx, rx) = mpmc::channel(4);
        let other = rx.clone();
        let sender = std::thread::spawn(move || {
            for i in 0..100 {
                tx.blocking_send(i).unwrap();
            }
        });
        let (a, b) = sinew_core::join!(rx.count(), other.count());
        assert_eq!(a + b, 100);
        sender.join().unwrap();
    });
}

/// Whether a task that does nothing but this gives way in the end.
fn gives_way<T>(mut operation: impl FnMut() -> Poll<T>) {
    coop::budget(|| {
        let ready = (0..1000).take_while(|_| operation().is_ready()).count();
        assert_eq!(ready, 128);
    });
}

#[test]
fn a_busy_task_gives_way() {
    let (tx, mut rx) = mpsc::channel(2000);
    gives_way(|| poll_once(tx.send(1)));
    gives_way(|| poll_once(rx.recv()));
    drop(tx);
    let (tx, rx) = mpmc::channel(2000);
    gives_way(|| poll_once(tx.send(1)));
    gives_way(|| poll_once(rx.recv()));
    let (tx, mut rx) = broadcast::channel(256);
    (0..200).for_each(|i| assert_eq!(tx.send(i).unwrap(), 1));
    gives_way(|| poll_once(rx.recv()));
    let (tx, mut rx) = watch::channel(0);
    gives_way(|| {
        tx.send_replace(1);
        poll_once(rx.changed()).map(drop)
    });
    gives_way(|| {
        let (tx, rx) = oneshot::channel();
        tx.send(1).unwrap();
        poll_once(rx)
    });
}

#[test]
fn waits_say_where_they_are() {
    let (tx, mut rx) = mpsc::channel::<i32>(1);
    let (polled, waits) = leaf::trace(|| poll_once(rx.recv()));
    assert!(polled.is_pending());
    assert_eq!(waits[0].kind, Kind::Channel);
    assert_eq!(waits[0].location.file(), file!());
    tx.try_send(1).unwrap();
    let (_, waits) = leaf::trace(|| poll_once(tx.send(2)));
    assert_eq!(waits[0].location.file(), file!());
    let (_tx, rx) = oneshot::channel::<i32>();
    let (_, waits) = leaf::trace(|| poll_once(rx));
    assert_eq!(waits[0].kind, Kind::Channel);
}

#[cfg(feature = "time")]
#[test]
fn send_timeout_gives_the_value_back() {
    use sinew_sync::mpsc::error::SendTimeoutError;
    use std::time::Duration;

    block_on(async {
        let (tx, rx) = mpsc::channel(1);
        tx.send_timeout(1, Duration::MAX).await.unwrap();
        let late = tx.send_timeout(2, Duration::from_millis(1)).await;
        assert_eq!(late, Err(SendTimeoutError::Timeout(2)));
        drop(rx);
        let closed = tx.send_timeout(3, Duration::MAX).await;
        assert_eq!(closed, Err(SendTimeoutError::Closed(3)));
    });
}

/// The place that a receiver makes is filled by a sender that waits, and that value is
/// for the next receiver that waits, which nobody else would wake.
#[test]
fn a_value_that_takes_a_free_place_wakes_the_next_receiver() {
    struct Woken(AtomicBool);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let (tx, rx) = mpmc::channel(1);
    let woken = Arc::new(Woken(AtomicBool::new(false)));
    let waker = Waker::from(woken.clone());
    let (mut first, mut second) = (pin!(rx.recv()), pin!(rx.recv()));
    assert!(poll(first.as_mut()).is_pending());
    let mut cx = Context::from_waker(&waker);
    assert!(second.as_mut().poll(&mut cx).is_pending());
    tx.try_send(0).unwrap(); // wakes the first
    let mut sending = pin!(tx.send(1));
    assert!(poll(sending.as_mut()).is_pending());
    assert_eq!(poll(first), Poll::Ready(Ok(0)));
    assert!(woken.0.load(Ordering::SeqCst));
    assert_eq!(poll(second), Poll::Ready(Ok(1)));
    assert_eq!(poll(sending), Poll::Ready(Ok(())));
}
