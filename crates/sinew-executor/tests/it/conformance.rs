//! One body over every executor.

use std::cell::RefCell;
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Context;

use futures::channel::{mpsc, oneshot};
use futures::{SinkExt, StreamExt};
use sinew_core::{Park, ThreadPark, block_on, waker};
use sinew_executor::{Executor, LocalExecutor, Options, SerialScheduler};
use sinew_task::{JoinHandle, Schedule, spawn_on, spawn_unchecked, yield_now};

type Boxed = Pin<Box<dyn Future<Output = u32> + Send>>;

/// What the bodies need of an executor.
trait Any {
    fn spawn(&self, future: Boxed) -> JoinHandle<u32>;
    fn run(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>);
    fn tasks(&self) -> usize;
}

impl Any for Executor<'static> {
    fn spawn(&self, future: Boxed) -> JoinHandle<u32> {
        Executor::spawn(self, future)
    }
    fn run(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) {
        block_on(Executor::run(self, future));
    }
    fn tasks(&self) -> usize {
        self.snapshot().len()
    }
}

impl Any for LocalExecutor<'static> {
    fn spawn(&self, future: Boxed) -> JoinHandle<u32> {
        LocalExecutor::spawn(self, future)
    }
    fn run(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) {
        block_on(LocalExecutor::run(self, future));
    }
    fn tasks(&self) -> usize {
        self.snapshot().len()
    }
}

