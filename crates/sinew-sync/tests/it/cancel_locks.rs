//! Each lock under the cancellation kit: nothing is lost, whoever is dropped when.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sinew_sync::{
    Barrier, CancellationToken, Condvar, Mutex, Notify, OnceCell, PollSemaphore, RwLock,
    RwLockUpgradableReadGuard, Semaphore, SetOnce, WaitGroup,
};
use sinew_testing::cancel::every_await;

/// Pending once, so that the others get their turn while something is held.
pub(crate) async fn turn() {
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

/// The forms that own what they wait for.
#[test]
fn owned_locks() {
    every_await(
        || (Arc::new(Mutex::new(0)), Arc::new(RwLock::new(0))),
        |script, (mutex, lock)| {
            let (owned, writes) = (mutex.clone(), lock.clone());
            script.actor(async move {
                let mut guard = owned.lock_owned().await;
                *guard += 1;
                *writes.write_owned().await += 1;
            });
            let (owned, reads) = (mutex.clone(), lock.clone());
            script.actor(async move {
                let guard = reads.read_owned().await;
                let before = *guard;
                // Never together with the other order: it is let go first.
                drop(guard);
                let mut guard = owned.lock_owned().await;
                *guard += 1;
                assert!(before <= 1);
            });
            let writes = lock.clone();
            script.actor(async move {
                let guard = writes.write_owned().await.downgrade();
                turn().await;
                assert!(*guard <= 1);
            });
        },
        |(mutex, lock), ends| {
            let ended = |i| usize::from(ends.has_finished(i));
            // Who was dropped on his way to the second lock had the first.
            let count = *mutex.try_lock().unwrap();
            assert!(count == ended(0) + ended(1) || (count == ended(1) + 1 && ended(0) == 0));
            assert_eq!(*lock.try_write().unwrap(), ended(0));
        },
    );
}

#[test]
fn owned_permits() {
    every_await(
        || Arc::new(Semaphore::new(2)),
        |script, semaphore| {
            for n in [2, 1] {
                let semaphore = semaphore.clone();
                script.actor(async move {
                    let mut permits = semaphore.acquire_many_owned(n).await.unwrap();
                    turn().await;
                    drop(permits.split(1));
                    turn().await;
                });
            }
            let mut semaphore = PollSemaphore::new(semaphore.clone());
            script.actor(async move {
                let acquire = std::future::poll_fn(|cx| semaphore.poll_acquire_many(cx, 2));
                let permits = acquire.await.unwrap();
                turn().await;
                drop(permits);
                let acquire = std::future::poll_fn(|cx| semaphore.poll_acquire(cx));
                drop(acquire.await.unwrap());
            });
        },
        |semaphore, _| assert_eq!(semaphore.available_permits(), 2),
    );
}

/// A closed semaphore turns everybody away and takes back what was given.
#[test]
fn closed_semaphore() {
    every_await(
        || Arc::new(Semaphore::new(1)),
        |script, semaphore| {
            for n in [1, 2] {
                let semaphore = semaphore.clone();
                // The second gets an error or, if nobody closes it, waits for ever.
                script.waiting_actor(async move {
                    let permits = semaphore.acquire_many(n).await;
                    turn().await;
                    drop(permits);
                });
            }
            let semaphore = semaphore.clone();
            script.actor(async move {
                turn().await;
                semaphore.close();
            });
        },
        |semaphore, ends| {
            assert!(semaphore.is_closed() || !ends.has_finished(2));
            assert_eq!(semaphore.available_permits(), 1);
        },
    );
}

#[test]
fn owned_notifications_and_tokens() {
    every_await(
        || {
            let notify = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
            (notify, CancellationToken::new())
        },
        |script, ((notify, seen), token)| {
            let (waits, counts) = (notify.clone(), seen.clone());
            script.waiting_actor(async move {
                waits.notified_owned().await;
                counts.fetch_add(1, Ordering::Relaxed);
            });
            let (waits, counts, stops) = (notify.clone(), seen.clone(), token.child_token());
            script.actor(async move {
                // Given up by the token, its notification goes to the other.
                let notified = stops.run_until_cancelled(waits.notified()).await;
                counts.fetch_add(usize::from(notified.is_some()), Ordering::Relaxed);
            });
            let (notify, guard) = (notify.clone(), token.clone().drop_guard());
            script.actor(async move {
                notify.notify_one();
                turn().await;
                drop(guard);
            });
            let waits = token.clone();
            script.actor(async move { waits.cancelled_owned().await });
        },
        |((notify, seen), token), _| {
            assert!(token.is_cancelled());
            let stored = std::pin::pin!(notify.notified()).enable();
            assert_eq!(seen.load(Ordering::Relaxed) + usize::from(stored), 1);
        },
    );
}
