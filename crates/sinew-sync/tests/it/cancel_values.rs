//! The channels that are no queues, under the cancellation kit.

use std::cell::RefCell;
use std::rc::Rc;

use sinew_sync::{broadcast, oneshot, watch};
use sinew_testing::cancel::every_await;

use crate::cancel_channels::{ended, give_up, take};

#[test]
fn oneshot_value_or_end() {
    every_await(
        || ended(oneshot::channel()),
        |script, shared| {
            let (mut tx, mut rx) = take(shared);
            let sends = shared.clone();
            script.actor(async move {
                give_up(tx.closed()).await;
                sends.1.sent(1, tx.send(1));
            });
            let shared = shared.clone();
            script.actor(async move {
                let first = give_up(&mut rx).await;
                let outcome = match first {
                    Some(outcome) => outcome,
                    None => rx.await,
                };
                outcome
                    .into_iter()
                    .for_each(|value| shared.1.received(value));
            });
        },
        |shared, ends| {
            if ends.has_finished(1) {
                shared.1.check();
            }
        },
    );
}

#[test]
fn broadcast_to_each() {
    every_await(
        || Rc::new(RefCell::new(Vec::new())),
        |script, received| {
            let (tx, rx) = broadcast::channel(2);
            for mut rx in [rx.resubscribe(), rx] {
                let received = received.clone();
                script.actor(async move {
                    let mut values = Vec::new();
                    values.extend(give_up(rx.recv()).await);
                    while let Ok(value) = rx.recv().await {
                        values.push(Ok(value));
                    }
                    received.borrow_mut().push(values);
                });
            }
            script.actor(async move {
                for value in 0..2 {
                    // An error: both receivers are gone.
                    let _ = tx.send(value);
                    give_up(std::future::pending::<()>()).await;
                }
            });
        },
        |received, ends| {
            for values in received.take() {
                let values: Vec<_> = values.into_iter().map_while(Result::ok).collect();
                assert!(values == [0, 1] || values == [0] || !ends.has_finished(2));
            }
        },
    );
}

#[test]
fn watch_shows_the_last() {
    every_await(
        || Rc::new(RefCell::new(Vec::new())),
        |script, seen| {
            let (tx, rx) = watch::channel(0);
            let (mut changes, noted) = (rx.clone(), seen.clone());
            script.actor(async move {
                give_up(changes.changed()).await;
                while changes.changed().await.is_ok() {}
                noted.borrow_mut().push(*changes.borrow());
            });
            let (mut waits, noted) = (rx, seen.clone());
            script.waiting_actor(async move {
                give_up(waits.wait_for(|value| *value == 2)).await;
                let value = waits
                    .wait_for(|value| *value == 2)
                    .await
                    .map(|value| *value);
                noted.borrow_mut().extend(value);
            });
            script.actor(async move {
                for value in 1..3 {
                    // An error: both receivers are gone.
                    let _ = tx.send(value);
                    give_up(tx.closed()).await;
                }
            });
        },
        |seen, ends| {
            let seen = seen.take();
            assert!(seen.iter().all(|value| *value == 2) || !ends.has_finished(2));
            let receivers = usize::from(ends.has_finished(0)) + usize::from(ends.has_finished(1));
            assert!(seen.len() == receivers || !ends.has_finished(2));
        },
    );
}
