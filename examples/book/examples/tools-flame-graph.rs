//! A flame graph of tasks. A profiler that samples stacks shows a task under the runtime
//! that polls it, and not at all while it waits, which is most of the time. So this one
//! samples tasks: who awaits whom, and on which kind of thing. It prints folded lines,
//! from which `inferno-flamegraph` or `flamegraph.pl` draws the picture.
//!
//! ```text
//! request;parse;on a thread [..]
//! request;query;waits: notify [..]
//! request;reply;waits: timer [..]
//! ```

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use sinew::runtime::{Builder, Handle};
use sinew::sync::Notify;
use sinew::task::{Id, TaskInfo};
use sinew::time::{Duration, sleep};

/// How many samples make a line; what is rarer is not printed.
const ENOUGH: u32 = 20;

/// Which named futures each task is in, outermost first: its stack, also while it waits.
static STACKS: Mutex<Option<HashMap<Id, Vec<&'static str>>>> = Mutex::new(None);

fn with_stack<R>(task: Id, change: impl FnOnce(&mut Vec<&'static str>) -> R) -> R {
    let mut stacks = STACKS.lock().expect("nobody panics");
    change(stacks.get_or_insert_default().entry(task).or_default())
}

/// Takes the name off again, also when the future is cancelled.
struct Frame(Id);

impl Drop for Frame {
    fn drop(&mut self) {
        with_stack(self.0, |stack| stack.pop());
    }
}

/// `future`, with a name on its task's stack. `#[tracing::instrument]` does this for a
/// whole program.
async fn named<T>(name: &'static str, future: impl Future<Output = T>) -> T {
    let task = sinew::task::id();
    with_stack(task, |stack| stack.push(name));
    let _frame = Frame(task);
    future.await
}

/// A task at the time of the sample, as a line of a folded file has it.
fn fold(task: &TaskInfo) -> String {
    let stack = with_stack(task.id, |stack| stack.join(";"));
    match &task.waits_for {
        Some(wait) => format!("{stack};waits: {}", wait.kind.as_str()),
        None => format!("{stack};on a thread"),
    }
}

/// Samples all tasks each millisecond until there is enough of `line`.
fn sample_until(handle: &Handle, samples: &mut BTreeMap<String, u32>, line: &str) {
    while samples.get(line).is_none_or(|count| *count < ENOUGH) {
        for task in handle.tasks() {
            *samples.entry(fold(&task)).or_default() += 1;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// What is profiled. It goes on when the sampler has seen enough of a step, so that the
/// result does not depend on how fast the machine is.
async fn request(parsed: Arc<AtomicBool>, row: Arc<Notify>) {
    named("request", async {
        named("parse", async {
            while !parsed.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        })
        .await;
        named("query", row.notified()).await;
        named("reply", sleep(Duration::from_secs(60))).await;
    })
    .await;
}

fn main() -> io::Result<()> {
    let runtime = Builder::new_multi_thread().worker_threads(1).build()?;
    let (parsed, row) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
    let task = runtime.spawn(request(parsed.clone(), row.clone()));

    let mut samples = BTreeMap::new();
    let handle = runtime.handle();
    sample_until(handle, &mut samples, "request;parse;on a thread");
    parsed.store(true, Ordering::Relaxed);
    sample_until(handle, &mut samples, "request;query;waits: notify");
    row.notify_one();
    sample_until(handle, &mut samples, "request;reply;waits: timer");
    task.abort();

    for (line, count) in samples {
        if count >= ENOUGH {
            println!("{line} {count}");
        }
    }
    Ok(())
}
