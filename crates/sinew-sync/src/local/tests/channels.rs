//! The local channels under the cancellation kit.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use sinew_core::block_on;
use sinew_testing::cancel::every_await;

use super::turn;
use crate::local::{mpsc, oneshot, watch};

fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

fn poll_shared<T>(
    rx: &RefCell<oneshot::Receiver<T>>,
    cx: &mut Context<'_>,
) -> Poll<Result<T, oneshot::error::RecvError>> {
    Pin::new(&mut *rx.borrow_mut()).poll(cx)
}

#[test]
fn a_value_that_was_sent_once_is_received_once() {
    every_await(
        || {
            let (tx, rx) = oneshot::channel();
            Rc::new((Cell::new(Some(tx)), RefCell::new(rx)))
        },
        |script, ends| {
            let sends = ends.clone();
            script.actor(async move {
                turn().await;
                sends.0.take().unwrap().send(7).unwrap();
            });
            let receives = ends.clone();
            // It waits for ever if the other is dropped: the sender stays in its place.
            script.waiting_actor(async move {
                let received = poll_fn(|cx| poll_shared(&receives.1, cx)).await;
                assert_eq!(received, Ok(7));
            });
        },
        |ends, _| {
            let rx = &mut *ends.1.borrow_mut();
            let sent = ends.0.take().is_none();
            // Received, or not sent, or still there for another try.
            assert!(rx.is_terminated() || !sent || rx.try_recv().is_ok() || !rx.is_empty());
        },
    );
}

#[test]
fn the_ends_of_a_oneshot_channel() {
    let (tx, mut rx) = oneshot::channel::<u32>();
    assert_eq!(rx.try_recv(), Err(oneshot::error::TryRecvError::Empty));
    drop(tx);
    assert_eq!(rx.try_recv(), Err(oneshot::error::TryRecvError::Closed));
    assert!(rx.is_terminated());

    let (mut tx, mut rx) = oneshot::channel();
    assert!(poll(tx.closed()).is_pending());
    rx.close();
    assert!(poll(tx.closed()).is_ready());
    assert_eq!(tx.send(1), Err(1));
    assert!(block_on(rx).is_err());

    let (tx, mut rx) = oneshot::channel();
    tx.send(1).unwrap();
    rx.close();
    assert!(!rx.is_empty());
    assert_eq!(block_on(rx), Ok(1));
}

/// Two senders and a place: what `send` says was sent is received, in the order of
/// each sender.
#[test]
fn what_was_sent_is_received() {
    every_await(
        || Rc::new((Cell::new(None), RefCell::new(Vec::new()), Cell::new(0))),
        |script, shared| {
            let (tx, rx) = mpsc::channel(1);
            for id in [0, 10] {
                let (tx, shared) = (tx.clone(), shared.clone());
                // It waits for ever if the receiver is dropped and put aside.
                script.waiting_actor(async move {
                    for i in 0..2 {
                        tx.send(id + i).await.unwrap();
                        shared.2.set(shared.2.get() + 1);
                    }
                });
            }
            drop(tx);
            let shared = shared.clone();
            let keep = Keep(shared.clone(), Some(rx));
            script.actor(async move {
                let mut keep = keep;
                while let Some(value) = keep.1.as_mut().unwrap().recv().await {
                    shared.1.borrow_mut().push(value);
                }
            });
        },
        |shared, _| {
            let mut received = shared.1.take();
            // An actor that was dropped has left its receiver here.
            if let Some(mut rx) = shared.0.take() {
                while let Ok(value) = rx.try_recv() {
                    received.push(value);
                }
            }
            for id in [0, 10] {
                let of_one: Vec<i32> = received
                    .iter()
                    .copied()
                    .filter(|value| (id..id + 2).contains(value))
                    .collect();
                assert!(of_one.is_sorted());
            }
            assert_eq!(received.len(), shared.2.get());
        },
    );
}

type Left = Rc<(
    Cell<Option<mpsc::Receiver<i32>>>,
    RefCell<Vec<i32>>,
    Cell<usize>,
)>;

