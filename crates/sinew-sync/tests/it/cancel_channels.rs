//! The queues under the cancellation kit: no value, place or wake-up is lost,
//! whoever is dropped when.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use futures::{SinkExt, StreamExt};
use sinew_sync::{PollSender, mpmc, mpsc};
use sinew_testing::cancel::{Ends, every_await};

/// Polls a future once, keeps it while the others have a turn, and drops it.
pub(crate) async fn give_up<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut polled = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut polled, true) {
            return Poll::Ready(None);
        }
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    })
    .await
}

/// What was sent, by which actor, and what was received.
#[derive(Default)]
pub(crate) struct Seen {
    sent: RefCell<Vec<u32>>,
    received: RefCell<Vec<u32>>,
}

impl Seen {
    pub(crate) fn sent<E>(&self, value: u32, outcome: Result<(), E>) {
        if outcome.is_ok() {
            self.sent.borrow_mut().push(value);
        }
    }

    pub(crate) fn received(&self, value: u32) {
        self.received.borrow_mut().push(value);
    }

    /// All that was sent has come, and nothing else.
    pub(crate) fn check(&self) {
        let (mut sent, mut received) = (self.sent.take(), self.received.take());
        sent.sort_unstable();
        received.sort_unstable();
        assert_eq!(sent, received);
    }

    /// The same, but a send that was given up may have taken place.
    fn check_or_more(&self) {
        let received = self.received.take();
        assert!(
            self.sent
                .take()
                .iter()
                .all(|value| received.contains(value))
        );
        let mut once = received.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), received.len());
    }
}

pub(crate) type Ended<T> = Rc<(RefCell<Option<T>>, Seen)>;

pub(crate) fn ended<T>(ends: T) -> Ended<T> {
    Rc::new((RefCell::new(Some(ends)), Seen::default()))
}

pub(crate) fn take<T>(shared: &Ended<T>) -> T {
    shared.0.take().expect("taken once in each run")
}

#[test]
fn mpsc_send_and_recv() {
    every_await(
        || ended(mpsc::channel(1)),
        |script, shared| {
            let (tx, mut rx) = take(shared);
            for value in 0..3 {
                let (tx, shared) = (tx.clone(), shared.clone());
                script.actor(async move {
                    let sent = tx.send(value).await;
                    shared.1.sent(value, sent);
                });
            }
            let shared = shared.clone();
            script.actor(async move {
                if let Some(value) = give_up(rx.recv()).await {
                    shared.1.received(value.unwrap());
                }
                while let Some(value) = rx.recv().await {
                    shared.1.received(value);
                }
            });
        },
        |shared, ends| {
            // A receiver that was dropped has taken what was in the channel along.
            if ends.has_finished(3) {
                shared.1.check();
            }
        },
    );
}

/// Permits that are used, dropped, or never looked at; the receiver takes many.
#[test]
fn mpsc_permits_and_recv_many() {
    every_await(
        || (ended(mpsc::channel(2)), Rc::new(Cell::new(0))),
        |script, (shared, free)| {
            let (tx, mut rx) = take(shared);
            let (many, tx_many) = (shared.clone(), tx.clone());
            script.actor(async move {
                let Ok(permits) = tx_many.reserve_many(2).await else {
                    return;
                };
                for (permit, value) in permits.zip([10, 11]) {
                    permit.send(value);
                    many.1.sent(value, Ok::<_, ()>(()));
                }
            });
            let (owned, tx_owned) = (shared.clone(), tx.clone());
            script.actor(async move {
                let Ok(permit) = tx_owned.reserve_owned().await else {
                    return;
                };
                drop(permit.send(20));
                owned.1.sent(20, Ok::<_, ()>(()));
            });
            script.actor(async move {
                drop(give_up(tx.reserve()).await);
                drop(tx.reserve().await);
            });
            let (shared, free) = (shared.clone(), free.clone());
            script.actor(async move {
                let mut values = Vec::new();
                while rx.recv_many(&mut values, 2).await > 0 {
                    values.drain(..).for_each(|value| shared.1.received(value));
                }
                free.set(rx.capacity());
            });
        },
        |(shared, free), ends| {
            if ends.has_finished(3) {
                shared.1.check();
                assert_eq!(free.get(), 2);
            }
        },
    );
}

/// The receiver closes the channel while some wait, and one holds a permit.
#[test]
fn mpsc_close_waits_for_permits() {
    every_await(
        || ended(mpsc::channel(1)),
        |script, shared| {
            let (tx, mut rx) = take(shared);
            let (holds, tx_holds) = (shared.clone(), tx.clone());
            script.actor(async move {
                let Ok(permit) = tx_holds.reserve().await else {
                    return;
                };
                give_up(std::future::pending::<()>()).await;
                permit.send(1);
                holds.1.sent(1, Ok::<_, ()>(()));
            });
            let waits = shared.clone();
            script.actor(async move {
                let sent = tx.send(2).await;
                waits.1.sent(2, sent);
                tx.closed().await;
            });
            let shared = shared.clone();
            script.actor(async move {
                give_up(std::future::pending::<()>()).await;
                rx.close();
                while let Some(value) = rx.recv().await {
                    shared.1.received(value);
                }
            });
        },
        |shared, ends| {
            if ends.has_finished(2) {
                shared.1.check();
            }
        },
    );
}

