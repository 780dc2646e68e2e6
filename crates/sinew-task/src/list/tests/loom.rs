//! A list with one owned shard: its owner, one other thread, and real tasks. Loom tells
//! of a cell that is never given up (`Header::track`), and of one that is read after
//! that. The last models are of a scheduler's shutdown, as its tasks see it.

use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use loom::cell::UnsafeCell;
use loom::sync::Mutex;
use loom::thread;
use sinew_core::coop;

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

    /// What a scheduler does when its runners have ended: cancels all tasks, and waits for
    /// what other threads are in the middle of.
    fn cancel_all(&self) {
        loop {
            self.tasks.close_and_cancel();
            self.run_all();
            if self.tasks.is_empty() {
                return self.tasks.release();
            }
            thread::yield_now();
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
        let other = queue.tasks.own(Some(0), || {
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
        queue.tasks.own(Some(0), || {
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
        queue.tasks.own(Some(0), || {
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

/// What a future uses: by one thread at a time, and not after its task was cancelled.
struct Used(UnsafeCell<bool>);

// SAFETY: loom checks the accesses.
unsafe impl Send for Used {}
// SAFETY: loom checks the accesses.
unsafe impl Sync for Used {}

impl Used {
    fn touch(&self, dropped: bool) {
        self.0.with_mut(|gone| {
            // SAFETY: that nobody else is here is what loom checks.
            let gone = unsafe { &mut *gone };
            assert!(!std::mem::replace(gone, dropped), "it was dropped before");
        });
    }
}

impl Drop for Used {
    fn drop(&mut self) {
        self.touch(true);
    }
}

type Left = Arc<Mutex<Option<Waker>>>;

/// Never ends. It leaves its waker at each poll, and gives way in the first.
fn endless(left: &Left) -> impl Future<Output = ()> + Send + 'static {
    let (used, left) = (Used(UnsafeCell::new(false)), left.clone());
    let mut gave_way = false;
    poll_fn(move |cx| {
        used.touch(false);
        let old = left.lock().unwrap().replace(cx.waker().clone());
        drop(old);
        if !std::mem::replace(&mut gave_way, true) {
            coop::give_way(cx);
        }
        Poll::Pending
    })
}

fn is_cancelled(handle: &mut JoinHandle<()>) -> bool {
    let joined = Pin::new(handle).poll(&mut Context::from_waker(Waker::noop()));
    matches!(joined, Poll::Ready(Err(error)) if error.is_cancelled())
}

#[test]
fn a_shutdown_meets_the_wake_of_a_task_that_waits() {
    loom::model(|| {
        let queue = Queue::new();
        let left = Left::default();
        let mut handle = spawn_on(queue.clone(), endless(&left));
        queue.tasks.own(Some(0), || queue.run_all());
        let waker = left.lock().unwrap().take().unwrap();
        // Before the shutdown, in the midst of it, or after.
        let waking = thread::spawn(move || waker.wake());
        queue.cancel_all();
        assert!(is_cancelled(&mut handle));
        waking.join().unwrap();
        assert!(queue.pop().is_none(), "nothing is scheduled after it");
    });
}

#[test]
fn a_shutdown_waits_for_the_poll_under_way() {
    loom::model(|| {
        let queue = Queue::new();
        let left = Left::default();
        let mut handle = spawn_on(queue.clone(), endless(&left));
        let task = queue.pop().unwrap();
        let polling = {
            let queue = queue.clone();
            thread::spawn(move || {
                // It gives way and is queued again, unless it was cancelled before.
                task.run();
                // As a runner that ends does, which knows nothing of the shutdown.
                if let Some(task) = queue.pop() {
                    task.run();
                }
            })
        };
        queue.cancel_all();
        // It has left the list by now, and is complete a moment after that.
        polling.join().unwrap();
        assert!(is_cancelled(&mut handle));
        // Wakers may outlive it all.
        let waker = left.lock().unwrap().take();
        if let Some(waker) = waker {
            waker.wake();
        }
        assert!(queue.pop().is_none());
    });
}

#[test]
fn a_shutdown_meets_a_spawn_from_elsewhere() {
    loom::model(|| {
        let queue = Queue::new();
        let left = Left::default();
        let spawning = {
            let (queue, left) = (queue.clone(), left.clone());
            thread::spawn(move || spawn_on(queue, endless(&left)))
        };
        queue.cancel_all();
        // It was cancelled, or refused, which is the same to its owner.
        let mut handle = spawning.join().unwrap();
        assert!(is_cancelled(&mut handle));
        assert!(queue.pop().is_none() && queue.tasks.is_empty());
    });
}

#[test]
fn a_shutdown_meets_a_handle_that_is_dropped() {
    loom::model(|| {
        let queue = Queue::new();
        let left = Left::default();
        let handle = spawn_on(queue.clone(), endless(&left));
        queue.tasks.own(Some(0), || queue.run_all());
        let dropping = thread::spawn(move || {
            handle.abort();
            drop(handle);
        });
        queue.cancel_all();
        dropping.join().unwrap();
        assert!(queue.pop().is_none());
    });
}