struct Keep(Left, Option<mpsc::Receiver<i32>>);

impl Drop for Keep {
    fn drop(&mut self) {
        self.0.0.set(self.1.take());
    }
}

#[test]
fn a_closed_channel_ends_when_all_places_are_back() {
    let (tx, mut rx) = mpsc::channel(2);
    let permit = tx.try_reserve().unwrap();
    let other = tx.try_reserve().unwrap();
    assert_eq!(tx.try_send(0), Err(mpsc::error::TrySendError::Full(0)));
    rx.close();
    assert!(poll(tx.closed()).is_ready());
    assert_eq!(block_on(tx.send(3)), Err(mpsc::error::SendError(3)));
    assert!(poll(rx.recv()).is_pending());
    permit.send(1);
    assert_eq!(block_on(rx.recv()), Some(1));
    assert!(poll(rx.recv()).is_pending());
    drop(other);
    assert_eq!(block_on(rx.recv()), None);
}

/// A sender that got a place, and is dropped before it knows, after the close.
#[test]
fn a_place_that_nobody_took_up_ends_a_closed_channel() {
    let (tx, mut rx) = mpsc::channel(1);
    tx.try_send(1).unwrap();
    let mut sends = Box::pin(tx.send(2));
    let cx = &mut Context::from_waker(Waker::noop());
    assert!(sends.as_mut().poll(cx).is_pending());
    assert_eq!(rx.try_recv(), Ok(1));
    rx.close();
    let woken = Rc::new(Cell::new(false));
    let other = {
        let woken = woken.clone();
        async move {
            turn().await;
            drop(sends);
            woken.set(true);
        }
    };
    block_on(async { futures::join!(async { assert_eq!(rx.recv().await, None) }, other) });
    assert!(woken.get());
}

#[test]
fn senders_are_counted() {
    let (tx, mut rx) = mpsc::unbounded_channel();
    let weak = tx.downgrade();
    let other = weak.upgrade().unwrap();
    assert!(other.same_channel(&tx));
    assert_eq!((tx.strong_count(), tx.weak_count()), (2, 1));
    drop(other);
    tx.send(1).unwrap();
    tx.send(2).unwrap();
    tx.send(3).unwrap();
    drop(tx);
    assert!(weak.upgrade().is_none() && rx.is_closed());
    let mut values = Vec::new();
    assert_eq!(block_on(rx.recv_many(&mut values, 0)), 0);
    assert_eq!(block_on(rx.recv_many(&mut values, 2)), 2);
    assert_eq!(block_on(rx.recv()), Some(3));
    assert_eq!(block_on(rx.recv_many(&mut values, 2)), 0);
    assert_eq!(values, [1, 2]);
}

/// Values that hold a sender of their own channel keep nothing alive.
#[test]
fn a_channel_in_itself_is_freed() {
    #[expect(dead_code, reason = "they are there to be dropped")]
    struct Loop(mpsc::UnboundedSender<Loop>, Rc<()>);

    let count = Rc::new(());
    let (tx, rx) = mpsc::unbounded_channel();
    assert!(tx.send(Loop(tx.clone(), count.clone())).is_ok());
    drop(rx);
    assert!(tx.send(Loop(tx.clone(), count.clone())).is_err());
    assert_eq!(Rc::strong_count(&count), 1);
}

#[test]
fn every_receiver_sees_the_last_value() {
    every_await(
        || Rc::new(watch::Sender::new(0)),
        |script, tx| {
            for _ in 0..2 {
                let mut rx = tx.subscribe();
                script.waiting_actor(async move {
                    assert_eq!(*rx.wait_for(|value| *value == 2).await.unwrap(), 2);
                });
            }
            let tx = tx.clone();
            script.actor(async move {
                tx.send_replace(1);
                turn().await;
                tx.send_replace(2);
            });
        },
        |tx, _| {
            tx.send_replace(2);
        },
    );
}

