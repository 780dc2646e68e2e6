//! Each lock under the cancellation kit: nothing is lost, whoever is dropped when.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sinew_sync::{
    Barrier, CancellationToken, Condvar, Mutex, Notify, OnceCell, RwLock,
    RwLockUpgradableReadGuard, Semaphore, SetOnce, WaitGroup,
};
use sinew_testing::cancel::every_await;

/// Pending once, so that the others get their turn while something is held.
async fn turn() {
    let mut yielded = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return std::task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

#[test]
fn mutex() {
    every_await(
        || Arc::new(Mutex::new(0)),
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
fn rwlock() {
    every_await(
        || Arc::new(RwLock::new(0)),
        |script, lock| {
            let reader = lock.clone();
            script.actor(async move {
                let guard = reader.read().await;
                let before = *guard;
                turn().await;
                assert_eq!(*guard, before);
            });
            let writer = lock.clone();
            script.actor(async move { *writer.write().await += 1 });
            let upgrader = lock.clone();
            script.actor(async move {
                let guard = upgrader.upgradable_read().await;
                let before = *guard;
                turn().await;
                let mut guard = RwLockUpgradableReadGuard::upgrade(guard).await;
                assert_eq!(*guard, before);
                *guard += 1;
            });
        },
        |lock, ends| {
            let writes = [1, 2].map(|i| usize::from(ends.has_finished(i)));
            assert_eq!(*lock.try_write().unwrap(), writes[0] + writes[1]);
        },
    );
}

#[test]
fn semaphore() {
    every_await(
        || Arc::new(Semaphore::new(2)),
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

/// One notification, two who wait: whoever is dropped, it reaches somebody or stays.
#[test]
fn notify() {
    every_await(
        || Arc::new((Notify::new(), AtomicUsize::new(0))),
        |script, shared| {
            for _ in 0..2 {
                let shared = shared.clone();
                script.waiting_actor(async move {
                    shared.0.notified().await;
                    shared.1.fetch_add(1, Ordering::Relaxed);
                });
            }
            let shared = shared.clone();
            script.actor(async move { shared.0.notify_one() });
        },
        |shared, _| {
            let stored = std::pin::pin!(shared.0.notified()).enable();
            let seen = shared.1.load(Ordering::Relaxed);
            assert_eq!(seen + usize::from(stored), 1);
        },
    );
}

#[test]
fn condvar() {
    every_await(
        || Arc::new((Mutex::new(0), Condvar::new())),
        |script, shared| {
            for _ in 0..2 {
                let shared = shared.clone();
                script.waiting_actor(async move {
                    let guard = shared.0.lock().await;
                    let mut tickets = shared.1.wait_while(guard, |n| *n == 0).await;
                    *tickets -= 1;
                });
            }
            let shared = shared.clone();
            script.actor(async move {
                *shared.0.lock().await += 1;
                shared.1.notify_one();
            });
        },
        |shared, ends| {
            let taken = [0, 1].iter().filter(|i| ends.has_finished(**i)).count();
            let given = usize::from(ends.has_finished(2));
            assert_eq!(*shared.0.try_lock().unwrap() + taken, given);
            // A ticket is left over only if nobody stayed to take it.
            assert!(taken == given || ends.finished() < 3);
        },
    );
}

#[test]
fn barrier() {
    every_await(
        || Arc::new(Barrier::new(2)),
        |script, barrier| {
            for _ in 0..3 {
                let barrier = barrier.clone();
                script.waiting_actor(async move {
                    barrier.wait().await;
                });
            }
        },
        |_, ends| assert_ne!(ends.finished(), 3),
    );
}

#[test]
fn once_cell() {
    every_await(
        || Arc::new(OnceCell::new()),
        |script, cell| {
            for i in 0..3 {
                let cell = cell.clone();
                script.actor(async move {
                    let compute = || async {
                        turn().await;
                        i
                    };
                    cell.get_or_init(compute).await;
                });
            }
        },
        |cell, ends| assert!(cell.initialized() && ends.finished() >= 2),
    );
}

#[test]
fn set_once_and_wait_group_and_token() {
    every_await(
        || {
            let cell = Arc::new(SetOnce::new());
            (cell, CancellationToken::new(), WaitGroup::new())
        },
        |script, (cell, token, group)| {
            let (waits, sets) = (cell.clone(), cell.clone());
            script.actor(async move { assert_eq!(*waits.wait().await, 1) });
            let child = token.child_token();
            script.actor(async move { child.cancelled().await });
            let (member, cancels) = (group.clone(), token.clone());
            script.actor(async move {
                sets.set(1).unwrap();
                cancels.cancel();
                drop(member);
            });
        },
        |(cell, token, _), _| assert!(cell.initialized() && token.is_cancelled()),
    );
}
