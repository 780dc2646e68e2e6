//! A change under the mutex, told afterwards, is not missed.

use std::pin::pin;

use loom::sync::Arc;
use loom::thread;

use crate::model::{block_on, check, poll_once};
use crate::{Condvar, Mutex};

#[test]
fn a_change_is_seen() {
    check(|| {
        let shared = Arc::new((Mutex::new(false), Condvar::new()));
        let changer = {
            let shared = shared.clone();
            thread::spawn(move || {
                *block_on(shared.0.lock()) = true;
                shared.1.notify_one();
            })
        };
        block_on(async {
            let guard = shared.0.lock().await;
            assert!(*shared.1.wait_while(guard, |changed| !*changed).await);
        });
        changer.join().unwrap();
    });
}

/// A waiter that leaves with a notification passes it on.
#[test]
fn a_dropped_wait_passes_its_notification_on() {
    check(|| {
        let shared = Arc::new((Mutex::new(()), Condvar::new()));
        let mut first = Box::pin({
            let guard = block_on(shared.0.lock());
            shared.1.wait(guard)
        });
        assert!(poll_once(first.as_mut()).is_pending());
        let mut second = pin!({
            let guard = block_on(shared.0.lock());
            shared.1.wait(guard)
        });
        assert!(poll_once(second.as_mut()).is_pending());
        let notifier = {
            let shared = shared.clone();
            thread::spawn(move || shared.1.notify_one())
        };
        drop(first);
        notifier.join().unwrap();
        drop(block_on(second));
    });
}