#[test]
fn the_ends_of_a_watch_channel() {
    let (tx, mut rx) = watch::channel(1);
    assert!(poll(rx.changed()).is_pending());
    assert!(!tx.send_if_modified(|_| false));
    assert!(poll(rx.changed()).is_pending());
    tx.send(2).unwrap();
    assert!(rx.has_changed().unwrap() && rx.borrow().has_changed());
    block_on(rx.changed()).unwrap();
    rx.mark_changed();
    block_on(rx.changed()).unwrap();
    assert_eq!(*rx.borrow_and_update(), 2);

    let mut late = rx.clone();
    drop(rx);
    assert!(poll(tx.closed()).is_pending());
    tx.send(3).unwrap();
    let other = tx.clone();
    drop(tx);
    assert_eq!(other.sender_count(), 1);
    drop(other);
    assert!(late.is_closed() && late.has_changed().is_err());
    block_on(late.changed()).unwrap();
    assert!(block_on(late.changed()).is_err());
    assert!(block_on(late.wait_for(|value| *value == 0)).is_err());

    let (tx, rx) = watch::channel(1);
    drop(rx);
    assert!(poll(tx.closed()).is_ready());
    assert_eq!(tx.send(2), Err(watch::error::SendError(2)));
    assert_eq!(*tx.borrow(), 1);
}

#[test]
#[should_panic(expected = "already")]
fn a_borrowed_value_is_not_changed() {
    let (tx, rx) = watch::channel(1);
    let _value = rx.borrow();
    tx.send_replace(2);
}

/// Places reserved in all ways, some used and some dropped, with one dropped actor.
#[test]
fn reserved_places_come_back() {
    every_await(
        || Rc::new((RefCell::new(Vec::new()), Cell::new(0))),
        |script, shared| {
            let (tx, mut rx) = mpsc::channel(2);
            let many = tx.clone();
            script.actor(async move {
                if let Ok(permits) = many.reserve_many(2).await {
                    turn().await;
                    permits.take(1).for_each(|permit| permit.send(1));
                }
            });
            let owned = tx.clone();
            script.actor(async move {
                if let Ok(permit) = owned.reserve_owned().await {
                    turn().await;
                    drop(permit.send(2));
                }
            });
            script.actor(async move {
                drop(tx.reserve().await);
                if let Ok(permit) = tx.reserve_owned().await {
                    drop(permit.release());
                }
            });
            let shared = shared.clone();
            script.actor(async move {
                while let Some(value) = rx.recv().await {
                    shared.0.borrow_mut().push(value);
                }
                shared.1.set(rx.capacity());
            });
        },
        |shared, ends| {
            if ends.has_finished(3) {
                let of = |actor| usize::from(ends.has_finished(actor));
                let count = |value| {
                    shared
                        .0
                        .borrow()
                        .iter()
                        .filter(|got| **got == value)
                        .count()
                };
                assert_eq!((count(1), count(2)), (of(0), of(1)));
                assert_eq!(shared.1.get(), 2);
            }
        },
    );
}

#[test]
fn places_that_cannot_be_reserved() {
    let (tx, rx) = mpsc::channel::<i32>(2);
    assert!(poll(tx.reserve_many(3)).map(|permits| permits.is_err()) == Poll::Ready(true));
    assert_eq!(
        tx.try_reserve_many(3).unwrap_err(),
        mpsc::error::TrySendError::Full(())
    );
    let permits = tx.try_reserve_many(2).unwrap();
    assert_eq!((permits.len(), tx.capacity()), (2, 0));
    let tx = tx.clone().try_reserve_owned().unwrap_err().into_inner();
    drop(permits);
    let (one, two) = (
        tx.clone().try_reserve_owned().unwrap(),
        tx.try_reserve_many(0),
    );
    assert!(two.is_ok_and(|none| none.len() == 0));
    assert!(one.same_channel_as_sender(&tx));
    drop((rx, one));
    assert_eq!(
        tx.try_reserve().unwrap_err(),
        mpsc::error::TrySendError::Closed(())
    );
    assert!(poll(tx.reserve_owned()).map(|permit| permit.is_err()) == Poll::Ready(true));
}
