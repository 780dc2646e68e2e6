//! The whole product of what a task can do and what can be done with it, on
//! every flavour.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use sinew_runtime::{Builder, LocalOptions, LocalRuntime, LocalSet, Runtime, UnhandledPanic};
use sinew_task::{JoinHandle, TaskPanic, yield_now};

/// What the future does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Completes,
    /// Waits until it is let go, and then completes.
    Pends,
    Panics,
    /// Waits until it is let go, and then panics.
    PendsAndPanics,
}

/// What is done with its handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handled {
    Joined,
    Detached,
    Aborted,
    Cancelled,
}

/// Which destructor panics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bomb {
    None,
    Output,
    Future,
}

#[derive(Clone, Copy, Debug)]
struct Case {
    does: Does,
    handled: Handled,
    bomb: Bomb,
    /// Whether the task has had its chance to run before it is handled.
    late: bool,
}

fn cases() -> impl Iterator<Item = Case> {
    use {Does::*, Handled::*};
    let mut cases = Vec::new();
    for does in [Completes, Pends, Panics, PendsAndPanics] {
        for handled in [Joined, Detached, Aborted, Cancelled] {
            for bomb in [Bomb::None, Bomb::Output, Bomb::Future] {
                for late in [false, true] {
                    cases.push(Case {
                        does,
                        handled,
                        bomb,
                        late,
                    });
                }
            }
        }
    }
    cases.into_iter()
}

#[derive(Default)]
struct Watch {
    futures_dropped: AtomicUsize,
    outputs_made: AtomicUsize,
    outputs_dropped: AtomicUsize,
    gate: Mutex<(bool, Option<Waker>)>,
}

