//! What the locks promise beside mutual exclusion.

use std::future::Future;
use std::mem::size_of;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use sinew_core::coop;
use sinew_core::leaf::{self, Kind};
use sinew_core::record::Record;
use sinew_sync::{
    AtomicWaker, Barrier, CancellationToken, Condvar, Mutex, MutexGuard, Notify, OnceCell,
    OwnedMutexGuard, OwnedRwLockUpgradableReadGuard, RwLock, RwLockUpgradableReadGuard,
    RwLockWriteGuard, Semaphore, SemaphorePermit, SetOnce, WaitGroup, local,
};

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// The table in the crate's documentation.
#[test]
fn footprints() {
    assert_eq!(size_of::<Mutex<()>>(), 32);
    assert_eq!(size_of::<RwLock<()>>(), 40);
    assert_eq!(size_of::<Semaphore>(), 32);
    assert_eq!(size_of::<Notify>(), 32);
    assert_eq!(size_of::<Condvar>(), 24);
    assert_eq!(size_of::<Barrier>(), 48);
    assert_eq!(size_of::<OnceCell<u64>>(), 56);
    assert_eq!(size_of::<SetOnce<u64>>(), 48);
    assert_eq!(size_of::<WaitGroup>(), 8);
    assert_eq!(size_of::<CancellationToken>(), 8);
    assert_eq!(size_of::<AtomicWaker>(), 24);
    assert_eq!(size_of::<local::Mutex<()>>(), 32);
    assert_eq!(size_of::<local::Semaphore>(), 32);
    assert_eq!(size_of::<local::Notify>(), 40);
    assert_eq!(size_of::<MutexGuard<'_, ()>>(), 8);
    assert_eq!(size_of::<OwnedMutexGuard<()>>(), 8);
    assert_eq!(size_of::<RwLockWriteGuard<'_, ()>>(), 16);
    assert_eq!(size_of::<SemaphorePermit<'_>>(), 16);
    assert_eq!(size_of::<local::MutexGuard<'_, ()>>(), 8);
    assert_eq!(size_of::<local::SemaphorePermit<'_>>(), 16);
}

#[test]
fn a_mutex_is_handed_on_in_order() {
    let mutex = Mutex::new(());
    let guard = mutex.try_lock().unwrap();
    let (mut first, mut second) = (Box::pin(mutex.lock()), Box::pin(mutex.lock()));
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_pending());
    drop(guard);
    // Handed on already: nobody overtakes.
    assert!(mutex.try_lock().is_err());
    assert!(poll(second.as_mut()).is_pending());
    drop(first);
    assert!(poll(second.as_mut()).is_ready());
}

#[test]
fn a_writer_is_not_starved_by_readers() {
    let lock = RwLock::new(0);
    let reader = lock.try_read().unwrap();
    let mut writer = pin!(lock.write());
    assert!(poll(writer.as_mut()).is_pending());
    assert!(lock.try_read().is_err());
    drop(reader);
    assert!(poll(writer.as_mut()).is_ready());
}

#[test]
fn readers_go_on_together() {
    let lock = RwLock::new(0);
    let writer = lock.try_write().unwrap();
    let mut readers: Vec<_> = (0..50).map(|_| Box::pin(lock.read())).collect();
    for reader in &mut readers {
        assert!(poll(reader.as_mut()).is_pending());
    }
    drop(writer);
    let guards = readers.iter_mut().map(|reader| poll(reader.as_mut()));
    let guards: Vec<_> = guards.collect();
    assert!(guards.iter().all(Poll::is_ready));
}

#[test]
fn at_most_so_many_readers() {
    let lock = RwLock::with_max_readers(0, 2);
    let (first, second) = (lock.try_read().unwrap(), lock.try_read().unwrap());
    let mut third = pin!(lock.read());
    assert!(poll(third.as_mut()).is_pending());
    drop(first);
    assert!(poll(third.as_mut()).is_ready());
    drop(second);
}

#[test]
fn an_upgrade_goes_before_who_waits() {
    let lock = RwLock::new(1);
    let upgradable = lock.try_upgradable_read().unwrap();
    assert!(lock.try_upgradable_read().is_err());
    let reader = lock.try_read().unwrap();
    let mut writer = pin!(lock.write());
    assert!(poll(writer.as_mut()).is_pending());
    let Err(upgradable) = RwLockUpgradableReadGuard::try_upgrade(upgradable) else {
        panic!("there is another reader");
    };
    let mut upgrade = pin!(RwLockUpgradableReadGuard::upgrade(upgradable));
    assert!(poll(upgrade.as_mut()).is_pending());
    drop(reader);
    let Poll::Ready(mut upgraded) = poll(upgrade.as_mut()) else {
        panic!("it is the only reader left");
    };
    *upgraded = 2;
    assert!(poll(writer.as_mut()).is_pending());
    drop(upgraded);
    assert!(poll(writer.as_mut()).is_ready());
}

#[test]
fn an_upgrade_that_is_given_up_lets_go() {
    let lock = RwLock::new(1);
    let upgradable = lock.try_upgradable_read().unwrap();
    drop(RwLockUpgradableReadGuard::upgrade(upgradable));
    assert!(lock.try_write().is_ok());
}

#[test]
fn an_owned_upgrade_waits_for_readers_and_is_given_up_as_a_whole() {
    let lock = Arc::new(RwLock::new(1));
    let upgradable = lock.clone().try_upgradable_read_owned().unwrap();
    assert!(lock.clone().try_upgradable_read_owned().is_err());
    assert!(Arc::ptr_eq(
        OwnedRwLockUpgradableReadGuard::rwlock(&upgradable),
        &lock
    ));
    let reader = lock.try_read().unwrap();
    let Err(upgradable) = OwnedRwLockUpgradableReadGuard::try_upgrade(upgradable) else {
        panic!("there is another reader");
    };
    let mut upgrade = Box::pin(OwnedRwLockUpgradableReadGuard::upgrade(upgradable));
    assert!(poll(upgrade.as_mut()).is_pending());
    drop(reader);
    let Poll::Ready(mut upgraded) = poll(upgrade.as_mut()) else {
        panic!("it is the only reader left");
    };
    *upgraded = 2;
    drop(upgraded);

    // Given up before its first poll, and while it waits.
    let upgradable = lock.clone().try_upgradable_read_owned().unwrap();
    drop(OwnedRwLockUpgradableReadGuard::upgrade(upgradable));
    let upgradable = lock.clone().try_upgradable_read_owned().unwrap();
    let reader = lock.try_read().unwrap();
    let mut upgrade = Box::pin(OwnedRwLockUpgradableReadGuard::upgrade(upgradable));
    assert!(poll(upgrade.as_mut()).is_pending());
    drop((upgrade, reader));
    assert_eq!(*lock.try_write().unwrap(), 2);

    let upgradable = lock.clone().try_upgradable_read_owned().unwrap();
    let reader = OwnedRwLockUpgradableReadGuard::downgrade(upgradable);
    assert!(lock.clone().try_upgradable_read_owned().is_ok());
    drop(reader);
    assert_eq!(Arc::strong_count(&lock), 1);
}

#[test]
fn every_form_blocks_a_thread() {
    let lock = Arc::new(RwLock::new(0));
    std::thread::scope(|s| {
        s.spawn(|| *lock.blocking_write() += 1);
        s.spawn(|| *lock.clone().blocking_write_owned() += 1);
        s.spawn(|| assert!(*lock.blocking_read() <= 3));
        s.spawn(|| assert!(*lock.clone().blocking_read_owned() <= 3));
        s.spawn(|| {
            let guard = lock.blocking_upgradable_read();
            let before = *guard;
            let mut guard = sinew_core::block_on(RwLockUpgradableReadGuard::upgrade(guard));
            assert_eq!(*guard, before);
            *guard += 1;
        });
    });
    assert_eq!(*lock.try_read().unwrap(), 3);
}

#[test]
fn large_requests_are_not_starved() {
    let semaphore = Semaphore::new(2);
    let one = semaphore.try_acquire().unwrap();
    let mut two = pin!(semaphore.acquire_many(2));
    assert!(poll(two.as_mut()).is_pending());
    assert!(semaphore.try_acquire().is_err());
    drop(one);
    assert!(poll(two.as_mut()).is_ready());
}

/// More waiters than are woken in one go, of requests that do not end where a release does.
#[test]
fn permits_given_at_once_serve_many() {
    let semaphore = Semaphore::new(0);
    let mut waits: Vec<_> = (0..100)
        .map(|i| Box::pin(semaphore.acquire_many(1 + i % 3)))
        .collect();
    for wait in &mut waits {
        assert!(poll(wait.as_mut()).is_pending());
    }
    // 1 + 2 + 3 is wanted first: the third gets two and waits for one more.
    semaphore.add_permits(5);
    let permits: Vec<_> = [0, 1].map(|i| poll(waits[i].as_mut())).into();
    assert!(permits.iter().all(Poll::is_ready));
    assert!(poll(waits[2].as_mut()).is_pending());
    semaphore.add_permits(199);
    assert!(
        waits[2..]
            .iter_mut()
            .all(|wait| poll(wait.as_mut()).is_ready())
    );
    drop((permits, waits));
    assert_eq!(semaphore.available_permits(), 204);
}

#[test]
#[should_panic(expected = "would overflow MAX_PERMITS")]
fn permits_do_not_overflow() {
    Semaphore::new(Semaphore::MAX_PERMITS).add_permits(1);
}

#[test]
fn who_has_no_budget_left_keeps_its_turn() {
    let mutex = Mutex::new(());
    let record = Record::new(1);
    let guard = mutex.try_lock().unwrap();
    let mut waits = pin!(mutex.lock());
    record.scope(|| {
        let notify = Notify::new();
        for _ in 0..128 {
            notify.notify_one();
            assert!(poll(pin!(notify.notified())).is_ready());
        }
        assert!(poll(waits.as_mut()).is_pending());
    });
    let mut late = pin!(mutex.lock());
    assert!(poll(late.as_mut()).is_pending());
    drop(guard);
    assert!(poll(waits.as_mut()).is_ready());
}

/// Else all others would have to wait for its next turn, and stand in a queue from then
/// on.
#[test]
fn who_has_no_budget_left_takes_nothing_that_is_free() {
    let mutex = Mutex::new(());
    let rwlock = RwLock::new(());
    let semaphore = Semaphore::new(1);
    let local = local::Semaphore::new(1);
    let mut lock = pin!(mutex.lock());
    let mut read = pin!(rwlock.read());
    let mut acquire = pin!(semaphore.acquire());
    let mut acquire_local = pin!(local.acquire());
    Record::new(1).scope(|| {
        while coop::has_budget_remaining() {
            assert!(poll(pin!(coop::consume_budget())).is_ready());
        }
        assert!(poll(lock.as_mut()).is_pending());
        assert!(poll(read.as_mut()).is_pending());
        assert!(poll(acquire.as_mut()).is_pending());
        assert!(poll(acquire_local.as_mut()).is_pending());
    });
    assert!(mutex.try_lock().is_ok());
    assert!(rwlock.try_write().is_ok());
    assert!(semaphore.try_acquire().is_ok());
    assert!(local.try_acquire().is_ok());
    assert!(poll(lock.as_mut()).is_ready());
    assert!(poll(read.as_mut()).is_ready());
    assert!(poll(acquire.as_mut()).is_ready());
    assert!(poll(acquire_local.as_mut()).is_ready());
}

#[test]
fn waits_are_seen() {
    let mutex = Arc::new(Mutex::new(()));
    let _guard = mutex.try_lock().unwrap();
    let semaphore = Semaphore::new(0);
    let token = CancellationToken::new();
    let (_, waits) = leaf::trace(|| {
        assert!(poll(pin!(mutex.lock())).is_pending());
        assert!(poll(pin!(mutex.clone().lock_owned())).is_pending());
        assert!(poll(pin!(semaphore.acquire())).is_pending());
        assert!(poll(pin!(token.cancelled())).is_pending());
        assert!(poll(pin!(Barrier::new(2).wait())).is_pending());
    });
    let kinds: Vec<_> = waits.iter().map(|wait| wait.kind).collect();
    let expected = [
        Kind::Lock,
        Kind::Lock,
        Kind::Semaphore,
        Kind::Cancellation,
        Kind::Barrier,
    ];
    assert_eq!(kinds, expected);
    assert!(waits.iter().all(|wait| wait.location.file() == file!()));
    assert_eq!(waits[0].resource, waits[1].resource);
}

#[test]
fn a_deep_chain_of_tokens_is_dropped_and_cancelled() {
    let root = CancellationToken::new();
    let mut chain = vec![root.clone()];
    for _ in 0..10_000 {
        chain.push(chain[chain.len() - 1].child_token());
    }
    let last = chain.pop().unwrap();
    drop(chain);
    root.cancel();
    assert!(last.is_cancelled());
}
