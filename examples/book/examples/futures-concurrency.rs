//! The `futures-concurrency` crate: the same operations as methods of tuples, arrays
//! and vectors. It knows no runtime, so the sleeps in it are ours.
//!
//! ```text
//! join:     ("a", 1)
//! race:     fast
//! try_join: Err("no")
//! race_ok:  Ok("yes")
//! merged:   [1, 2, 3, 4]
//! ```

use futures_concurrency::prelude::*;
use sinew::stream::{StreamExt, iter};
use sinew::time::{Duration, sleep};

async fn after<T>(millis: u64, value: T) -> T {
    sleep(Duration::from_millis(millis)).await;
    value
}

#[sinew::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    println!(
        "join:     {:?}",
        (after(20, "a"), after(10, 1)).join().await
    );
    println!(
        "race:     {}",
        [after(20, "slow"), after(10, "fast")].race().await
    );

    let results = || vec![after(10, Err("no")), after(20, Ok("yes"))];
    // The first error ends the one, the first success the other.
    println!("try_join: {:?}", results().try_join().await);
    println!(
        "race_ok:  {:?}",
        results().race_ok().await.map_err(|_| "none")
    );

    let merged = (iter([1, 2]), iter([3, 4])).merge();
    let mut merged: Vec<_> = merged.collect().await;
    merged.sort();
    println!("merged:   {merged:?}");
}
