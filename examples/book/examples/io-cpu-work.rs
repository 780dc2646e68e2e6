//! Computing beside IO: on the blocking pool, in place, or in pieces with a yield
//! between them.
//!
//! ```text
//! pool:     sum 500000500000, the pinger went on: true
//! in place: sum 500000500000
//! pieces:   sum 500000500000, the pinger went on: true
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sinew::task::{block_in_place, spawn_blocking, yield_now};

const N: u64 = 1_000_000;

fn sum(numbers: std::ops::RangeInclusive<u64>) -> u64 {
    numbers.sum()
}

async fn sum_in_pieces() -> u64 {
    let mut total = 0;
    for piece in 0..10 {
        total += sum(piece * N / 10 + 1..=(piece + 1) * N / 10);
        // Without this, no other task of this thread runs until the end.
        yield_now().await;
    }
    total
}

#[sinew::main(worker_threads = 2)]
async fn main() {
    // A task that stands for IO: it counts how often it is run.
    let turns = Arc::new(AtomicU64::new(0));
    let counted = turns.clone();
    let pinger = sinew::spawn(async move {
        loop {
            counted.fetch_add(1, Ordering::Relaxed);
            yield_now().await;
        }
    });
    // True once the pinger has run again, and there is no end to that if it cannot.
    let goes_on = || async {
        let before = turns.load(Ordering::Relaxed);
        while turns.load(Ordering::Relaxed) == before {
            yield_now().await;
        }
        true
    };

    let total = spawn_blocking(|| sum(1..=N)).await.expect("no panic");
    println!(
        "pool:     sum {total}, the pinger went on: {}",
        goes_on().await
    );
    // The other tasks of this worker move to another thread meanwhile.
    println!("in place: sum {}", block_in_place(|| sum(1..=N)));
    let total = sum_in_pieces().await;
    println!(
        "pieces:   sum {total}, the pinger went on: {}",
        goes_on().await
    );
    pinger.abort();
}
