//! Readers, writers and the one who may become a writer.

use std::pin::pin;

use loom::sync::Arc;
use loom::thread;

use crate::model::{block_on, check, poll_once};
use crate::{RwLock, RwLockUpgradableReadGuard};

#[test]
fn two_writers() {
    check(|| {
        let lock = Arc::new(RwLock::new(0));
        let other = {
            let lock = lock.clone();
            thread::spawn(move || *block_on(lock.write()) += 1)
        };
        *block_on(lock.write()) += 1;
        other.join().unwrap();
        assert_eq!(*block_on(lock.read()), 2);
    });
}

#[test]
fn a_reader_sees_all_or_nothing() {
    check(|| {
        let lock = Arc::new(RwLock::new((0, 0)));
        let writer = {
            let lock = lock.clone();
            thread::spawn(move || {
                let mut pair = block_on(lock.write());
                *pair = (1, 1);
                let pair = pair.downgrade();
                assert_eq!(*pair, (1, 1));
            })
        };
        let pair = *block_on(lock.read());
        assert_eq!(pair.0, pair.1);
        writer.join().unwrap();
        assert!(lock.try_write().is_ok());
    });
}

/// A writer that gives up lets the readers behind it go on.
#[test]
fn a_dropped_writer_is_out_of_the_way() {
    check(|| {
        let lock = Arc::new(RwLock::new(0));
        let reader = lock.try_read().unwrap();
        let quitter = {
            let lock = lock.clone();
            thread::spawn(move || {
                let mut write = pin!(lock.write());
                let _ = poll_once(write.as_mut()).is_ready();
            })
        };
        drop(block_on(lock.read()));
        drop(reader);
        quitter.join().unwrap();
        assert!(lock.try_write().is_ok());
    });
}

#[test]
fn an_upgrade_meets_a_reader_that_leaves() {
    check(|| {
        let lock = Arc::new(RwLock::new(0));
        let upgradable = block_on(lock.upgradable_read());
        let reader = {
            let lock = lock.clone();
            thread::spawn(move || assert!(*block_on(lock.read()) <= 1))
        };
        *block_on(RwLockUpgradableReadGuard::upgrade(upgradable)) += 1;
        reader.join().unwrap();
        assert!(lock.try_write().is_ok());
    });
}

/// An upgrade that gives up lets go of the lock, whether it waited or had it already.
#[test]
fn a_dropped_upgrade_lets_go() {
    check(|| {
        let lock = Arc::new(RwLock::new(0));
        let upgradable = block_on(lock.upgradable_read());
        let others = {
            let lock = lock.clone();
            thread::spawn(move || {
                drop(block_on(lock.read()));
                *block_on(lock.write()) += 1;
            })
        };
        {
            let mut upgrade = pin!(RwLockUpgradableReadGuard::upgrade(upgradable));
            let _ = poll_once(upgrade.as_mut()).is_ready();
        }
        others.join().unwrap();
        assert_eq!(*lock.try_write().unwrap(), 1);
    });
}
