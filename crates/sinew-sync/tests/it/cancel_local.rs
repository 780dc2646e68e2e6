//! What is for one thread under the cancellation kit.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use sinew_sync::local::{Mutex, Notify, Semaphore, mpsc, oneshot, watch};
use sinew_testing::cancel::every_await;

use crate::cancel_channels::{ended, give_up, take};
use crate::cancel_locks::turn;

#[test]
fn mutex() {
    every_await(
        || Rc::new(Mutex::new(0)),
        |script, mutex| {
            script.drops(2);
            for _ in 0..3 {
                let mutex = mutex.clone();
                script.actor(async move {
                    let mut guard = mutex.lock().await;
                    turn().await;
                    *guard += 1;
                });
            }
        },
        |mutex, ends| assert_eq!(*mutex.try_lock().unwrap(), ends.finished()),
    );
}

#[test]
fn semaphore() {
    every_await(
        || Rc::new(Semaphore::new(2)),
        |script, semaphore| {
            for n in [1, 2, 1] {
                let semaphore = semaphore.clone();
                script.actor(async move {
                    let permit = semaphore.acquire_many(n).await.unwrap();
                    turn().await;
                    drop(permit);
                });
            }
        },
        |semaphore, _| assert_eq!(semaphore.available_permits(), 2),
    );
}

#[test]
fn notify() {
    every_await(
        || Rc::new((Notify::new(), Cell::new(0))),
        |script, shared| {
            for _ in 0..2 {
                let shared = shared.clone();
                script.waiting_actor(async move {
                    shared.0.notified().await;
                    shared.1.set(shared.1.get() + 1);
                });
            }
            let shared = shared.clone();
            script.actor(async move { shared.0.notify_one() });
        },
        |shared, _| {
            let mut wait = std::pin::pin!(give_up(shared.0.notified()));
            let cx = &mut std::task::Context::from_waker(std::task::Waker::noop());
            let stored = std::future::Future::poll(wait.as_mut(), cx).is_ready();
            assert_eq!(shared.1.get() + usize::from(stored), 1);
        },
    );
}

#[test]
fn mpsc_send_reserve_and_recv() {
    every_await(
        || ended(mpsc::channel(1)),
        |script, shared| {
            let (tx, mut rx) = take(shared);
            for value in 0..2 {
                let (tx, shared) = (tx.clone(), shared.clone());
                script.actor(async move {
                    let sent = tx.send(value).await;
                    shared.1.sent(value, sent);
                });
            }
            let permits = shared.clone();
            script.actor(async move {
                if let Ok(permit) = tx.reserve().await {
                    permit.send(2);
                    permits.1.sent(2, Ok::<_, ()>(()));
                }
            });
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
                let outcome = match give_up(&mut rx).await {
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
fn watch_shows_the_last() {
    every_await(
        || Rc::new(RefCell::new(Vec::new())),
        |script, seen| {
            let (tx, mut rx) = watch::channel(0);
            let noted = seen.clone();
            script.actor(async move {
                give_up(rx.changed()).await;
                while rx.changed().await.is_ok() {}
                noted.borrow_mut().push(*rx.borrow());
            });
            script.actor(async move {
                for value in 1..3 {
                    // An error: the receiver is gone.
                    let _ = tx.send(value);
                    give_up(tx.closed()).await;
                }
            });
        },
        |seen, ends| {
            let seen = seen.take();
            assert!(seen.iter().all(|value| *value == 2) || !ends.has_finished(1));
            assert!(seen.len() == usize::from(ends.has_finished(0)) || !ends.has_finished(1));
        },
    );
}
