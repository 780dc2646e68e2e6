//! What a console shows: each task with its polls, how long they took, what it waits for
//! and where it was spawned. The hooks of the runtime count, and `Handle::tasks` has the
//! rest; there is no build flag to it.
//!
//! ```text
//! task      polls  longest poll  state
//! computes  1      20 ms or more  in a poll
//! ticks     6      less           waits: timer at [..]tools-console.rs:[..]
//! waits     1      less           waits: channel at [..]tools-console.rs:[..]
//! all were spawned in this file: true
//! ```

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use sinew::runtime::{Builder, Handle, TaskMeta};
use sinew::sync::mpsc;
use sinew::task::{Id, TaskInfo};
use sinew::time::{Duration, Instant, sleep};

const LONG: Duration = Duration::from_millis(20);

/// What the hooks have seen of a task.
#[derive(Default)]
struct Polls {
    count: u32,
    began: Option<Instant>,
    longest: Duration,
}

#[derive(Clone, Default)]
struct Console(Arc<Mutex<HashMap<Id, Polls>>>);

impl Console {
    fn with<R>(&self, task: Id, change: impl FnOnce(&mut Polls) -> R) -> R {
        let mut polls = self.0.lock().expect("nobody panics");
        change(polls.entry(task).or_default())
    }

    fn before_poll(&self, task: &TaskMeta<'_>) {
        self.with(task.id(), |polls| {
            polls.count += 1;
            polls.began = Some(Instant::now());
        });
    }

    fn after_poll(&self, task: &TaskMeta<'_>) {
        self.with(task.id(), |polls| {
            let took = polls.began.take().map_or(Duration::ZERO, |it| it.elapsed());
            polls.longest = polls.longest.max(took);
        });
    }

    /// A line of the table.
    fn row(&self, task: &TaskInfo) -> String {
        let name = task.name.as_deref().unwrap_or("?");
        self.with(task.id, |polls| {
            // One that is in a poll now counts too: that is the one to look for.
            let now = polls.began.map_or(Duration::ZERO, |began| began.elapsed());
            let longest = match polls.longest.max(now) >= LONG {
                true => "20 ms or more",
                false => "less",
            };
            let state = match (&polls.began, &task.waits_for) {
                (None, Some(wait)) => format!("waits: {} at {}", wait.kind.as_str(), wait.location),
                (None, None) => "woken, or waits for something else".to_string(),
                (Some(_), _) => "in a poll".to_string(),
            };
            format!("{name:<8}  {:<5}  {longest:<13}  {state}", polls.count)
        })
    }
}

/// Spawns what is to be looked at. Ends when `ready` says that it all is as the table
/// has it.
async fn program(stop: Arc<AtomicBool>) -> io::Result<()> {
    let (asked, mut question) = mpsc::channel::<()>(1);
    let named = |name| sinew::task::Builder::new().name(name);
    named("waits").spawn(async move { question.recv().await })?;
    let (ticked, mut has_ticked) = mpsc::channel(1);
    named("ticks").spawn(async move {
        // Holds on to the other end, so that the question stays open.
        let _asked = asked;
        for _ in 0..5 {
            sleep(Duration::from_millis(1)).await;
        }
        let _ = ticked.send(()).await;
        sleep(Duration::from_secs(3600)).await;
    })?;
    has_ticked.recv().await;
    // Blocks its thread: the mistake that a console is asked about.
    named("computes").spawn(async move {
        while !stop.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(1));
        }
    })?;
    Ok(())
}

fn main() -> io::Result<()> {
    let console = Console::default();
    let (before, after) = (console.clone(), console.clone());
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .on_before_task_poll(move |task| before.before_poll(task))
        .on_after_task_poll(move |task| after.after_poll(task))
        .build()?;
    let stop = Arc::new(AtomicBool::new(false));
    runtime.block_on(program(stop.clone()))?;

    let rows = look(&console, runtime.handle());
    println!("task      polls  longest poll  state");
    for row in rows {
        println!("{row}");
    }
    let tasks = runtime.handle().tasks();
    let here = |task: &TaskInfo| task.spawned_at.file().ends_with("tools-console.rs");
    println!("all were spawned in this file: {}", tasks.iter().all(here));
    stop.store(true, Ordering::Relaxed);
    Ok(())
}

/// The table, once the long poll has lasted long enough and the others wait.
fn look(console: &Console, runtime: &Handle) -> Vec<String> {
    loop {
        let mut tasks = runtime.tasks();
        tasks.sort_by(|a, b| a.name.cmp(&b.name));
        let rows: Vec<_> = tasks.iter().map(|task| console.row(task)).collect();
        let long = rows.iter().filter(|row| row.contains("or more")).count();
        let waiting = rows.iter().filter(|row| row.contains("waits:")).count();
        if (long, waiting) == (1, 2) {
            return rows;
        }
        thread::sleep(Duration::from_millis(1));
    }
}
