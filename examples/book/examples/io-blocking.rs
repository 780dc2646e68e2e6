//! Code that blocks holds up every task of its thread. How that shows, and where such
//! code belongs.
//!
//! ```text
//! polls of 100 ms or more while a task blocked its thread: 1
//! polls of 100 ms or more with spawn_blocking: 0
//! ```

use std::thread;

use sinew::runtime::{Builder, HistogramConfiguration, Runtime};
use sinew::time::Duration;

const LONG: Duration = Duration::from_millis(100);

/// A runtime that counts polls by how long they took, in two buckets.
fn watched() -> std::io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_metrics_poll_time_histogram()
        .metrics_poll_time_histogram_configuration(HistogramConfiguration::linear(LONG, 2))
        .build()
}

fn long_polls(runtime: &Runtime) -> u64 {
    // A poll is counted when it is over; after this one the one before has been.
    let after = runtime.spawn(async {});
    runtime.block_on(after).expect("no panic");
    let metrics = runtime.metrics();
    metrics.poll_time_histogram_bucket_count(0, 1)
}

fn block() {
    thread::sleep(LONG * 3 / 2);
}

fn main() -> std::io::Result<()> {
    let runtime = watched()?;
    let task = runtime.spawn(async { block() });
    runtime.block_on(task)?;
    let seen = long_polls(&runtime);
    println!("polls of 100 ms or more while a task blocked its thread: {seen}");

    let runtime = watched()?;
    // A thread of the blocking pool; the worker goes on with other tasks.
    let task = runtime.spawn(async { sinew::task::spawn_blocking(block).await });
    runtime.block_on(task)??;
    println!(
        "polls of 100 ms or more with spawn_blocking: {}",
        long_polls(&runtime)
    );
    Ok(())
}
