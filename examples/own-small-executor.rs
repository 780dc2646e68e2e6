//! The async book's own executor, on `sinew-core` and the standard library.
//!
//! Run it: `cargo run -p examples --example own-small-executor`
//!
//! An executor is a queue of tasks that want to be polled. Waking a task puts it
//! into the queue. What is left is how to wait while the queue is empty, and for
//! that there is the `Park` seam: `ThreadPark` puts the thread to sleep.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use sinew_core::{Park, ThreadPark, Unpark};

use timer_future::TimerFuture;

#[expect(dead_code, reason = "only the future of that example is wanted here")]
#[path = "timer-future.rs"]
mod timer_future;

type BoxFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Polls tasks when they want to be polled.
struct Executor {
    park: ThreadPark,
    queue: Arc<Queue>,
}

/// Spawns tasks onto an executor, from any thread and from inside of tasks.
#[derive(Clone)]
struct Spawner(Arc<Queue>);

struct Queue {
    state: Mutex<State>,
    /// Ends the executor's wait.
    unparker: Arc<dyn Unpark>,
}

#[derive(Default)]
struct State {
    /// The tasks that want to be polled.
    ready: VecDeque<Arc<Task>>,
    /// How many tasks have not completed, ready or not.
    unfinished: usize,
}

/// A future that can put itself into the queue. Empty when it has completed.
struct Task {
    future: Mutex<Option<BoxFuture>>,
    queue: Arc<Queue>,
}

fn new_executor_and_spawner() -> (Executor, Spawner) {
    let park = ThreadPark::new();
    let queue = Arc::new(Queue {
        state: Mutex::default(),
        unparker: park.unparker(),
    });
    let spawner = Spawner(queue.clone());
    (Executor { park, queue }, spawner)
}

impl Spawner {
    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        self.0.state.lock().unwrap().unfinished += 1;
        let task = Task {
            future: Mutex::new(Some(Box::pin(future))),
            queue: self.0.clone(),
        };
        // To begin with, each task wants to be polled once.
        Arc::new(task).wake();
    }
}

// With this, std makes a `Waker` from an `Arc<Task>`.
impl Wake for Task {
    fn wake(self: Arc<Self>) {
        let queue = self.queue.clone();
        queue.state.lock().unwrap().ready.push_back(self);
        queue.unparker.unpark();
    }
}

impl Executor {
    /// Polls tasks until all have completed.
    fn run(mut self) {
        loop {
            let (task, unfinished) = {
                let mut state = self.queue.state.lock().unwrap();
                (state.ready.pop_front(), state.unfinished)
            };
            match task {
                Some(task) => self.poll(&task),
                None if unfinished == 0 => return,
                // An unpark since the look into the queue is not lost: it ends
                // this wait at once.
                None => self.park.park(None),
            }
        }
    }

    fn poll(&self, task: &Arc<Task>) {
        let mut slot = task.future.lock().unwrap();
        // A task that was woken twice may be here once more after its end.
        let Some(future) = slot.as_mut() else { return };
        let waker = Waker::from(task.clone());
        if future
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready()
        {
            *slot = None;
            self.queue.state.lock().unwrap().unfinished -= 1;
        }
    }
}

fn main() {
    let (executor, spawner) = new_executor_and_spawner();
    spawner.spawn(async {
        println!("howdy!");
        TimerFuture::new(Duration::from_millis(200)).await;
        println!("done!");
    });
    // Prints "howdy!", waits, and prints "done!".
    executor.run();
}

#[cfg(test)]
#[test]
fn runs_until_all_tasks_have_completed() {
    use std::sync::mpsc;

    let (executor, spawner) = new_executor_and_spawner();
    let (sender, receiver) = mpsc::channel();
    let inner = spawner.clone();
    spawner.spawn(async move {
        let before = sender.clone();
        inner.spawn(async move {
            before.send("inner").unwrap();
        });
        TimerFuture::new(Duration::from_millis(20)).await;
        sender.send("outer").unwrap();
    });
    executor.run();
    assert_eq!(receiver.iter().collect::<Vec<_>>(), ["inner", "outer"]);
}

#[cfg(test)]
#[test]
fn a_task_may_be_woken_more_than_once() {
    let (executor, spawner) = new_executor_and_spawner();
    let mut polls = 0;
    spawner.spawn(std::future::poll_fn(move |cx| {
        cx.waker().wake_by_ref();
        cx.waker().wake_by_ref();
        polls += 1;
        if polls < 3 {
            std::task::Poll::Pending
        } else {
            std::task::Poll::Ready(())
        }
    }));
    executor.run();
}
