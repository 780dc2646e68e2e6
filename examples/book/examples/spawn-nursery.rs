//! A nursery: parallel tasks that belong to somebody, who hears of what becomes of
//! them.
//!
//! ```text
//! all ended: true
//! the first error: "parse" of "requests": invalid digit found in string
//! its neighbour was aborted: true
//! clean-up ran
//! not ended in time: ["stubborn"]
//! ```

use std::future::pending;
use std::sync::mpsc;
use std::time::Duration;

use sinew::task::Nursery;

#[sinew::main]
async fn main() {
    // Unlike those of a scope, the tasks run in parallel and own what they use.
    let nursery = Nursery::new("sums");
    for n in 1..=3 {
        nursery.spawn(async move { assert_eq!((0..=n).sum::<u32>(), n * (n + 1) / 2) });
    }
    println!("all ended: {}", nursery.join().await.is_ok());

    first_error().await;
    cancelled().await;
}

/// The first error ends the others, and the owner is told which it was.
async fn first_error() {
    let (alive, neighbour) = mpsc::channel::<()>();
    let nursery = Nursery::new("requests");
    nursery.spawn(async move {
        let _alive = alive;
        pending::<()>().await;
    });
    nursery.spawn_named("parse", async { "three".parse::<u32>().map(drop) });
    let failed = nursery.join().await.unwrap_err();
    let failure = failed.first();
    println!(
        "the first error: {:?} of {:?}: {}",
        failure.name().unwrap_or_default(),
        failure.nursery(),
        failure.error().map(ToString::to_string).unwrap_or_default(),
    );
    println!("its neighbour was aborted: {}", neighbour.recv().is_err());
}

/// Cancelling asks first, and aborts when the grace is over.
async fn cancelled() {
    let nursery = Nursery::new("connections");
    let token = nursery.token().clone();
    nursery.spawn_named("polite", async move { token.cancelled().await });
    nursery.spawn_named("stubborn", pending::<()>());
    nursery.defer(async { println!("clean-up ran") });
    let report = nursery.cancel(Duration::from_millis(50)).await;
    let names = report.stragglers.iter().filter_map(|it| it.name.as_deref());
    println!("not ended in time: {:?}", names.collect::<Vec<_>>());
}
