//! The scheduler as a whole, on two or three threads: what other threads wake, spawn
//! and end, against a thread that runs tasks and parks. Loom tells of a wait that never
//! ends and of two threads that touch a task's future at once (`Guard`).

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::sync::{Mutex, Notify};
use loom::thread;
use sinew_core::{Park, Unpark};
use sinew_task::{JoinHandle, Schedule, spawn_on};

use crate::{Options, SerialScheduler};

fn model(check: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(builder.preemption_bound.unwrap_or(2));
    builder.check(check);
}

struct Token(Notify);

impl Token {
    fn new() -> Arc<Token> {
        Arc::new(Token(Notify::new()))
    }
}

impl Unpark for Token {
    fn unpark(&self) {
        self.0.notify();
    }
}

impl Wake for Token {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// Parks a thread of the model.
struct ModelPark(Arc<Token>);

impl Park for ModelPark {
    fn park(&mut self, _: Option<Instant>) {
        self.0.0.wait();
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        self.0.clone()
    }
}

/// Something that must be on one thread at a time, and counts its drops.
struct Guard {
    touched: UnsafeCell<u32>,
    drops: Arc<AtomicUsize>,
}

impl Guard {
    fn new(drops: &Arc<AtomicUsize>) -> Guard {
        Guard {
            touched: UnsafeCell::new(0),
            drops: drops.clone(),
        }
    }

    fn touch(&self) {
        // SAFETY: that it is sound is what loom checks.
        self.touched.with_mut(|count| unsafe { *count += 1 });
    }
}

// SAFETY: loom checks the accesses.
unsafe impl Send for Guard {}

impl Drop for Guard {
    fn drop(&mut self) {
        self.touch();
        // Relaxed: the test must see it for other reasons.
        self.drops.fetch_add(1, Ordering::Relaxed);
    }
}

fn scheduler() -> Arc<SerialScheduler> {
    SerialScheduler::with(Options::new(1))
}

fn spawn<F>(scheduler: &Arc<SerialScheduler>, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let scheduler: Arc<dyn Schedule> = scheduler.clone();
    spawn_on(scheduler, future)
}

/// Runs tasks on this thread until `done`.
fn run_until(scheduler: &Arc<SerialScheduler>, mut done: impl FnMut() -> bool) -> bool {
    scheduler.run_until(&mut ModelPark(Token::new()), &mut done)
}

/// Polls `future` as a `block_on` does: to the end, while tasks run.
fn block_on<F: Future>(scheduler: &Arc<SerialScheduler>, future: F) -> F::Output {
    let mut future = pin!(future);
    let token = Token::new();
    let waker = Waker::from(token.clone());
    let mut output = None;
    let ran = scheduler.run_until(&mut ModelPark(token), &mut || {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            output = Some(value);
        }
        output.is_some()
    });
    assert!(ran, "nobody else runs it");
    output.expect("it is done")
}

