//! Combinators: as on iterators, but closures may return futures, and streams can be
//! merged and slowed down.
//!
//! ```text
//! even squares: [4, 16]
//! merged: [1, 2, 10, 20]
//! in chunks: [[1, 2], [3]]
//! throttled: [1, 2, 3] in 30ms, its end too
//! ```

use std::future::ready;
use std::pin::pin;

use sinew::stream::{self, RuntimeStreamExt, StreamExt};
use sinew::time::{Duration, Instant};

#[sinew::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let squares = stream::iter(1..=4)
        .filter(|n| ready(n % 2 == 0))
        .then(async |n| n * n);
    println!("even squares: {:?}", squares.collect::<Vec<_>>().await);

    let merged = stream::iter([1, 2]).merge(stream::iter([10, 20]));
    let mut merged: Vec<_> = merged.collect().await;
    // They are interleaved at random, so that neither is favoured.
    merged.sort();
    println!("merged: {merged:?}");

    let chunks: Vec<_> = stream::iter(1..=3).chunks(2).collect().await;
    println!("in chunks: {chunks:?}");

    let start = Instant::now();
    let slow = pin!(stream::iter(1..=3).throttle(Duration::from_millis(10)));
    let slow: Vec<_> = slow.collect().await;
    println!("throttled: {slow:?} in {:?}, its end too", start.elapsed());
}