impl Watch {
    fn let_go(&self) {
        let waker = {
            let mut gate = self.gate.lock().unwrap();
            gate.0 = true;
            gate.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    async fn gate(&self) {
        poll_fn(|cx| {
            let mut gate = self.gate.lock().unwrap();
            if gate.0 {
                return Poll::Ready(());
            }
            gate.1 = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

struct Output(Arc<Watch>, Bomb);

impl Drop for Output {
    fn drop(&mut self) {
        self.0.outputs_dropped.fetch_add(1, Ordering::SeqCst);
        if self.1 == Bomb::Output && !std::thread::panicking() {
            panic!("bomb in the output");
        }
    }
}

/// Lives in the future.
struct Inside(Arc<Watch>, Bomb);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.futures_dropped.fetch_add(1, Ordering::SeqCst);
        // Also while the panic of its poll unwinds.
        if self.1 == Bomb::Future {
            panic!("bomb in the future");
        }
    }
}

type Task = Pin<Box<dyn Future<Output = Output> + Send>>;

fn task(case: Case, watch: &Arc<Watch>) -> Task {
    let inside = Inside(watch.clone(), case.bomb);
    let mut inside = Some(inside);
    let watch = watch.clone();
    let mut waiting: Option<Pin<Box<dyn Future<Output = ()> + Send>>> = None;
    // By hand, so that the guard is dropped with the future and not before.
    Box::pin(poll_fn(move |cx| {
        assert!(inside.is_some());
        if matches!(case.does, Does::Pends | Does::PendsAndPanics) {
            let gate = waiting.get_or_insert_with(|| {
                let watch = watch.clone();
                Box::pin(async move { watch.gate().await })
            });
            if gate.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        if matches!(case.does, Does::Panics | Does::PendsAndPanics) {
            panic!("on purpose");
        }
        watch.outputs_made.fetch_add(1, Ordering::SeqCst);
        let _keep = &mut inside;
        Poll::Ready(Output(watch.clone(), case.bomb))
    }))
}

/// Runs one case. `spawn` spawns.
async fn run(case: Case, watch: Arc<Watch>, spawn: &dyn Fn(Task) -> JoinHandle<Output>) {
    let handle = spawn(task(case, &watch));
    if case.late {
        for _ in 0..10 {
            yield_now().await;
        }
    }
    let aborted = matches!(case.handled, Handled::Aborted | Handled::Cancelled);
    if !aborted {
        watch.let_go();
    }
    let result = match case.handled {
        Handled::Joined => Some(handle.await),
        Handled::Detached => {
            drop(handle);
            None
        }
        Handled::Aborted => {
            let abort = handle.abort_handle();
            abort.abort();
            abort.abort();
            let result = handle.await;
            assert!(abort.is_finished());
            Some(result)
        }
        Handled::Cancelled => Some(handle.cancel().await),
    };
    let Some(result) = result else {
        while watch.futures_dropped.load(Ordering::SeqCst) == 0 {
            yield_now().await;
        }
        return;
    };
    // The future is gone before its end is told.
    assert_eq!(watch.futures_dropped.load(Ordering::SeqCst), 1, "{case:?}");
    match result {
        Ok(output) => {
            assert!(
                matches!(case.does, Does::Completes | Does::Pends),
                "{case:?}"
            );
            assert!(!(case.does == Does::Pends && aborted), "{case:?}");
            assert_ne!(case.bomb, Bomb::Future, "{case:?}");
            // It is ours now, and so is its destructor's panic.
            let dropped = catch_unwind(AssertUnwindSafe(|| drop(output)));
            assert_eq!(dropped.is_err(), case.bomb == Bomb::Output, "{case:?}");
        }
        Err(error) if error.is_cancelled() => {
            assert!(aborted && case.bomb != Bomb::Future, "{case:?}");
        }
        Err(error) => {
            let panics = matches!(case.does, Does::Panics | Does::PendsAndPanics);
            assert!(panics || case.bomb == Bomb::Future, "{case:?}");
            let payload = error.into_panic();
            let text = payload.downcast_ref::<&str>().unwrap();
            assert!(["on purpose", "bomb in the future"].contains(text));
        }
    }
}

/// A number of panics that were told as unseen.
type Unseen = Arc<AtomicUsize>;

fn check(case: Case, watch: &Watch, unseen: &Unseen) {
    let count = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);
    assert_eq!(count(&watch.futures_dropped), 1, "{case:?}");
    assert_eq!(
        count(&watch.outputs_made),
        count(&watch.outputs_dropped),
        "{case:?}"
    );
    let panics = matches!(case.does, Does::Panics | Does::PendsAndPanics);
    // A future whose destructor panics after it has panicked itself has one
    // panic for the handle and one for nobody.
    let second = usize::from(panics && case.bomb == Bomb::Future);
    match case.handled {
        Handled::Joined => assert_eq!(count(unseen), second, "{case:?}"),
        Handled::Detached => {
            let first = usize::from(panics || case.bomb == Bomb::Future);
            assert_eq!(count(unseen), first + second, "{case:?}");
        }
        // Whether it ran before it was aborted is open.
        Handled::Aborted | Handled::Cancelled => assert!(count(unseen) <= second, "{case:?}"),
    }
}

fn hook(unseen: &Unseen) -> impl Fn(&TaskPanic<'_>) + Send + Sync + use<> {
    let unseen = unseen.clone();
    move |panic| {
        assert!(panic.message().is_some());
        unseen.fetch_add(1, Ordering::SeqCst);
    }
}

fn on_runtimes(build: impl Fn(&Unseen) -> Runtime) {
    for case in cases() {
        let (watch, unseen) = (Arc::new(Watch::default()), Unseen::default());
        let runtime = build(&unseen);
        let handle = runtime.handle().clone();
        runtime.block_on(run(case, watch.clone(), &|task| handle.spawn(task)));
        drop(runtime);
        check(case, &watch, &unseen);
    }
}

#[test]
fn on_multi_thread_runtimes() {
    for workers in [1, 3] {
        on_runtimes(|unseen| {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(workers).on_task_panic(hook(unseen));
            builder.build().unwrap()
        });
    }
}

#[test]
fn on_a_current_thread_runtime() {
    on_runtimes(|unseen| {
        let mut builder = Builder::new_current_thread();
        builder
            .on_task_panic(hook(unseen))
            .unhandled_panic(UnhandledPanic::Ignore);
        builder.build().unwrap()
    });
}

fn local(unseen: &Unseen) -> LocalRuntime {
    let mut builder = Builder::new_current_thread();
    builder.on_task_panic(hook(unseen));
    builder.build_local(LocalOptions::default()).unwrap()
}

#[test]
fn on_a_local_runtime() {
    for case in cases() {
        let (watch, unseen) = (Arc::new(Watch::default()), Unseen::default());
        let runtime = local(&unseen);
        runtime.block_on(run(case, watch.clone(), &|task| runtime.spawn_local(task)));
        drop(runtime);
        check(case, &watch, &unseen);

        // The same through the handle, as tasks that are `Send`.
        let (watch, unseen) = (Arc::new(Watch::default()), Unseen::default());
        let runtime = local(&unseen);
        let handle = runtime.handle().clone();
        runtime.block_on(run(case, watch.clone(), &|task| handle.spawn(task)));
        drop(runtime);
        check(case, &watch, &unseen);
    }
}

#[test]
fn on_a_local_set() {
    let runtime = Builder::new_current_thread().build().unwrap();
    for case in cases() {
        let watch = Arc::new(Watch::default());
        let set = LocalSet::new();
        set.block_on(
            &runtime,
            run(case, watch.clone(), &|task| set.spawn_local(task)),
        );
        drop(set);
        assert_eq!(watch.futures_dropped.load(Ordering::SeqCst), 1, "{case:?}");
        let made = watch.outputs_made.load(Ordering::SeqCst);
        assert_eq!(made, watch.outputs_dropped.load(Ordering::SeqCst));
    }
}

/// Tasks that are left alone when their runtime ends.
#[test]
fn the_end_of_the_runtime_drops_what_is_left() {
    let flavors: [&dyn Fn() -> Runtime; 3] = [
        &|| crate::conformance::multi(1),
        &|| crate::conformance::multi(3),
        &crate::conformance::current,
    ];
    for build in flavors {
        for bomb in [Bomb::None, Bomb::Output, Bomb::Future] {
            for (started, keep_handle) in
                [(false, false), (false, true), (true, false), (true, true)]
            {
                let case = Case {
                    does: Does::Pends,
                    handled: Handled::Joined,
                    bomb,
                    late: started,
                };
                let watch = Arc::new(Watch::default());
                let runtime = build();
                let handle = runtime.spawn(task(case, &watch));
                if started {
                    while watch.gate.lock().unwrap().1.is_none() {
                        runtime.block_on(yield_now());
                    }
                }
                let kept = keep_handle.then_some(handle);
                // A waker that is alive elsewhere, and woken after the end.
                let waker = watch.gate.lock().unwrap().1.clone();
                drop(runtime);
                assert_eq!(watch.futures_dropped.load(Ordering::SeqCst), 1);
                if let Some(waker) = waker {
                    waker.wake_by_ref();
                    waker.wake();
                }
                watch.let_go();
                if let Some(handle) = kept {
                    assert!(handle.is_finished());
                    let error = sinew_core::block_on(handle).map(|_| ()).unwrap_err();
                    assert!(error.is_cancelled() || bomb == Bomb::Future);
                }
                assert_eq!(watch.outputs_made.load(Ordering::SeqCst), 0);
            }
        }
    }
}
