//! Ways into an async mutex: waiting, trying, a guard that borrows nothing, and from a
//! thread without async.
//!
//! ```text
//! try_lock: taken, no waiting: true
//! lock_owned: the guard went into a task: 2
//! blocking_lock: 3
//! an atomic does for a counter: 4
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use sinew::sync::Mutex;

#[sinew::main]
async fn main() {
    let number = Arc::new(Mutex::new(1));
    {
        let _guard = number.lock().await;
        // Of use where there is something else to do meanwhile.
        println!(
            "try_lock: taken, no waiting: {}",
            number.try_lock().is_err()
        );
    }

    // Holds the `Arc` instead of borrowing the mutex, so it is `'static`.
    let mut guard = number.clone().lock_owned().await;
    let task = sinew::spawn(async move {
        *guard += 1;
        *guard
    });
    let seen = task.await.expect("no panic");
    println!("lock_owned: the guard went into a task: {seen}");

    // Blocks its thread. In a task that would hold up all others of the thread.
    let in_thread = number.clone();
    let thread = thread::spawn(move || {
        let mut guard = in_thread.blocking_lock();
        *guard += 1;
        *guard
    });
    println!("blocking_lock: {}", thread.join().expect("no panic"));

    // Needs no lock at all, and no `.await`.
    let counter = AtomicU32::new(3);
    counter.fetch_add(1, Ordering::Relaxed);
    println!(
        "an atomic does for a counter: {}",
        counter.load(Ordering::Relaxed)
    );
}
