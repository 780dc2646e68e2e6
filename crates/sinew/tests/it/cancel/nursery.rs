//! Nurseries under the cancellation kit: a tree three deep whose owner is dropped at
//! every await, in every order of its polls and those of an executor.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use sinew::task::{EnterGuard, FailurePolicy, Nursery, NurseryError, nursery, yield_now};
use sinew::testing::cancel::every_await;

use super::Queue;

#[derive(Default)]
struct Counts {
    begun: AtomicUsize,
    dropped: AtomicUsize,
    deferred: AtomicUsize,
    cleaned: AtomicUsize,
    /// Panics, and those that somebody was told of.
    panics: AtomicUsize,
    told: AtomicUsize,
}

fn up(count: &AtomicUsize) {
    count.fetch_add(1, Ordering::Relaxed);
}

fn get(count: &AtomicUsize) -> usize {
    count.load(Ordering::Relaxed)
}

impl Counts {
    fn told(&self, result: Result<(), NurseryError>) {
        let failures = result.err().map_or(Vec::new(), NurseryError::into_failures);
        for failure in failures {
            assert!(failure.is_panic());
            up(&self.told);
        }
    }
}

struct OnDrop(Arc<Counts>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        up(&self.0.dropped);
    }
}

/// A task with a nursery of its own, in which there is such a task, down to one whose
/// clean-up panics.
fn grow(depth: usize, counts: Arc<Counts>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        up(&counts.begun);
        let _guard = OnDrop(counts.clone());
        let own = nursery().child(format!("{depth}"));
        up(&counts.deferred);
        let cleaning = counts.clone();
        own.defer(async move {
            yield_now().await;
            up(&cleaning.cleaned);
            if depth == 1 {
                up(&cleaning.panics);
                panic!("a clean-up panics");
            }
        });
        if depth > 1 {
            own.spawn(grow(depth - 1, counts.clone()));
        }
        yield_now().await;
        counts.told(own.join().await);
    })
}

struct Run {
    queue: Arc<Queue>,
    counts: Arc<Counts>,
    outer: Nursery,
    _entered: EnterGuard,
}

impl Run {
    fn new() -> Run {
        let queue = Arc::new(Queue::default());
        let entered = sinew::task::enter(queue.clone());
        Run {
            queue,
            counts: Arc::default(),
            outer: Nursery::new("outer").with_policy(FailurePolicy::Collect),
            _entered: entered,
        }
    }

    /// Runs what is left, until the outer nursery has ended.
    fn end(&self) {
        let mut cx = Context::from_waker(Waker::noop());
        let mut join = pin!(self.outer.join());
        loop {
            if let Poll::Ready(result) = join.as_mut().poll(&mut cx) {
                self.counts.told(result);
                break;
            }
            assert!(self.queue.run_one(), "the nursery waits for nobody");
        }
        while self.queue.run_one() {}
    }
}

#[test]
fn killed_at_any_await_nothing_runs_is_skipped_or_swallowed() {
    let runs = every_await(
        Run::new,
        |script, run| {
            let (root, counts) = (run.outer.child("root"), run.counts.clone());
            script.waiting_actor(async move {
                root.spawn(grow(3, counts.clone()));
                counts.told(root.join().await);
            });
            let queue = run.queue.clone();
            script.waiting_actor(async move { poll_fn(|cx| queue.poll(cx)).await });
        },
        |run, _| {
            run.end();
            let counts = &run.counts;
            assert_eq!(get(&counts.begun), get(&counts.dropped), "a task runs");
            assert_eq!(get(&counts.deferred), get(&counts.cleaned), "clean-ups");
            assert_eq!(get(&counts.panics), get(&counts.told), "panics");
        },
    );
    assert!(runs > 50, "{runs}");
}
