//! Debugging: what every task waits for, and where. A backtrace shows only who polls.
//!
//! ```text
//! sleeper: time[..]tools-task-dump.rs[..]
//! stuck: [..]tools-task-dump.rs[..]
//! ```

use sinew::runtime::Handle;
use sinew::sync::Notify;
use sinew::task::{Builder, TaskInfo, yield_now};
use sinew::time::{Duration, sleep};

#[sinew::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    Builder::new()
        .name("sleeper")
        .spawn(async { sleep(Duration::from_secs(60)).await })?;
    Builder::new()
        .name("stuck")
        .spawn(async { Notify::new().notified().await })?;
    // Until both have been polled and wait for something.
    let waiting = |tasks: &[TaskInfo]| tasks.iter().all(|task| task.waits_for.is_some());
    let mut tasks = Handle::current().tasks();
    while !waiting(&tasks) {
        yield_now().await;
        tasks = Handle::current().tasks();
    }
    tasks.sort_by_key(|task| task.name.clone());
    for task in tasks {
        let name = task.name.as_deref().unwrap_or("?");
        let Some(wait) = task.waits_for else { continue };
        println!("{name}: {} at {}", wait.kind.as_str(), wait.location);
    }
    Ok(())
}
