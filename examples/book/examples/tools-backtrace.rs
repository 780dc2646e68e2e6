//! Backtraces. The async functions that await each other are on the stack while the task
//! is polled, below them the runtime. Who spawned the task is not: that has long gone on,
//! and the runtime remembers the place. A task that waits has no stack at all, but the
//! leaf where it stopped is noted.
//!
//! ```text
//! in a poll: 3 frames of this file, then the runtime's: true
//! the line that spawned it is among them: false
//! spawned at: [..]tools-backtrace.rs:[..]
//! while it waits: notify at [..]tools-backtrace.rs:[..]
//! both branches of a join, at one poll: ["timer", "notify"]
//! ```

use std::backtrace::Backtrace;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use sinew::core::leaf;
use sinew::runtime::Handle;
use sinew::sync::{Notify, oneshot};
use sinew::task::{JoinHandle, yield_now};
use sinew::time::{Duration, sleep};

/// What `RUST_BACKTRACE=1` prints when a task panics here.
async fn innermost(tell: oneshot::Sender<String>, go_on: Arc<Notify>) {
    let _ = tell.send(Backtrace::force_capture().to_string());
    go_on.notified().await;
}

async fn middle(tell: oneshot::Sender<String>, go_on: Arc<Notify>) {
    // Each poll comes this way, later ones as well: the runtime polls the outermost
    // future, and that the one which it awaits.
    innermost(tell, go_on).await;
}

async fn outer(tell: oneshot::Sender<String>, go_on: Arc<Notify>) {
    middle(tell, go_on).await;
}

fn start(go_on: Arc<Notify>) -> (JoinHandle<()>, oneshot::Receiver<String>) {
    let (tell, told) = oneshot::channel();
    (sinew::spawn(outer(tell, go_on)), told)
}

/// The lines of this file in a backtrace, innermost first. The functions are there too:
/// the body of `innermost` as `innermost::{{closure}}` or `{async_fn#0}`, depending on
/// where the name is taken from.
fn own_lines(backtrace: &str) -> Vec<u32> {
    let places = backtrace.lines();
    let places = places.filter_map(|line| line.split_once("tools-backtrace.rs:"));
    let lines = places.filter_map(|(_, place)| place.split(':').next()?.parse().ok());
    lines.collect()
}

#[sinew::main(worker_threads = 1)]
async fn main() {
    let go_on = Arc::new(Notify::new());
    let (task, told) = start(go_on.clone());
    let backtrace = told.await.expect("the task tells");
    let (ours, runtimes) = backtrace.split_once("sinew_task::").unwrap_or_default();
    println!(
        "in a poll: {} frames of this file, then the runtime's: {}",
        own_lines(ours).len(),
        !runtimes.is_empty()
    );

    // Waits until the poll is over.
    let info = loop {
        let tasks = Handle::current().tasks();
        match tasks.into_iter().find(|info| info.id == task.id()) {
            Some(info) if info.waits_for.is_some() => break info,
            _ => yield_now().await,
        }
    };
    let spawned_at = info.spawned_at;
    println!(
        "the line that spawned it is among them: {}",
        own_lines(&backtrace).contains(&spawned_at.line())
    );
    println!("spawned at: {spawned_at}");
    let wait = info.waits_for.expect("seen above");
    println!(
        "while it waits: {} at {}",
        wait.kind.as_str(),
        wait.location
    );
    go_on.notify_one();
    task.await.expect("no panic");

    // The record has the last leaf only. `trace` polls a future and collects all of them.
    let both = pin!(async {
        futures::join!(sleep(Duration::from_secs(60)), go_on.notified());
    });
    let mut cx = Context::from_waker(Waker::noop());
    let (polled, waits) = leaf::trace(|| both.poll(&mut cx));
    assert!(polled.is_pending());
    let kinds: Vec<_> = waits.iter().map(|wait| wait.kind.as_str()).collect();
    println!("both branches of a join, at one poll: {kinds:?}");
}
