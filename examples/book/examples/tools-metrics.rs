//! Insight into the runtime: what it counts by itself, all the time.
//!
//! ```text
//! spawned: 101, alive: 1
//! polls: at least one for each that ended: true
//! the workers were busy: true, and parked: true
//! waiting in queues: 0
//! timers and sockets: 0 descriptors of ours
//! ```

use sinew::runtime::{Builder, RuntimeMetrics};
use sinew::time::{Duration, sleep};

/// The sum of something over all workers.
fn sum(metrics: &RuntimeMetrics, of: impl Fn(usize) -> u64) -> u64 {
    (0..metrics.num_workers()).map(of).sum()
}

fn main() -> std::io::Result<()> {
    // The thread in `block_on` could run tasks as well; here it only waits, so that all
    // polls are those of the workers.
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .guest_block_on(false)
        .build()?;
    let tasks: Vec<_> = (0..100)
        .map(|_| runtime.spawn(sleep(Duration::from_millis(2))))
        .collect();
    let _endless = runtime.spawn(std::future::pending::<()>());
    runtime.block_on(async {
        for task in tasks {
            task.await?;
        }
        std::io::Result::Ok(())
    })?;

    // Read at any time, from any thread; a program may show them on a page of its own.
    let metrics = runtime.metrics();
    println!(
        "spawned: {}, alive: {}",
        metrics.spawned_tasks_count(),
        metrics.num_alive_tasks()
    );
    let polls = sum(&metrics, |it| metrics.worker_poll_count(it));
    println!("polls: at least one for each that ended: {}", polls >= 100);
    let busy = |it| metrics.worker_total_busy_duration(it).as_nanos() as u64;
    let parks = |it| metrics.worker_park_count(it);
    println!(
        "the workers were busy: {}, and parked: {}",
        sum(&metrics, busy) > 0,
        sum(&metrics, parks) > 0
    );
    let local = sum(&metrics, |it| metrics.worker_local_queue_depth(it) as u64);
    println!(
        "waiting in queues: {}",
        local + metrics.global_queue_depth() as u64
    );
    println!(
        "timers and sockets: {} descriptors of ours",
        metrics.io_driver_fd_registered_count()
    );
    Ok(())
}
