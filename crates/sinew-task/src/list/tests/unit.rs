use std::sync::{Arc, Mutex};

use crate::TaskList;
use crate::{Runnable, Schedule, spawn_on};

/// Keeps what is scheduled, and a list.
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
    fn new(threads: usize) -> Arc<Queue> {
        Arc::new(Queue {
            tasks: TaskList::new(threads),
            queued: Mutex::new(Vec::new()),
        })
    }

    fn run_all(&self) {
        loop {
            let queued = std::mem::take(&mut *self.queued.lock().unwrap());
            if queued.is_empty() {
                return;
            }
            for task in queued {
                task.run();
            }
        }
    }
}

#[test]
fn tasks_leave_in_any_order() {
    let queue = Queue::new(1);
    let mut handles: Vec<_> = (0..9u32)
        .map(|number| spawn_on(queue.clone(), async move { number }))
        .collect();
    assert_eq!(queue.tasks.len(), 9);
    // From the middle, from the head, from the tail.
    for index in [4, 7, 0, 0, 1, 2, 0, 1, 0] {
        let task = queue.queued.lock().unwrap().remove(index);
        task.run();
    }
    assert!(queue.tasks.is_empty());
    for (number, handle) in handles.drain(..).enumerate() {
        assert_eq!(sinew_core::block_on(handle).unwrap(), number as u32);
    }
}

#[test]
fn closing_cancels_idle_queued_and_new_tasks() {
    let queue = Queue::new(4);
    let idle = spawn_on(queue.clone(), std::future::pending::<()>());
    queue.run_all();
    let queued = spawn_on(queue.clone(), async {});
    queue.tasks.close_and_cancel();
    let new = spawn_on(queue.clone(), async {});
    queue.run_all();
    assert!(queue.tasks.is_empty());
    for handle in [idle, queued, new] {
        assert!(handle.is_finished());
        assert!(sinew_core::block_on(handle).unwrap_err().is_cancelled());
    }
}

#[test]
fn dropping_a_runnable_takes_its_task_out() {
    let queue = Queue::new(2);
    let handle = spawn_on(queue.clone(), async {});
    queue.queued.lock().unwrap().clear();
    assert!(queue.tasks.is_empty());
    assert!(sinew_core::block_on(handle).unwrap_err().is_cancelled());
}

#[test]
fn a_snapshot_names_tasks_and_places() {
    let queue = Queue::new(1);
    let handle = crate::Builder::new()
        .name("sleeper")
        .spawn_on(queue.clone(), std::future::pending::<()>());
    let infos = queue.tasks.snapshot();
    assert_eq!(infos.len(), 1);
    assert_eq!(infos[0].id, handle.id());
    assert_eq!(infos[0].name.as_deref(), Some("sleeper"));
    assert_eq!(infos[0].spawned_at.file(), file!());
    assert!(infos[0].waits_for.is_none());
    assert!(infos[0].to_string().contains("\"sleeper\""));
    handle.abort();
    queue.run_all();
}

#[test]
fn threads_may_spawn_and_finish_at_once() {
    let queue = Queue::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..500 {
                    let handle = spawn_on(queue.clone(), async {});
                    queue.run_all();
                    drop(handle);
                }
            });
        }
    });
    queue.run_all();
    assert!(queue.tasks.is_empty());
}

#[test]
fn an_owned_shard_takes_back_what_others_finish() {
    let queue = Arc::new(Queue {
        tasks: TaskList::owned(2),
        queued: Mutex::new(Vec::new()),
    });
    let adopt_and_run = |queue: &Queue| {
        let queued = std::mem::take(&mut *queue.queued.lock().unwrap());
        for task in queued {
            queue.tasks.adopt(&task);
            task.run();
        }
    };
    // Spawned here, where no shard is owned; idle from its first turn on.
    let idle = spawn_on(queue.clone(), std::future::pending::<()>());
    std::thread::scope(|scope| {
        for index in 0..2 {
            let queue = &queue;
            scope.spawn(move || {
                queue.tasks.own(Some(index), || {
                    for round in 0..500 {
                        drop(spawn_on(queue.clone(), yields_once()));
                        // One's tasks are finished by both.
                        adopt_and_run(queue);
                        if round % 100 == 0 {
                            drop(queue.tasks.rest());
                            assert!(!queue.tasks.snapshot().is_empty());
                        }
                    }
                });
            });
        }
    });
    adopt_and_run(&queue);
    adopt_and_run(&queue);
    assert_eq!(queue.tasks.len(), 1);
    assert_eq!(queue.tasks.spawned(), 1001);
    let left: Vec<_> = queue.tasks.snapshot();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].id, idle.id());
    queue.tasks.close_and_cancel();
    adopt_and_run(&queue);
    assert!(queue.tasks.is_empty());
    queue.tasks.release();
    assert!(sinew_core::block_on(idle).unwrap_err().is_cancelled());
}

/// Gives way once.
async fn yields_once() {
    crate::yield_now().await;
}
