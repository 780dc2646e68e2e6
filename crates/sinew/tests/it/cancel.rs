//! Operations that say they may be dropped, under the cancellation kit: dropped at every
//! await, in every order of their polls and those of whom they wait for. What they had
//! taken hold of is then still to be had.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use sinew::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex};
use sinew::task::{EnterGuard, JoinHandle, JoinQueue, JoinSet, Runnable, Schedule, TaskTracker};
use sinew::testing::cancel::{Lent, Script, every_await};

mod executors;
mod groups;
mod nested;
mod net;
mod nursery;
mod streams;
mod tasks;

/// An executor that runs one task when it is polled.
#[derive(Default)]
struct Queue(Mutex<(VecDeque<Runnable>, Option<Waker>)>);

impl Schedule for Queue {
    fn schedule(&self, task: Runnable) {
        let waker = {
            let mut queue = self.0.lock().unwrap();
            queue.0.push_back(task);
            queue.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Queue {
    /// Runs the next task. `false` if there is none.
    fn run_one(&self) -> bool {
        let task = self.0.lock().unwrap().0.pop_front();
        task.map(Runnable::run).is_some()
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.lock().unwrap().1 = Some(cx.waker().clone());
        if self.run_one() {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

/// What one run has: the resource, what was got from it, and the executor.
struct Run<T> {
    home: Rc<Cell<Option<T>>>,
    got: Rc<RefCell<Vec<u32>>>,
    queue: Arc<Queue>,
    _entered: EnterGuard,
}

const TASKS: u32 = 3;

async fn number(n: u32) -> u32 {
    sinew::task::yield_now().await;
    n
}

impl<T: 'static> Run<T> {
    fn new(make: impl Fn() -> T) -> Run<T> {
        let queue = Arc::new(Queue::default());
        let _entered = sinew::task::enter(queue.clone());
        Run {
            home: Rc::new(Cell::new(Some(make()))),
            got: Rc::default(),
            queue,
            _entered,
        }
    }

    fn executor(&self, script: &mut Script) {
        let queue = self.queue.clone();
        script.waiting_actor(async move { poll_fn(|cx| queue.poll(cx)).await });
    }

    /// Goes on with `rest` alone, and checks that all numbers came, each once.
    fn end(&self, rest: impl AsyncFnOnce(&mut T, &RefCell<Vec<u32>>)) {
        let mut value = self.home.take().unwrap();
        let mut rest = sinew::testing::task::spawn(rest(&mut value, &self.got));
        while rest.poll().is_pending() {
            assert!(
                self.queue.run_one() || rest.is_woken(),
                "it waits for nobody"
            );
        }
        drop(rest);
        let mut got = self.got.take();
        got.sort_unstable();
        assert_eq!(got, (0..TASKS).collect::<Vec<_>>());
    }
}

/// The kit over one operation that gives numbers until there are none.
macro_rules! loses_nothing {
    ($make:expr, |$value:ident, $got:ident| $work:block) => {
        let runs = every_await(
            || Run::new(|| $make),
            |script, run| {
                let (home, got) = (run.home.clone(), run.got.clone());
                script.waiting_actor(async move {
                    let mut lent = Lent::of(&home);
                    let ($value, $got) = (&mut *lent, &*got);
                    $work
                });
                run.executor(script);
            },
            |run, _| run.end(async |$value, $got| $work),
        );
        assert!(runs > 10, "{runs}");
    };
}

use loses_nothing;

#[test]
fn join_set() {
    loses_nothing!(
        (0..TASKS).map(number).collect::<JoinSet<u32>>(),
        |set, got| {
            while let Some(result) = set.join_next().await {
                got.borrow_mut().push(result.unwrap());
            }
        }
    );
}

#[test]
fn join_queue() {
    let make = || {
        let mut queue = JoinQueue::new();
        for n in 0..TASKS {
            queue.spawn(number(n));
        }
        queue
    };
    loses_nothing!(make(), |queue, got| {
        while let Some(result) = queue.join_next().await {
            got.borrow_mut().push(result.unwrap());
        }
    });
}

#[test]
fn join_handles() {
    let make = || (0..TASKS).map(|n| sinew::spawn(number(n))).collect();
    loses_nothing!(make(), |handles, got| {
        let handles: &mut VecDeque<JoinHandle<u32>> = handles;
        while let Some(handle) = handles.front_mut() {
            let n = handle.await.unwrap();
            got.borrow_mut().push(n);
            handles.pop_front();
        }
    });
}

#[test]
fn task_tracker() {
    let make = || {
        let tracker = TaskTracker::new();
        tracker.close();
        let handles = (0..TASKS).map(|n| tracker.spawn(number(n))).collect();
        (tracker, handles)
    };
    loses_nothing!(make(), |tracked, got| {
        let (tracker, handles): &mut (TaskTracker, Vec<JoinHandle<u32>>) = tracked;
        tracker.wait().await;
        for handle in handles.drain(..) {
            assert!(handle.is_finished());
            let n = handle.await.unwrap();
            got.borrow_mut().push(n);
        }
    });
}

/// Writes the numbers through a pipe that holds less than a line.
fn writer() -> DuplexStream {
    let (mut writer, reader) = duplex(3);
    drop(sinew::spawn(async move {
        for n in 0..TASKS {
            writer
                .write_all(format!("{n:04}\n").as_bytes())
                .await
                .unwrap();
        }
    }));
    reader
}

#[test]
fn lines() {
    loses_nothing!(BufReader::new(writer()).lines(), |lines, got| {
        while let Some(line) = lines.next_line().await.unwrap() {
            got.borrow_mut().push(line.parse().unwrap());
        }
    });
}

#[test]
fn segments() {
    loses_nothing!(
        AsyncBufReadExt::split(BufReader::new(writer()), b'\n'),
        |parts, got| {
            while let Some(part) = parts.next_segment().await.unwrap() {
                let part = String::from_utf8(part).unwrap();
                got.borrow_mut().push(part.parse().unwrap());
            }
        }
    );
}
