//! Writing a runtime: whoever can run a `Runnable` later is an executor. Ten lines,
//! and `sinew::spawn`, timers and sockets work on it.
//!
//! ```text
//! slept in a runtime of ten lines
//! ```

use std::sync::{Arc, mpsc};

use sinew::task::{Runnable, Schedule};
use sinew::time::{Duration, sleep};

struct Queue(mpsc::Sender<Runnable>);

impl Schedule for Queue {
    // Called by wakers, from any thread.
    fn schedule(&self, task: Runnable) {
        let _ = self.0.send(task);
    }
}

fn main() {
    let (sender, tasks) = mpsc::channel();
    let _entered = sinew::task::enter(Arc::new(Queue(sender)));

    let task = sinew::spawn(async {
        // The timer has a driver of its own where no runtime is entered.
        sleep(Duration::from_millis(5)).await;
        "slept"
    });
    while !task.is_finished() {
        // Sleeps until a waker sends something.
        tasks.recv().expect("this thread has a sender").run();
    }
    let text = sinew::core::block_on(task).expect("no panic");
    println!("{text} in a runtime of ten lines");
}
