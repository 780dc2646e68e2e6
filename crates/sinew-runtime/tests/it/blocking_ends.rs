//! What the `blocking_*` ends of locks may do on which thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use sinew_core::blocking;
use sinew_runtime::{Builder, spawn};
use sinew_sync::{Mutex, Semaphore};

#[test]
fn a_worker_hands_its_tasks_over() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let semaphore = Arc::new(Semaphore::new(0));
    let task = runtime.spawn(async move {
        let giver = semaphore.clone();
        spawn(async move { giver.add_permits(1) });
        // The only worker sleeps here, and the other task runs all the same.
        semaphore.blocking_acquire().unwrap().forget();
    });
    runtime.block_on(task).unwrap();
}

#[test]
fn the_only_thread_of_a_runtime_refuses() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let mutex = Mutex::new(());
    let refused = runtime.block_on(async {
        catch_unwind(AssertUnwindSafe(|| drop(mutex.blocking_lock()))).is_err()
    });
    assert!(refused);
    drop(mutex.blocking_lock());
}

#[test]
fn a_blocking_thread_may_sleep() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let mutex = Arc::new(Mutex::new(1));
    let value = runtime.block_on(async {
        let mutex = mutex.clone();
        sinew_runtime::spawn_blocking(move || *mutex.blocking_lock()).await
    });
    assert_eq!(value.unwrap(), 1);
    assert!(matches!(blocking::policy(), blocking::Policy::Allowed));
}
