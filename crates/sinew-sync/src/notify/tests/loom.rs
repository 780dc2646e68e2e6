//! Notifications against waits, drops and each other.

use std::pin::pin;

use loom::sync::Arc;
use loom::thread;

use crate::Notify;
use crate::model::{block_on, check, poll_once};

/// A wait that meets its notification always ends.
#[test]
fn one_is_never_missed() {
    check(|| {
        let notify = Arc::new(Notify::new());
        let notifier = {
            let notify = notify.clone();
            thread::spawn(move || notify.notify_one())
        };
        block_on(notify.notified());
        notifier.join().unwrap();
    });
}

#[test]
fn one_notification_goes_from_task_to_task() {
    check(|| {
        let notify = Arc::new(Notify::new());
        let other = {
            let notify = notify.clone();
            thread::spawn(move || {
                block_on(notify.notified());
                notify.notify_one();
            })
        };
        notify.notify_one();
        block_on(notify.notified());
        notify.notify_one();
        other.join().unwrap();
        block_on(notify.notified());
    });
}

/// A future that is dropped against a notification: it is not lost.
#[test]
fn a_dropped_wait_passes_its_notification_on() {
    check(|| {
        let notify = Arc::new(Notify::new());
        let quitter = {
            let notify = notify.clone();
            thread::spawn(move || {
                let mut notified = pin!(notify.notified());
                poll_once(notified.as_mut()).is_ready()
            })
        };
        notify.notify_one();
        if !quitter.join().unwrap() {
            block_on(notify.notified());
        }
    });
}

/// All means all: also those who were made but not yet polled.
#[test]
fn all_are_notified() {
    check(|| {
        let notify = Arc::new(Notify::new());
        let (first, second) = (notify.notified(), notify.notified());
        let notifier = {
            let notify = notify.clone();
            thread::spawn(move || notify.notify_waiters())
        };
        block_on(first);
        block_on(second);
        notifier.join().unwrap();
    });
}

/// `notify_waiters` against `notify_one`: the one is stored or was used.
#[test]
fn one_and_all() {
    check(|| {
        let notify = Arc::new(Notify::new());
        let mut first = Box::pin(notify.notified());
        first.as_mut().enable();
        let one = {
            let notify = notify.clone();
            thread::spawn(move || notify.notify_one())
        };
        notify.notify_waiters();
        one.join().unwrap();
        // Whoever told it, `first` is done; if it was told by all, the other
        // notification is there for the next.
        block_on(first.as_mut());
        drop(first);
    });
}
