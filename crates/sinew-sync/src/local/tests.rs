//! The local locks under the cancellation kit.

mod channels;
mod oneshot;

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use sinew_testing::cancel::every_await;

use crate::local::{Mutex, Notify, Semaphore};

async fn turn() {
    let mut yielded = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

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
fn a_closed_semaphore_tells_who_waits() {
    every_await(
        || Rc::new(Semaphore::new(0)),
        |script, semaphore| {
            let (waits, closes) = (semaphore.clone(), semaphore.clone());
            script.actor(async move { assert!(waits.acquire().await.is_err()) });
            script.actor(async move { closes.close() });
        },
        |semaphore, _| assert!(semaphore.try_acquire().is_err()),
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
            let stored = std::pin::pin!(shared.0.notified()).enable();
            assert_eq!(shared.1.get() + usize::from(stored), 1);
        },
    );
}

#[test]
fn all_are_notified() {
    every_await(
        || Rc::new(Notify::new()),
        |script, notify| {
            for _ in 0..2 {
                let notified = notify.clone();
                script.waiting_actor(async move { notified.notified().await });
            }
            let notify = notify.clone();
            script.actor(async move {
                turn().await;
                notify.notify_waiters();
            });
        },
        |_, _| {},
    );
}