/// A task that leaves its waker in `place` and ends once `end` is set.
fn waits(
    guard: Guard,
    place: &Arc<Mutex<Option<Waker>>>,
    end: &Arc<AtomicBool>,
) -> impl Future<Output = ()> + Send + use<> {
    let (place, end) = (place.clone(), end.clone());
    poll_fn(move |cx| {
        guard.touch();
        *place.lock().unwrap() = Some(cx.waker().clone());
        match end.load(Ordering::Relaxed) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
}

/// Spawns, on the thread that runs it, a task that waits, and runs that once.
fn waiting(
    scheduler: &Arc<SerialScheduler>,
    end: &Arc<AtomicBool>,
    drops: &Arc<AtomicUsize>,
) -> (JoinHandle<()>, Waker) {
    let place = Arc::new(Mutex::new(None));
    let task = waits(Guard::new(drops), &place, end);
    let mut task = Some(task);
    let mut handle = None;
    let ran = run_until(scheduler, || {
        if let Some(task) = task.take() {
            handle = Some(spawn(scheduler, task));
        }
        place.lock().unwrap().is_some()
    });
    assert!(ran);
    let waker = place.lock().unwrap().take();
    (handle.unwrap(), waker.unwrap())
}

/// A wake from elsewhere reaches a thread that runs, parks, or is about to, and what
/// came before it is seen by the poll.
#[test]
fn a_remote_wake_ends_a_park() {
    model(|| {
        let (end, drops) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let scheduler = scheduler();
        let (handle, waker) = waiting(&scheduler, &end, &drops);
        let other = thread::spawn(move || {
            end.store(true, Ordering::Relaxed);
            waker.wake();
        });
        block_on(&scheduler, handle).unwrap();
        other.join().unwrap();
        scheduler.cancel_all();
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

/// So does a task that another thread spawns, and that thread learns of its end.
#[test]
fn a_remote_spawn_is_run_and_joined() {
    model(|| {
        let scheduler = scheduler();
        let joined = Arc::new(AtomicBool::new(false));
        let main = Token::new();
        let other = thread::spawn({
            let (scheduler, joined, main) = (scheduler.clone(), joined.clone(), main.clone());
            move || {
                let mut handle = spawn(&scheduler, async { 7 });
                let token = Token::new();
                let waker = Waker::from(token.clone());
                let output = loop {
                    match Pin::new(&mut handle).poll(&mut Context::from_waker(&waker)) {
                        Poll::Ready(output) => break output,
                        Poll::Pending => token.0.wait(),
                    }
                };
                assert_eq!(output.unwrap(), 7);
                joined.store(true, Ordering::Relaxed);
                main.unpark();
            }
        });
        let mut park = ModelPark(main);
        assert!(scheduler.run_until(&mut park, &mut || joined.load(Ordering::Relaxed)));
        other.join().unwrap();
        scheduler.cancel_all();
    });
}

/// The end, asked for by another thread, ends the tasks of one that runs or parks; who
/// asked returns when their futures are gone.
#[test]
fn the_end_meets_a_thread_that_runs() {
    model(|| {
        let (end, drops) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let scheduler = scheduler();
        let (handle, waker) = waiting(&scheduler, &end, &drops);
        let other = thread::spawn({
            let (scheduler, drops) = (scheduler.clone(), drops.clone());
            move || {
                scheduler.cancel_all();
                assert_eq!(drops.load(Ordering::Relaxed), 1);
            }
        });
        // Not by `block_on`: the other thread may be the one that ends it.
        let mut handle = pin!(handle);
        let token = Token::new();
        let woken = Waker::from(token.clone());
        let mut cx = Context::from_waker(&woken);
        let mut is_over = || handle.as_mut().poll(&mut cx).is_ready();
        if !scheduler.run_until(&mut ModelPark(token.clone()), &mut is_over) {
            while !is_over() {
                token.0.wait();
            }
        }
        other.join().unwrap();
        drop(waker);
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

/// A wake meets the end: either the task has another turn, or it does nothing.
#[test]
fn a_remote_wake_meets_the_end() {
    model(|| {
        let (end, drops) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let scheduler = scheduler();
        let (handle, waker) = waiting(&scheduler, &end, &drops);
        drop(handle);
        let other = thread::spawn(move || waker.wake());
        scheduler.cancel_all();
        assert_eq!(drops.load(Ordering::Relaxed), 1);
        other.join().unwrap();
    });
}

/// A spawn meets the end: the task runs or is cancelled, and is dropped either way.
#[test]
fn a_remote_spawn_meets_the_end() {
    model(|| {
        let drops = Arc::default();
        let scheduler = scheduler();
        assert!(run_until(&scheduler, || true));
        let other = thread::spawn({
            let (scheduler, guard) = (scheduler.clone(), Guard::new(&drops));
            move || drop(spawn(&scheduler, async move { guard.touch() }))
        });
        scheduler.cancel_all();
        other.join().unwrap();
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

/// Two threads run it, one after the other or one while the other cannot; a future that
/// both poll goes over.
#[test]
fn one_thread_hands_over_to_another() {
    model(|| {
        let drops = Arc::default();
        // A turn at a time: the task never ends.
        let mut options = Options::new(1);
        options.injector_interval = 1;
        let scheduler = SerialScheduler::with(options);
        let guard = Guard::new(&drops);
        let handle = spawn(
            &scheduler,
            poll_fn(move |cx| {
                guard.touch();
                cx.waker().wake_by_ref();
                Poll::<()>::Pending
            }),
        );
        drop(handle);
        let run = |scheduler: &Arc<SerialScheduler>| {
            let mut asked = 0;
            run_until(scheduler, || {
                asked += 1;
                asked > 1
            })
        };
        let other = thread::spawn({
            let scheduler = scheduler.clone();
            move || run(&scheduler)
        });
        let here = run(&scheduler);
        let there = other.join().unwrap();
        assert!(here || there, "who finds it owned leaves it to the owner");
        scheduler.cancel_all();
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}
