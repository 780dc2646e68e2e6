//! A deadlock of tasks: each holds a lock across an `.await` and waits for the other's.
//! The threads are idle and other tasks go on, so the system shows nothing; the table of
//! tasks does. Locks that are always taken in one order cannot do that.
//!
//! ```text
//! other tasks go on
//! fork then knife: waits for a lock
//! knife then fork: waits for a lock
//! in one order: both ate
//! ```

use std::sync::Arc;

use sinew::runtime::Handle;
use sinew::sync::{Barrier, Mutex};
use sinew::task::{Builder, JoinHandle, yield_now};

type Lock = Arc<Mutex<()>>;

/// Takes one lock, then the other, while a neighbour does the same.
fn eat(name: &str, first: &Lock, second: &Lock, both: Arc<Barrier>) -> JoinHandle<()> {
    let (first, second) = (first.clone(), second.clone());
    let eating = async move {
        let _first = first.lock().await;
        // Both have their first one now.
        both.wait().await;
        let _second = second.lock().await;
    };
    let spawned = Builder::new().name(name).spawn(eating);
    spawned.expect("a task can be spawned")
}

#[sinew::main(flavor = "current_thread")]
async fn main() {
    let (fork, knife) = (Lock::default(), Lock::default());
    let both = Arc::new(Barrier::new(2));
    let tasks = [
        eat("fork then knife", &fork, &knife, both.clone()),
        eat("knife then fork", &knife, &fork, both),
    ];
    let goes_on = sinew::spawn(async { "other tasks go on" });
    println!("{}", goes_on.await.expect("no panic"));

    let waits_for_lock = || {
        let mut names = Vec::new();
        for task in Handle::current().tasks() {
            if let (Some(name), Some(wait)) = (task.name, task.waits_for) {
                if wait.kind.as_str() == "lock" {
                    names.push(name);
                }
            }
        }
        names.sort();
        names
    };
    while waits_for_lock().len() < 2 {
        yield_now().await;
    }
    for name in waits_for_lock() {
        println!("{name}: waits for a lock");
    }
    // There is no way out but to end one of them.
    for task in tasks {
        let _ = task.cancel().await;
    }

    // Whoever has the fork can have the knife. Nobody waits for the neighbour with a
    // lock in hand, hence a barrier of one.
    for name in ["one", "two"] {
        let alone = Arc::new(Barrier::new(1));
        let eaten = eat(name, &fork, &knife, alone).await;
        eaten.expect("no panic");
    }
    println!("in one order: both ate");
}