/// A local executor whose tasks are spawned as other threads spawn them: they
/// live in shared cells.
struct ThroughSchedule(LocalExecutor<'static>);

impl Any for ThroughSchedule {
    fn spawn(&self, future: Boxed) -> JoinHandle<u32> {
        // SAFETY: the future is `Send` and `'static`. Unlike `spawn_on`, this
        // does not take the shorter way of the executor's own thread.
        unsafe { spawn_unchecked(self.0.scheduler(), future) }
    }
    fn run(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) {
        block_on(self.0.run(future));
    }
    fn tasks(&self) -> usize {
        self.0.snapshot().len()
    }
}

/// A serial scheduler, run by this thread.
struct Serial(Arc<SerialScheduler>);

impl Serial {
    fn new() -> Serial {
        Serial(SerialScheduler::with(Options::new(1)))
    }
}

impl Any for Serial {
    fn spawn(&self, future: Boxed) -> JoinHandle<u32> {
        spawn_on(self.0.clone(), future)
    }
    fn run(&self, mut future: Pin<Box<dyn Future<Output = ()> + '_>>) {
        let mut park = ThreadPark::new();
        let waker = waker::unpark_waker(park.unparker());
        let mut cx = Context::from_waker(&waker);
        let mut done = || future.as_mut().poll(&mut cx).is_ready();
        assert!(self.0.run_until(&mut park, &mut done));
    }
    fn tasks(&self) -> usize {
        self.0.snapshot().len()
    }
}

impl Drop for Serial {
    fn drop(&mut self) {
        self.0.cancel_all();
    }
}

fn on_each(body: impl Fn(&dyn Any)) {
    body(&Executor::new());
    body(&LocalExecutor::new());
    body(&ThroughSchedule(LocalExecutor::new()));
    body(&Serial::new());
}

#[test]
fn spawn_and_join() {
    on_each(|executor| {
        executor.run(Box::pin(async {
            let handles: Vec<_> = (0..1000)
                .map(|n| executor.spawn(Box::pin(async move { n })))
                .collect();
            let mut sum = 0;
            for handle in handles {
                sum += handle.await.unwrap();
            }
            assert_eq!(sum, 499_500);
        }));
        assert_eq!(executor.tasks(), 0);
    });
}

#[test]
fn tasks_that_yield_take_turns() {
    on_each(|executor| {
        let log = Arc::new(std::sync::Mutex::new(Vec::new()));
        executor.run(Box::pin(async {
            let task = |name: u32| {
                let log = log.clone();
                executor.spawn(Box::pin(async move {
                    for _ in 0..3 {
                        log.lock().unwrap().push(name);
                        yield_now().await;
                    }
                    name
                }))
            };
            let (a, b) = (task(1), task(2));
            a.await.unwrap();
            b.await.unwrap();
        }));
        assert_eq!(*log.lock().unwrap(), [1, 2, 1, 2, 1, 2]);
    });
}

#[test]
fn wakes_from_other_threads_arrive() {
    on_each(|executor| {
        executor.run(Box::pin(async {
            let mut handles = Vec::new();
            for n in 0..100 {
                let (sender, receiver) = oneshot::channel();
                handles.push(executor.spawn(Box::pin(async move { receiver.await.unwrap() })));
                std::thread::spawn(move || sender.send(n).unwrap());
            }
            for (n, handle) in handles.into_iter().enumerate() {
                assert_eq!(handle.await.unwrap(), n as u32);
            }
        }));
    });
}

#[test]
fn a_panic_stays_in_its_task() {
    on_each(|executor| {
        executor.run(Box::pin(async {
            let bad = executor.spawn(Box::pin(async { panic!("on purpose") }));
            let good = executor.spawn(Box::pin(async { 1 }));
            assert!(bad.await.unwrap_err().is_panic());
            assert_eq!(good.await.unwrap(), 1);
        }));
    });
}

#[test]
fn abort_and_cancel() {
    on_each(|executor| {
        executor.run(Box::pin(async {
            let idle = executor.spawn(Box::pin(pending()));
            yield_now().await;
            idle.abort();
            assert!(idle.await.unwrap_err().is_cancelled());
            let idle = executor.spawn(Box::pin(pending()));
            assert!(idle.cancel().await.unwrap_err().is_cancelled());
        }));
        assert_eq!(executor.tasks(), 0);
    });
}

#[test]
fn a_chain_of_messages() {
    on_each(|executor| {
        executor.run(Box::pin(async {
            let (mut first, mut receiver) = mpsc::channel::<u32>(1);
            for _ in 0..50 {
                let (mut sender, next) = mpsc::channel(1);
                let mut from = std::mem::replace(&mut receiver, next);
                drop(executor.spawn(Box::pin(async move {
                    while let Some(n) = from.next().await {
                        sender.send(n + 1).await.unwrap();
                    }
                    0
                })));
            }
            for n in 0..20 {
                first.send(n).await.unwrap();
                assert_eq!(receiver.next().await, Some(n + 50));
            }
        }));
    });
}

/// Drops of the executor cancel what is idle and what is queued, also tasks
/// whose destructors spawn or wake others.
#[test]
fn dropping_the_executor_drops_its_tasks() {
    struct OnDrop(Arc<AtomicUsize>, Option<oneshot::Sender<()>>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
            if let Some(sender) = self.1.take() {
                let _ = sender.send(());
            }
        }
    }
    fn check(spawn: impl FnOnce(Vec<Boxed>) -> Vec<JoinHandle<u32>>) {
        let drops = Arc::new(AtomicUsize::new(0));
        let (sender, receiver) = oneshot::channel();
        let first = OnDrop(drops.clone(), Some(sender));
        let second = OnDrop(drops.clone(), None);
        let handles = spawn(vec![
            Box::pin(async move {
                let _first = first;
                pending().await
            }),
            Box::pin(async move {
                let _second = second;
                let _ = receiver.await;
                pending().await
            }),
        ]);
        assert_eq!(drops.load(Ordering::Relaxed), 2);
        for handle in handles {
            assert!(block_on(handle).unwrap_err().is_cancelled());
        }
    }
    check(|futures| {
        let executor = Executor::new();
        let handles = futures.into_iter().map(|f| executor.spawn(f)).collect();
        while executor.try_tick() {}
        handles
    });
    check(|futures| {
        let executor = LocalExecutor::new();
        let handles = futures.into_iter().map(|f| executor.spawn(f)).collect();
        while executor.try_tick() {}
        handles
    });
    // Never run at all.
    check(|futures| {
        let executor = Executor::new();
        futures.into_iter().map(|f| executor.spawn(f)).collect()
    });
}

#[test]
fn tick_runs_one_task() {
    let count = RefCell::new(0);
    let executor = LocalExecutor::new();
    for _ in 0..3 {
        drop(executor.spawn(async { *count.borrow_mut() += 1 }));
    }
    block_on(executor.tick());
    assert_eq!(*count.borrow(), 1);
    assert!(executor.try_tick());
    assert!(executor.try_tick());
    assert!(!executor.try_tick());
    assert!(executor.is_empty());

    let executor = Executor::new();
    drop(executor.spawn(async {}));
    block_on(executor.tick());
    assert!(executor.is_empty());
}
