use std::cell::Cell;
use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use sinew_core::block_on;
use sinew_runtime::{LocalSet, UnhandledPanic, block_in_place, spawn, spawn_local};
use sinew_task::yield_now;
use sinew_time::sleep;

use crate::conformance::{current, multi, on_each};

#[test]
fn an_rc_across_an_await_on_every_flavor() {
    on_each(|| async {
        let set = LocalSet::new();
        let shared = Rc::new(Cell::new(0));
        let seen = shared.clone();
        set.run_until(async move {
            let tasks: Vec<_> = (0..100)
                .map(|n| {
                    let shared = shared.clone();
                    spawn_local(async move {
                        yield_now().await;
                        sleep(Duration::from_micros(n)).await;
                        shared.set(shared.get() + 1);
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        })
        .await;
        assert_eq!(seen.get(), 100);
    });
}

#[test]
fn the_set_as_a_future_ends_with_its_last_task() {
    on_each(|| async {
        let set = LocalSet::new();
        let done = Rc::new(Cell::new(0));
        for _ in 0..200 {
            let done = done.clone();
            set.spawn_local(async move {
                let inner = done.clone();
                yield_now().await;
                spawn_local(async move { inner.set(inner.get() + 1) });
                done.set(done.get() + 1);
            });
        }
        set.await;
        assert_eq!(done.get(), 400);
    });
    block_on(LocalSet::new());
}

#[test]
fn tasks_stay_on_the_thread_and_spawn_goes_to_the_runtime() {
    let runtime = multi(1);
    let set = LocalSet::new();
    let here = std::thread::current().id();
    set.block_on(&runtime, async move {
        let local = spawn_local(async { std::thread::current().id() });
        assert_eq!(local.await.unwrap(), here);
        let name = spawn(async { std::thread::current().name().map(str::to_owned) });
        let _ = name.await.unwrap();
    });
}

#[test]
fn tasks_left_over_stay_in_the_set_until_it_is_dropped() {
    struct Spawns(Rc<Cell<bool>>);
    impl Drop for Spawns {
        fn drop(&mut self) {
            // The set is still entered, and refuses.
            let late = spawn_local(async {});
            assert!(block_on(late).unwrap_err().is_cancelled());
            self.0.set(true);
        }
    }
    let dropped = Rc::new(Cell::new(false));
    let set = LocalSet::new();
    let guard = Spawns(dropped.clone());
    let task = set.spawn_local(async move {
        let _guard = guard;
        pending::<()>().await;
    });
    set.block_on(&current(), yield_now());
    assert!(!dropped.get() && !task.is_finished());
    drop(set);
    assert!(dropped.get());
    assert!(block_on(task).unwrap_err().is_cancelled());
}

#[test]
fn a_local_task_is_woken_from_other_threads() {
    on_each(|| async {
        let set = LocalSet::new();
        let output = set
            .run_until(async {
                let (sender, receiver) = futures::channel::oneshot::channel();
                let task = spawn_local(receiver);
                std::thread::spawn(move || sender.send(5).unwrap());
                task.await.unwrap().unwrap()
            })
            .await;
        assert_eq!(output, 5);
    });
}

#[test]
fn sets_nest() {
    let (one, two) = (LocalSet::new(), LocalSet::new());
    assert_ne!(one.id(), two.id());
    let sum = one.block_on(&current(), async {
        let inner = two
            .run_until(async { spawn_local(async { 1 }).await.unwrap() })
            .await;
        inner + spawn_local(async { 2 }).await.unwrap()
    });
    assert_eq!(sum, 3);
}

#[test]
fn a_panic_ends_a_set_that_is_to_end_then() {
    on_each(|| async {
        let mut set = LocalSet::new();
        set.unhandled_panic(UnhandledPanic::ShutdownRuntime);
        let shared = Rc::new(());
        let held = shared.clone();
        let other = set.spawn_local(async move {
            let _held = held;
            pending::<()>().await;
        });
        let waits = set.run_until(async {
            spawn_local(async { panic!("on purpose") });
            pending::<()>().await;
        });
        let ended = AssertUnwindSafe(waits).catch_unwind().await;
        let reason = *ended.unwrap_err().downcast::<String>().unwrap();
        assert!(
            reason.contains("LocalSet is configured to shutdown"),
            "{reason}"
        );
        assert!(reason.ends_with(": on purpose"), "{reason}");
        assert_eq!(Rc::strong_count(&shared), 1);
        assert!(other.await.unwrap_err().is_cancelled());
        let refused = set.spawn_local(async {});
        assert!(refused.await.unwrap_err().is_cancelled());
    });
}

#[test]
#[should_panic(expected = "before it has tasks")]
fn a_set_with_tasks_keeps_what_it_does_on_panics() {
    let mut set = LocalSet::new();
    set.spawn_local(async {});
    set.unhandled_panic(UnhandledPanic::Ignore);
}

#[test]
fn no_block_in_place_in_a_set() {
    let runtime = multi(2);
    runtime.block_on(async {
        let set = LocalSet::new();
        let task = set.spawn_local(async { block_in_place(|| ()) });
        set.await;
        assert!(task.await.unwrap_err().is_panic());
        block_in_place(|| ());
    });
}
