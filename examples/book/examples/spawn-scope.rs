//! Structured concurrency: children that borrow from their caller and cannot outlive
//! it.
//!
//! ```text
//! scope: "tobe" and "ornot"
//! try_scope, ended by the first error: true
//! ```

use sinew::task::{scope, try_scope};

#[sinew::main]
async fn main() {
    let words = ["to", "be", "or", "not"];
    // The children run inside of this task: at the same time, not in parallel. That
    // is why they may borrow `words`.
    let (first, second) = scope(async |s| {
        let first = s.spawn(async { words[..2].concat() });
        let second = s.spawn(async { words[2..].concat() });
        (first.await, second.await)
    })
    .await;
    println!("scope: {first:?} and {second:?}");

    let numbers = ["1", "2", "three"];
    let result: Result<(), _> = try_scope(async |s| {
        for number in &numbers {
            drop(s.try_spawn(async move { number.parse::<u32>() }));
        }
        // Only the error ends this; it drops the other children first.
        std::future::pending().await
    })
    .await;
    println!("try_scope, ended by the first error: {}", result.is_err());
}
