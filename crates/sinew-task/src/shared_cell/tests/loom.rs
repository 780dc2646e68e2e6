//! The real cells, wakers and handles, on two threads. Loom tells of a cell that is
//! never freed (`Header::track`), and of two threads that touch a slot at once
//! (`Guard`).

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::sync::{Mutex, Notify};
use loom::thread;

use sinew_core::coop;

use crate::{JoinHandle, Runnable, Schedule, spawn_on};

/// Something that must be used by one thread at a time, in some order.
struct Guard(UnsafeCell<u32>);

impl Guard {
    fn new() -> Guard {
        Guard(UnsafeCell::new(0))
    }

    fn touch(&self) {
        // SAFETY: that it is sound is what loom checks.
        self.0.with_mut(|count| unsafe { *count += 1 });
    }
}

// SAFETY: loom checks the accesses.
unsafe impl Send for Guard {}
// SAFETY: loom checks the accesses.
unsafe impl Sync for Guard {}

impl Drop for Guard {
    fn drop(&mut self) {
        self.touch();
    }
}

/// Keeps what is scheduled. Its tasks are in no list.
struct Queue(Mutex<Vec<Runnable>>);

impl Schedule for Queue {
    fn schedule(&self, task: Runnable) {
        self.0.lock().unwrap().push(task);
    }
}

impl Queue {
    fn new() -> Arc<Queue> {
        Arc::new(Queue(Mutex::new(Vec::new())))
    }

    fn pop(&self) -> Option<Runnable> {
        self.0.lock().unwrap().pop()
    }

    fn run_all(&self) {
        while let Some(task) = self.pop() {
            task.run();
        }
    }
}

struct Token(Notify);

