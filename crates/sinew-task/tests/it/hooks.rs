use std::future::pending;
use std::sync::{Arc, Mutex};

use sinew_core::block_on;
use sinew_task::{Builder, Metadata, TaskHooks, TaskPanic, spawn_on, yield_now};

use crate::queue::Queue;

/// Writes down what happens.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, event: impl Into<String>) {
        self.0.lock().unwrap().push(event.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl TaskHooks for Log {
    fn spawned(&self, task: &Metadata) {
        self.add(format!("spawned {}", task.name().unwrap_or("-")));
    }

    fn before_poll(&self, _: &Metadata) {
        self.add("before");
    }

    fn after_poll(&self, _: &Metadata) {
        self.add("after");
    }

    fn terminated(&self, task: &Metadata) {
        assert!(task.is_finished());
        self.add("terminated");
    }

    fn panicked(&self, panic: &TaskPanic<'_>) {
        self.add(format!("panicked {}", panic.message().unwrap_or("-")));
    }

    fn panic_unseen(&self, panic: &TaskPanic<'_>) {
        assert!(panic.spawned_at().file().ends_with("hooks.rs"));
        self.add(format!("unseen {}", panic.name().unwrap_or("-")));
    }
}

fn logged() -> (Log, Arc<Queue>) {
    let log = Log::default();
    let queue = Queue::with_hooks(Some(Box::new(log.clone())));
    (log, queue)
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("bomb");
    }
}

#[test]
fn each_point_of_a_life_is_told_in_order() {
    let (log, queue) = logged();
    let builder = Builder::new().name("one");
    let handle = builder.spawn_on(queue.clone(), yield_now());
    queue.run();
    assert_eq!(
        log.take(),
        [
            "spawned one",
            "before",
            "after",
            "before",
            "after",
            "terminated"
        ]
    );
    block_on(handle).unwrap();
    assert!(log.take().is_empty());
}

#[test]
fn a_task_that_is_cancelled_terminates_too() {
    let (log, queue) = logged();
    let handle = spawn_on(queue.clone(), pending::<()>());
    handle.abort();
    queue.run();
    assert_eq!(log.take(), ["spawned -", "terminated"]);
    drop(spawn_on(queue.clone(), pending::<()>()));
    drop(queue.pop());
    assert_eq!(log.take(), ["spawned -", "terminated"]);
}

#[test]
fn a_panic_that_is_awaited_is_not_unseen() {
    let (log, queue) = logged();
    let handle = spawn_on(queue.clone(), async { panic!("seen") });
    queue.run();
    let error = block_on(handle).map(|(): ()| ()).unwrap_err();
    drop(error);
    assert_eq!(
        log.take(),
        [
            "spawned -",
            "before",
            "after",
            "panicked seen",
            "terminated"
        ]
    );
}

#[test]
fn a_panic_of_a_detached_task_is_told_once() {
    let (log, queue) = logged();
    // Detached before it runs, and after.
    for run_first in [false, true] {
        let builder = Builder::new().name("lost");
        let handle = builder.spawn_on(queue.clone(), async { panic!("on purpose") });
        if run_first {
            queue.run();
        }
        drop::<sinew_task::JoinHandle<()>>(handle);
        queue.run();
        let told = log.take();
        let unseen = told.iter().filter(|event| *event == "unseen lost");
        assert_eq!(unseen.count(), 1, "{told:?}");
    }
}

#[test]
fn a_panic_in_the_drop_of_a_future_nobody_will_run_is_the_handles() {
    let (log, queue) = logged();
    let bomb = Bomb;
    let handle = spawn_on(queue.clone(), async move {
        let _bomb = bomb;
        pending::<()>().await;
    });
    drop(queue.pop());
    assert_eq!(log.take(), ["spawned -", "panicked bomb", "terminated"]);
    assert!(block_on(handle).unwrap_err().is_panic());
    assert!(log.take().is_empty());
}

/// Panics wherever it is called.
struct Clumsy;

impl TaskHooks for Clumsy {
    fn spawned(&self, _: &Metadata) {
        panic!("hook");
    }

    fn before_poll(&self, _: &Metadata) {
        panic!("hook");
    }

    fn after_poll(&self, _: &Metadata) {
        panic!("hook");
    }

    fn terminated(&self, _: &Metadata) {
        panic!("hook");
    }

    fn panicked(&self, _: &TaskPanic<'_>) {
        panic!("hook");
    }

    fn panic_unseen(&self, _: &TaskPanic<'_>) {
        panic!("hook");
    }
}

#[test]
fn a_panic_in_a_hook_does_not_disturb_the_task() {
    let queue = Queue::with_hooks(Some(Box::new(Clumsy)));
    let good = spawn_on(queue.clone(), async { 5 });
    let bad = spawn_on(queue.clone(), async { panic!("task") });
    drop::<sinew_task::JoinHandle<()>>(spawn_on(queue.clone(), async { panic!("lost") }));
    queue.run();
    assert_eq!(block_on(good).unwrap(), 5);
    let error = block_on(bad).map(|(): ()| ()).unwrap_err();
    assert!(error.to_string().contains("task"), "{error}");
}