#[test]
fn mpsc_unbounded() {
    every_await(
        || ended(mpsc::unbounded_channel()),
        |script, shared| {
            let (tx, mut rx) = take(shared);
            for value in 0..2 {
                let (tx, shared) = (tx.clone(), shared.clone());
                script.actor(async move {
                    give_up(std::future::pending::<()>()).await;
                    shared.1.sent(value, tx.send(value));
                });
            }
            let shared = shared.clone();
            script.actor(async move {
                if let Some(value) = give_up(rx.recv()).await {
                    shared.1.received(value.unwrap());
                }
                let mut values = Vec::new();
                while rx.recv_many(&mut values, 2).await > 0 {
                    values.drain(..).for_each(|value| shared.1.received(value));
                }
            });
        },
        |shared, ends| {
            if ends.has_finished(2) {
                shared.1.check();
            }
        },
    );
}

#[test]
fn poll_sender() {
    every_await(
        || ended(mpsc::channel(1)),
        |script, shared| {
            let (tx, mut rx) = take(shared);
            for value in 0..2 {
                let (mut tx, shared) = (PollSender::new(tx.clone()), shared.clone());
                script.actor(async move {
                    // Its place is kept in the sender, and given back here.
                    let reserved = give_up(poll_fn(|cx| tx.poll_reserve(cx))).await;
                    assert!(!matches!(reserved, Some(Ok(()))) || tx.abort_send());
                    let sent = tx.send(value).await;
                    shared.1.sent(value, sent);
                });
            }
            drop(tx);
            let shared = shared.clone();
            script.actor(async move {
                while let Some(value) = rx.next().await {
                    shared.1.received(value);
                }
            });
        },
        |shared, ends| {
            if ends.has_finished(2) {
                shared.1.check();
            }
        },
    );
}

type Mpmc = Ended<(mpmc::Sender<u32>, mpmc::Receiver<u32>)>;

fn check_mpmc(shared: &Mpmc, ends: &Ends, receivers: [usize; 2]) {
    // With one of them at least, nothing stays in the channel.
    assert!(
        receivers
            .iter()
            .any(|receiver| ends.has_finished(*receiver))
    );
    shared.1.check_or_more();
}

#[test]
fn mpmc_send_and_recv() {
    every_await(
        || ended(mpmc::channel(1)),
        |script, shared| {
            let (tx, rx) = take(shared);
            for value in 0..2 {
                let (tx, shared) = (tx.clone(), shared.clone());
                script.actor(async move {
                    let sent = tx.send(value).await;
                    shared.1.sent(value, sent);
                });
            }
            for _ in 0..2 {
                let (rx, shared) = (rx.clone(), shared.clone());
                script.actor(async move {
                    if let Some(Ok(value)) = give_up(rx.recv()).await {
                        shared.1.received(value);
                    }
                    while let Ok(value) = rx.recv().await {
                        shared.1.received(value);
                    }
                });
            }
        },
        |shared, ends| check_mpmc(shared, ends, [2, 3]),
    );
}

#[test]
fn mpmc_streams() {
    every_await(
        || ended(mpmc::unbounded_channel()),
        |script, shared| {
            let (tx, rx) = take(shared);
            let sends = shared.clone();
            script.actor(async move {
                for value in 0..2 {
                    sends.1.sent(value, tx.try_send(value));
                    give_up(std::future::pending::<()>()).await;
                }
            });
            for _ in 0..2 {
                let (mut rx, shared) = (rx.clone(), shared.clone());
                script.actor(async move {
                    while let Some(value) = rx.next().await {
                        shared.1.received(value);
                    }
                });
            }
        },
        |shared, ends| check_mpmc(shared, ends, [1, 2]),
    );
}

/// A value that a sink holds stays in line when the wait for it is given up.
#[test]
fn mpmc_sinks() {
    every_await(
        || ended(mpmc::channel(1)),
        |script, shared| {
            let (tx, rx) = take(shared);
            for value in [0, 10] {
                let (mut sink, shared) = (tx.clone().into_sink(), shared.clone());
                script.actor(async move {
                    let fed = sink.feed(value).await;
                    give_up(sink.flush()).await;
                    let flushed = fed.is_ok() && sink.flush().await.is_ok();
                    shared.1.sent(value, flushed.then_some(()).ok_or(()));
                });
            }
            drop(tx);
            for _ in 0..2 {
                let (rx, shared) = (rx.clone(), shared.clone());
                script.actor(async move {
                    while let Ok(value) = rx.recv().await {
                        shared.1.received(value);
                    }
                });
            }
        },
        |shared, ends| check_mpmc(shared, ends, [2, 3]),
    );
}
