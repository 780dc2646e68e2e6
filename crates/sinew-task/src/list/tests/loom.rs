//! A list with one owned shard: its owner, one other thread, and real tasks. Loom tells
//! of a cell that is never given up (`Header::track`), and of one that is read after
//! that.

use std::future::pending;
use std::sync::Arc;

use loom::sync::Mutex;
use loom::thread;

use crate::{JoinHandle, Runnable, Schedule, TaskList, spawn_on};

struct Queue {
    tasks: TaskList,
    queued: Mutex<Vec<Runnable>>,
}

impl Schedule for Queue {
    fn schedule(&self, task: Runnable) {
        self.queued.lock().unwrap().push(task);
    }

    fn tasks(&self) -> Option<&TaskList> {
        Some(&self.tasks)
    }
}

impl Queue {
    fn new() -> Arc<Queue> {
        Arc::new(Queue {
            tasks: TaskList::owned(1),
            queued: Mutex::new(Vec::new()),
        })
    }

    fn pop(&self) -> Option<Runnable> {
        let task = self.queued.lock().unwrap().pop()?;
        self.tasks.adopt(&task);
        Some(task)
    }

    fn run_all(&self) {
        while let Some(task) = self.pop() {
            task.run();
        }
    }

    fn spawn(self: &Arc<Self>) -> JoinHandle<()> {
        spawn_on(self.clone(), async {})
    }

    /// Ends the list when no thread uses it any more.
    fn end(&self) {
        self.tasks.close_and_cancel();
        self.run_all();
        assert!(self.tasks.is_empty());
        assert!(self.tasks.snapshot().is_empty());
        self.tasks.release();
    }
}

#[test]
fn another_thread_finishes_a_task_of_the_owner() {
    loom::model(|| {
        let queue = Queue::new();
        let other = queue.tasks.own(0, || {
            drop(queue.spawn());
            let task = queue.pop().unwrap();
            let other = thread::spawn(move || {
                task.run();
            });
            drop(queue.spawn());
            queue.run_all();
            other
        });
        other.join().unwrap();
        queue.end();
    });
}

#[test]
fn a_task_is_sent_back_while_the_owner_rests() {
    loom::model(|| {
        let queue = Queue::new();
        queue.tasks.own(0, || {
            drop(queue.spawn());
            let task = queue.pop().unwrap();
            let other = thread::spawn(move || {
                task.run();
            });
            drop(queue.tasks.rest());
            other.join().unwrap();
        });
        queue.end();
    });
}

#[test]
fn a_reader_walks_while_tasks_come_and_go() {
    loom::model(|| {
        let queue = Queue::new();
        queue.tasks.own(0, || {
            let stays = spawn_on(queue.clone(), pending::<()>());
            queue.run_all();
            drop(queue.spawn());
            let reader = {
                let queue = queue.clone();
                thread::spawn(move || {
                    let seen = queue.tasks.snapshot();
                    assert!(!seen.is_empty() && seen.len() <= 3);
                })
            };
            queue.run_all();
            drop(queue.spawn());
            queue.run_all();
            reader.join().unwrap();
            drop(stays);
        });
        queue.end();
    });
}

#[test]
fn a_spawn_elsewhere_meets_the_close() {
    loom::model(|| {
        let queue = Queue::new();
        let other = {
            let queue = queue.clone();
            thread::spawn(move || queue.spawn())
        };
        queue.tasks.close_and_cancel();
        // Counted, or refused.
        while !queue.tasks.is_empty() {
            queue.run_all();
            thread::yield_now();
        }
        let handle = other.join().unwrap();
        assert!(handle.is_finished());
        queue.end();
    });
}
