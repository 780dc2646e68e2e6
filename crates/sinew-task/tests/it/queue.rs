//! The executor that these tests run their tasks on.

use std::sync::{Arc, Mutex};

use sinew_task::{Runnable, Schedule, TaskHooks, TaskList};

pub(crate) struct Queue {
    tasks: TaskList,
    queued: Mutex<Vec<Runnable>>,
    yielded: Mutex<usize>,
    hooks: Option<Box<dyn TaskHooks>>,
}

impl Schedule for Queue {
    fn schedule(&self, task: Runnable) {
        self.queued.lock().unwrap().push(task);
    }

    fn schedule_yielded(&self, task: Runnable) {
        *self.yielded.lock().unwrap() += 1;
        self.schedule(task);
    }

    fn tasks(&self) -> Option<&TaskList> {
        Some(&self.tasks)
    }

    fn hooks(&self) -> Option<&dyn TaskHooks> {
        self.hooks.as_deref()
    }
}

impl Queue {
    pub(crate) fn new() -> Arc<Queue> {
        Queue::with_hooks(None)
    }

    pub(crate) fn with_hooks(hooks: Option<Box<dyn TaskHooks>>) -> Arc<Queue> {
        Arc::new(Queue {
            tasks: TaskList::new(1),
            queued: Mutex::new(Vec::new()),
            yielded: Mutex::new(0),
            hooks,
        })
    }

    pub(crate) fn list(&self) -> &TaskList {
        &self.tasks
    }

    pub(crate) fn yielded(&self) -> usize {
        *self.yielded.lock().unwrap()
    }

    /// Takes the next task out of the queue.
    pub(crate) fn pop(&self) -> Option<Runnable> {
        self.queued.lock().unwrap().pop()
    }

    /// Runs until nothing is queued.
    pub(crate) fn run(&self) {
        while let Some(task) = self.pop() {
            task.run();
        }
    }
}
