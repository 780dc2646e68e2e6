use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use crate::{JoinHandle, Runnable, Schedule, TaskSet, spawn_on, yield_now};

/// Queues tasks until it is told to run them.
#[derive(Default)]
struct Queue(Mutex<Vec<Runnable>>);

impl Schedule for Queue {
    fn schedule(&self, task: Runnable) {
        self.0.lock().unwrap().push(task);
    }
}

impl Queue {
    fn run(&self) {
        loop {
            let task = self.0.lock().unwrap().pop();
            let Some(task) = task else { return };
            task.run();
        }
    }
}

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Count {
    fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

fn set_of(queue: &Arc<Queue>, count: usize) -> TaskSet<usize> {
    let mut set = TaskSet::new();
    for n in 0..count {
        set.insert(spawn_on(queue.clone(), async move {
            yield_now().await;
            n
        }));
    }
    set
}

#[test]
fn results_come_as_the_tasks_finish() {
    let queue = Arc::new(Queue::default());
    let mut set = set_of(&queue, 100);
    assert_eq!(set.len(), 100);
    assert!(set.try_join_next().is_none());
    queue.run();
    let mut seen: Vec<_> = std::iter::from_fn(|| set.try_join_next())
        .map(|(_, result)| result.unwrap())
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..100).collect::<Vec<_>>());
    assert!(set.is_empty());
    let polled = set.poll_join_next(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(None)));
}

#[test]
fn only_tasks_that_finish_wake_the_one_who_waits() {
    let queue = Arc::new(Queue::default());
    let mut set = set_of(&queue, 2);
    set.insert(spawn_on(queue.clone(), pending()));
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let mut cx = Context::from_waker(&waker);
    assert!(set.poll_join_next(&mut cx).is_pending());
    assert_eq!(count.get(), 0);
    queue.run();
    // Once for both: the first took the waker.
    assert_eq!(count.get(), 1);
    assert!(set.poll_join_next(&mut cx).is_ready());
    assert!(set.poll_join_next(&mut cx).is_ready());
    assert!(set.poll_join_next(&mut cx).is_pending());
    assert_eq!(count.get(), 1);
    set.abort_all();
    queue.run();
    assert_eq!(count.get(), 2);
    let Poll::Ready(Some((_, result))) = set.poll_join_next(&mut cx) else {
        panic!("the aborted task is joined");
    };
    assert!(result.unwrap_err().is_cancelled());
}

#[test]
fn a_task_that_had_finished_is_joined_and_wakes_too() {
    let queue = Arc::new(Queue::default());
    let mut set = TaskSet::new();
    set.insert(spawn_on(queue.clone(), pending()));
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let mut cx = Context::from_waker(&waker);
    assert!(set.poll_join_next(&mut cx).is_pending());
    let handle = spawn_on(queue.clone(), async { 7 });
    let id = handle.id();
    queue.run();
    let abort = set.insert(handle);
    assert!(abort.is_finished());
    assert_eq!(count.get(), 1);
    assert_eq!(set.len(), 2);
    let Poll::Ready(Some((joined, result))) = set.poll_join_next(&mut cx) else {
        panic!("the finished task is joined");
    };
    assert_eq!((joined, result.unwrap()), (id, 7));
    drop(set);
    queue.run();
}

#[test]
fn dropping_the_set_aborts_and_detaching_does_not() {
    let queue = Arc::new(Queue::default());
    let mut set = TaskSet::new();
    let aborted = set.insert(spawn_on(queue.clone(), pending::<()>()));
    drop(set);
    queue.run();
    assert!(aborted.is_finished());

    let mut set = TaskSet::new();
    let kept = set.insert(spawn_on(queue.clone(), pending::<()>()));
    set.detach_all();
    assert!(set.is_empty());
    drop(set);
    queue.run();
    assert!(!kept.is_finished());
    kept.abort();
    queue.run();
}

#[test]
fn a_waker_that_comes_late_is_harmless() {
    let queue = Arc::new(Queue::default());
    let mut set = set_of(&queue, 1);
    queue.run();
    // The set goes while a woken key is in its queue.
    drop(set_of(&queue, 3));
    queue.run();
    assert!(set.try_join_next().is_some());
    let reused: JoinHandle<usize> = spawn_on(queue.clone(), pending());
    set.insert(reused);
    assert!(set.try_join_next().is_none());
    drop(set);
    queue.run();
}

/// Runs what is queued when it is dropped.
struct RunOnDrop(Arc<Queue>);

impl Wake for RunOnDrop {
    fn wake(self: Arc<Self>) {}
}

impl Drop for RunOnDrop {
    fn drop(&mut self) {
        self.0.run();
    }
}

#[test]
fn what_a_replaced_waker_wakes_is_left_to_the_next_call() {
    let queue = Arc::new(Queue::default());
    let mut set = set_of(&queue, 1);
    let waker = Waker::from(Arc::new(RunOnDrop(queue)));
    let polled = set.poll_join_next(&mut Context::from_waker(&waker));
    assert!(polled.is_pending());
    drop(waker);
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let polled = set.poll_join_next(&mut Context::from_waker(&waker));
    assert!(polled.is_pending());
    assert_eq!(count.get(), 1);
    assert!(set.try_join_next().is_some());
}
