//! Locks: std's for what is quick, an async one where the guard lives across an
//! `.await`.
//!
//! ```text
//! std: 10
//! async: 10
//! many readers or one writer: 1 1, then 2
//! ```

use std::sync::Arc;

use sinew::sync::{Mutex, RwLock};
use sinew::task::{JoinSet, yield_now};

#[sinew::main]
async fn main() {
    // The lock is held for an instant and never across an `.await`: std's is faster.
    let counter = Arc::new(std::sync::Mutex::new(0));
    let mut set = JoinSet::new();
    for _ in 0..10 {
        let counter = counter.clone();
        set.spawn(async move { *counter.lock().expect("nobody panics") += 1 });
    }
    set.join_all().await;
    println!("std: {}", counter.lock().expect("nobody panics"));

    let counter = Arc::new(Mutex::new(0));
    let mut set = JoinSet::new();
    for _ in 0..10 {
        let counter = counter.clone();
        set.spawn(async move {
            let mut guard = counter.lock().await;
            let seen = *guard;
            // Waiting for the lock holds up the task, not its thread. With std's
            // guard this would not be `Send`, and could deadlock.
            yield_now().await;
            *guard = seen + 1;
        });
    }
    set.join_all().await;
    println!("async: {}", counter.lock().await);

    let value = RwLock::new(1);
    {
        let (one, other) = (value.read().await, value.read().await);
        print!("many readers or one writer: {} {}, ", *one, *other);
    }
    *value.write().await += 1;
    println!("then {}", *value.read().await);
}
