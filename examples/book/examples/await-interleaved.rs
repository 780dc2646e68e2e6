//! Sequential and concurrent: the same sub-tasks in another order. Nothing runs in
//! parallel here, the runtime has one thread.
//!
//! ```text
//! one after the other: 1-1 1-2 1-3 2-1 2-2 2-3
//! concurrently:        1-1 2-1 1-2 2-2 1-3 2-3
//! ```

use sinew::task::yield_now;

/// Three steps, each followed by a chance for others to run. Tasks are not
/// interrupted: between two `.await`s nobody else runs on this thread.
async fn steps(task: u32, log: &std::cell::RefCell<Vec<String>>) {
    for step in 1..=3 {
        log.borrow_mut().push(format!("{task}-{step}"));
        yield_now().await;
    }
}

#[sinew::main(flavor = "current_thread")]
async fn main() {
    let log = std::cell::RefCell::default();
    steps(1, &log).await;
    steps(2, &log).await;
    println!("one after the other: {}", log.take().join(" "));

    // `futures::join!` polls in order; `sinew::join!` starts each turn at another
    // future, so that none is favoured.
    futures::join!(steps(1, &log), steps(2, &log));
    println!("concurrently:        {}", log.take().join(" "));
}
