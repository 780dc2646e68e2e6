//! A runtime without the attribute: built, entered, asked, shut down.
//!
//! ```text
//! block_on runs on the main thread: true
//! a closure that blocks runs on: pool, in the same runtime: true
//! in a runtime: false, entered: true
//! flavor: MultiThread, workers: 2
//! shut down; what was blocked for too long is left behind
//! ```

use std::thread;

use sinew::runtime::{Builder, Handle};
use sinew::time::Duration;

fn name() -> String {
    thread::current().name().unwrap_or("?").to_string()
}

fn main() -> std::io::Result<()> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("pool")
        .build()?;
    let main = runtime.block_on(async { name() });
    println!("block_on runs on the main thread: {}", main == "main");
    let id = runtime.handle().id();
    let closure = runtime.spawn_blocking(move || (name(), Handle::current().id() == id));
    let (name, same) = runtime.block_on(closure)?;
    println!("a closure that blocks runs on: {name}, in the same runtime: {same}");

    let outside = Handle::try_current().is_ok();
    let entered = runtime.enter();
    println!(
        "in a runtime: {outside}, entered: {}",
        Handle::try_current().is_ok()
    );
    drop(entered);

    let handle = runtime.handle();
    let workers = runtime.metrics().num_workers();
    println!("flavor: {:?}, workers: {workers}", handle.runtime_flavor());

    // Dropping the runtime would wait for the blocking pool, this does so for a while.
    runtime.shutdown_timeout(Duration::from_secs(1));
    println!("shut down; what was blocked for too long is left behind");
    Ok(())
}
