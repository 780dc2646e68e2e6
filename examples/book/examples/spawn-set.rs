//! Many tasks: a `JoinSet` gives outputs in the order in which tasks end, and aborts
//! what is left when it is dropped.
//!
//! ```text
//! [10, 20, 30]
//! left when the set was dropped: 0
//! ```

use std::sync::Arc;

use sinew::task::{JoinSet, yield_now};
use sinew::time::{Duration, sleep};

#[sinew::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let mut set = JoinSet::new();
    for delay in [30, 10, 20] {
        set.spawn(async move {
            sleep(Duration::from_millis(delay)).await;
            delay
        });
    }
    let mut ended = Vec::new();
    while let Some(output) = set.join_next().await {
        ended.push(output.expect("no task panics here"));
    }
    println!("{ended:?}");

    let alive = Arc::new(());
    let mut endless = JoinSet::new();
    for _ in 0..3 {
        let alive = alive.clone();
        endless.spawn(async move {
            let _alive = alive;
            std::future::pending::<()>().await;
        });
    }
    drop(endless);
    // Aborted tasks are dropped by their executor, at its next turn.
    while Arc::strong_count(&alive) > 1 {
        yield_now().await;
    }
    println!(
        "left when the set was dropped: {}",
        Arc::strong_count(&alive) - 1
    );
}
