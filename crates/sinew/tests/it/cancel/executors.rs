//! Executors and supervisors under the kit: whoever runs tasks may be dropped, and the
//! tasks are still there for the next.

use std::cell::RefCell;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use sinew::executor::{Executor, LocalExecutor};

use sinew::task::{Backoff, JoinHandle, RestartPolicy, Strategy, Supervisor, yield_now};
use sinew::testing::cancel::every_await;

use super::{Queue, number};

const TASKS: u32 = 3;

/// The kit over two who run the tasks of one executor, and one who waits for these.
/// Whoever is dropped, each task ends.
macro_rules! runs_all {
    ($executor:ty, $first:expr, $second:expr) => {{
        let runs = every_await(
            || {
                let executor = Rc::new(<$executor>::new());
                let tasks: Vec<_> = (0..TASKS).map(|n| executor.spawn(number(n))).collect();
                (executor, Rc::new(RefCell::new(tasks)))
            },
            |script, (executor, _)| {
                let run: [fn(Rc<$executor>) -> _; 2] = [
                    |executor| boxed(async move { $first(&*executor).await }),
                    |executor| boxed(async move { $second(&*executor).await }),
                ];
                for run in run {
                    script.waiting_actor(run(executor.clone()));
                }
            },
            |(executor, tasks), _| {
                for (n, task) in (0..).zip(tasks.borrow_mut().drain(..)) {
                    assert_eq!(ended(executor, |e| e.try_tick(), task), n);
                }
            },
        );
        assert!(runs > 10, "{runs}");
    }};
}

type Actor = std::pin::Pin<Box<dyn Future<Output = ()>>>;

fn boxed(actor: impl Future<Output = ()> + 'static) -> Actor {
    Box::pin(actor)
}

/// Runs tasks one at a time until this one has ended.
fn ended<E>(executor: &E, tick: impl Fn(&E) -> bool, task: JoinHandle<u32>) -> u32 {
    let mut task = pin!(task);
    loop {
        match task.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => return result.unwrap(),
            Poll::Pending => assert!(tick(executor), "a task was lost"),
        }
    }
}

/// Runs tasks, with an await after each.
macro_rules! ticks {
    ($executor:ty) => {
        async |executor: &$executor| {
            loop {
                executor.tick().await;
                yield_now().await;
            }
        }
    };
}

#[test]
fn executors_of_many_threads() {
    runs_all!(
        Executor<'static>,
        ticks!(Executor<'static>),
        ticks!(Executor<'static>)
    );
    runs_all!(
        Executor<'static>,
        ticks!(Executor<'static>),
        async |executor: &Executor<'static>| executor.run(pending::<()>()).await
    );
}

#[test]
fn executors_of_one_thread() {
    runs_all!(
        LocalExecutor<'static>,
        ticks!(LocalExecutor<'static>),
        async |executor: &LocalExecutor<'static>| executor.run(yield_now()).await
    );
    runs_all!(
        LocalExecutor<'static>,
        ticks!(LocalExecutor<'static>),
        async |executor: &LocalExecutor<'static>| executor.run(pending::<()>()).await
    );
}

/// How many workers were started, and how many of these are gone.
#[derive(Default)]
struct Counts {
    begun: AtomicUsize,
    gone: AtomicUsize,
}

struct Worker(Arc<Counts>);

impl Worker {
    fn new(counts: &Arc<Counts>) -> Worker {
        counts.begun.fetch_add(1, Ordering::Relaxed);
        Worker(counts.clone())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.gone.fetch_add(1, Ordering::Relaxed);
    }
}

/// A supervisor that is dropped aborts its workers, also those that it was about to
/// start anew or to wait for.
#[test]
fn supervisors() {
    for strategy in [Strategy::OneForOne, Strategy::OneForAll] {
        let runs = every_await(
            || {
                let queue = Arc::new(Queue::default());
                let entered = sinew::task::enter(queue.clone());
                (queue, Arc::new(Counts::default()), entered)
            },
            |script, (queue, counts, _)| {
                let policy = RestartPolicy {
                    max: 2,
                    window: std::time::Duration::MAX,
                    backoff: Backoff::NONE,
                };
                let mut supervisor = Supervisor::new(strategy, policy);
                for fails in [1, 0] {
                    let (counts, mut starts) = (counts.clone(), 0);
                    supervisor = supervisor.worker("worker", move || {
                        starts += 1;
                        let (worker, fail) = (Worker::new(&counts), starts <= fails);
                        async move {
                            let _worker = worker;
                            yield_now().await;
                            if fail { Err("it fails") } else { Ok(()) }
                        }
                    });
                }
                script.waiting_actor(async move { supervisor.run().await.unwrap() });
                let queue = queue.clone();
                script.waiting_actor(async move { poll_fn(|cx| queue.poll(cx)).await });
            },
            |(queue, counts, _), _| {
                while queue.run_one() {}
                let [begun, gone] =
                    [&counts.begun, &counts.gone].map(|n| n.load(Ordering::Relaxed));
                assert_eq!(begun, gone, "a worker outlives its supervisor");
            },
        );
        assert!(runs > 10, "{runs}");
    }
}
