//! Whoever waits says for what, and where in the source.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use sinew_core::leaf::{self, Kind};
use sinew_sync::{
    Barrier, CancellationToken, Condvar, Mutex, Notify, OnceCell, RwLock,
    RwLockUpgradableReadGuard, Semaphore, SetOnce, WaitGroup, broadcast, local, mpmc, mpsc,
    oneshot, watch,
};

/// The future waits, once, for something of this kind, in this file.
fn check<F: Future>(kind: Kind, future: F) {
    let mut future = pin!(future);
    // The second poll finds the future in its queue.
    for _ in 0..2 {
        let (polled, waits) = leaf::trace(|| {
            let polled = future
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
            matches!(polled, Poll::Pending)
        });
        assert!(polled);
        assert_eq!(waits.len(), 1, "{waits:?}");
        assert_eq!(waits[0].kind, kind);
        assert_eq!(waits[0].location.file(), file!());
    }
}

#[test]
fn locks() {
    let mutex = Arc::new(Mutex::new(()));
    let _held = mutex.try_lock().unwrap();
    check(Kind::Lock, mutex.lock());
    check(Kind::Lock, mutex.clone().lock_owned());
    let lock = Arc::new(RwLock::new(()));
    let reader = lock.try_read().unwrap();
    let upgradable = lock.try_upgradable_read().unwrap();
    check(Kind::Lock, lock.write());
    check(Kind::Lock, lock.clone().write_owned());
    check(Kind::Lock, lock.upgradable_read());
    check(Kind::Lock, lock.clone().upgradable_read_owned());
    check(Kind::Lock, RwLockUpgradableReadGuard::upgrade(upgradable));
    drop(reader);
    let _writer = lock.try_write().unwrap();
    check(Kind::Lock, lock.read());
    check(Kind::Lock, lock.clone().read_owned());
    let semaphore = Arc::new(Semaphore::new(1));
    check(Kind::Semaphore, semaphore.acquire_many(2));
    check(Kind::Semaphore, semaphore.clone().acquire_many_owned(2));
    let _one = semaphore.try_acquire().unwrap();
    check(Kind::Semaphore, semaphore.acquire());
    check(Kind::Semaphore, semaphore.clone().acquire_owned());
}

#[test]
fn signals() {
    let notify = Arc::new(Notify::new());
    check(Kind::Notify, notify.notified());
    check(Kind::Notify, notify.clone().notified_owned());
    let (mutex, condvar) = (Mutex::new(()), Condvar::new());
    check(Kind::Notify, condvar.wait(mutex.try_lock().unwrap()));
    let guard = mutex.try_lock().unwrap();
    check(Kind::Notify, condvar.wait_while(guard, |()| true));
    check(Kind::Barrier, Barrier::new(2).wait());
    let group = WaitGroup::new();
    let _member = group.clone();
    check(Kind::Barrier, group.wait());
    check(Kind::Once, SetOnce::<()>::new().wait());
    let cell = OnceCell::<()>::new();
    let mut first = pin!(cell.get_or_init(std::future::pending));
    let polled = first.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending());
    check(Kind::Semaphore, cell.get_or_init(async || ()));
    let token = CancellationToken::new();
    check(Kind::Cancellation, token.cancelled());
    check(Kind::Cancellation, token.clone().cancelled_owned());
}

#[test]
fn channels() {
    let (mut tx, rx) = oneshot::channel::<()>();
    check(Kind::Channel, tx.closed());
    check(Kind::Channel, rx);
    let (tx, mut rx) = mpsc::channel(1);
    check(Kind::Channel, rx.recv());
    check(Kind::Channel, rx.recv_many(&mut Vec::new(), 2));
    tx.try_send(()).unwrap();
    check(Kind::Channel, tx.send(()));
    check(Kind::Channel, tx.reserve());
    check(Kind::Channel, tx.reserve_many(1));
    check(Kind::Channel, tx.clone().reserve_owned());
    check(Kind::Notify, tx.closed());
    let (tx, mut rx) = mpsc::unbounded_channel::<()>();
    check(Kind::Channel, rx.recv());
    check(Kind::Notify, tx.closed());
    let (tx, rx) = mpmc::channel(1);
    check(Kind::Channel, rx.recv());
    tx.try_send(()).unwrap();
    check(Kind::Channel, tx.send(()));
    check(Kind::Notify, tx.closed());
    let (tx, mut rx) = broadcast::channel::<()>(1);
    check(Kind::Channel, rx.recv());
    check(Kind::Notify, tx.closed());
    let (tx, mut rx) = watch::channel(0);
    check(Kind::Channel, rx.changed());
    check(Kind::Channel, rx.wait_for(|value| *value == 1));
    check(Kind::Notify, tx.closed());
}

#[test]
fn on_one_thread() {
    let mutex = local::Mutex::new(());
    let _held = mutex.try_lock().unwrap();
    check(Kind::Lock, mutex.lock());
    check(Kind::Semaphore, local::Semaphore::new(0).acquire());
    check(Kind::Notify, local::Notify::new().notified());
    let (mut tx, rx) = local::oneshot::channel::<()>();
    check(Kind::Channel, tx.closed());
    check(Kind::Channel, rx);
    let (tx, mut rx) = local::mpsc::channel(1);
    check(Kind::Channel, rx.recv());
    tx.try_send(()).unwrap();
    check(Kind::Channel, tx.send(()));
    check(Kind::Channel, tx.reserve());
    let (_tx, mut rx) = local::watch::channel(0);
    check(Kind::Channel, rx.changed());
}