impl Wake for Token {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// `block_on` of a handle on a thread of the model.
fn wait<T>(mut handle: JoinHandle<T>) -> Result<T, crate::JoinError> {
    let token = Arc::new(Token(Notify::new()));
    let waker = Waker::from(token.clone());
    let mut cx = Context::from_waker(&waker);
    loop {
        match Pin::new(&mut handle).poll(&mut cx) {
            Poll::Ready(joined) => return joined,
            Poll::Pending => token.0.wait(),
        }
    }
}

/// A future that is ready once `flag` is set, and leaves its waker in `waker`.
fn until(
    flag: Arc<AtomicBool>,
    left: Arc<Mutex<Option<Waker>>>,
) -> impl Future<Output = ()> + Send {
    let guard = Guard::new();
    poll_fn(move |cx| {
        guard.touch();
        // The waker first: who sets the flag and finds none leaves it to this look.
        *left.lock().unwrap() = Some(cx.waker().clone());
        // ORDERING: the lock above orders it.
        match flag.load(Ordering::Relaxed) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
}

#[test]
fn a_wake_during_a_poll_is_not_lost() {
    loom::model(|| {
        let queue = Queue::new();
        let flag = Arc::new(AtomicBool::new(false));
        let left = Arc::new(Mutex::new(None));
        let handle = spawn_on(queue.clone(), until(flag.clone(), left.clone()));
        let waking = {
            let queue = queue.clone();
            thread::spawn(move || {
                flag.store(true, Ordering::Relaxed);
                let waker = left.lock().unwrap().take();
                if let Some(waker) = waker {
                    waker.wake();
                }
                queue.run_all();
            })
        };
        queue.run_all();
        waking.join().unwrap();
        queue.run_all();
        assert!(handle.is_finished());
        wait(handle).unwrap();
    });
}

#[test]
fn a_join_meets_the_end() {
    loom::model(|| {
        let queue = Queue::new();
        let handle = spawn_on(queue.clone(), async { Guard::new() });
        let running = thread::spawn(move || queue.run_all());
        wait(handle).unwrap().touch();
        running.join().unwrap();
    });
}

#[test]
fn a_handle_that_is_dropped_meets_the_end() {
    loom::model(|| {
        let queue = Queue::new();
        let mut handle = spawn_on(queue.clone(), async { Guard::new() });
        let running = thread::spawn(move || queue.run_all());
        // A waker may be there, be taken back, or be the completer's by then.
        let waker = Waker::from(Arc::new(Token(Notify::new())));
        let _ = Pin::new(&mut handle).poll(&mut Context::from_waker(&waker));
        drop(handle);
        running.join().unwrap();
    });
}

#[test]
fn an_abort_meets_a_wake() {
    loom::model(|| {
        let queue = Queue::new();
        let flag = Arc::new(AtomicBool::new(false));
        let left = Arc::new(Mutex::new(None));
        let handle = spawn_on(queue.clone(), until(flag.clone(), left.clone()));
        queue.run_all();
        let waking = {
            let queue = queue.clone();
            thread::spawn(move || {
                let waker = left.lock().unwrap().take();
                if let Some(waker) = waker {
                    waker.wake_by_ref();
                }
                queue.run_all();
            })
        };
        handle.abort();
        queue.run_all();
        waking.join().unwrap();
        queue.run_all();
        assert!(wait(handle).unwrap_err().is_cancelled());
    });
}

/// A future that gives way at its first poll, without waking itself, and is then as
/// [`until`] is.
fn gives_way_until(
    flag: Arc<AtomicBool>,
    left: Arc<Mutex<Option<Waker>>>,
) -> impl Future<Output = ()> + Send {
    let mut rest = Box::pin(until(flag, left.clone()));
    let mut gave_way = false;
    poll_fn(move |cx| {
        if !std::mem::replace(&mut gave_way, true) {
            *left.lock().unwrap() = Some(cx.waker().clone());
            coop::give_way(cx);
            return Poll::Pending;
        }
        rest.as_mut().poll(cx)
    })
}

#[test]
fn a_wake_of_a_task_that_gave_way_is_not_lost() {
    loom::model(|| {
        let queue = Queue::new();
        let flag = Arc::new(AtomicBool::new(false));
        let left = Arc::new(Mutex::new(None));
        let handle = spawn_on(queue.clone(), gives_way_until(flag.clone(), left.clone()));
        let waking = {
            let queue = queue.clone();
            thread::spawn(move || {
                // It may be in its first turn, queued, in its second, or idle.
                flag.store(true, Ordering::Relaxed);
                let waker = left.lock().unwrap().take();
                if let Some(waker) = waker {
                    waker.wake();
                }
                queue.run_all();
            })
        };
        queue.run_all();
        waking.join().unwrap();
        queue.run_all();
        assert!(handle.is_finished());
        wait(handle).unwrap();
    });
}

#[test]
fn an_abort_meets_a_task_that_gives_way() {
    loom::model(|| {
        let queue = Queue::new();
        let flag = Arc::new(AtomicBool::new(false));
        let left = Arc::new(Mutex::new(None));
        let handle = spawn_on(queue.clone(), gives_way_until(flag, left));
        let running = {
            let queue = queue.clone();
            thread::spawn(move || queue.run_all())
        };
        handle.abort();
        queue.run_all();
        running.join().unwrap();
        queue.run_all();
        assert!(wait(handle).unwrap_err().is_cancelled());
    });
}

#[test]
fn an_abandoned_task_has_its_future_dropped() {
    loom::model(|| {
        let queue = Queue::new();
        let guard = Arc::new(Guard::new());
        let held = guard.clone();
        let left = Arc::new(Mutex::new(None));
        let waker = left.clone();
        let handle = spawn_on(queue.clone(), async move {
            poll_fn(move |cx| {
                *waker.lock().unwrap() = Some(cx.waker().clone());
                Poll::<()>::Pending
            })
            .await;
            drop(held);
        });
        drop(handle);
        let running = {
            let queue = queue.clone();
            thread::spawn(move || queue.run_all())
        };
        drop(left.lock().unwrap().take());
        running.join().unwrap();
        drop(left.lock().unwrap().take());
        queue.run_all();
        assert_eq!(Arc::strong_count(&guard), 1);
    });
}
