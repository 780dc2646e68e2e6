use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use futures::channel::oneshot;
use sinew_core::block_on;
use sinew_runtime::{
    Builder, Handle, LocalOptions, Runtime, UnhandledPanic, spawn, spawn_blocking, spawn_local,
};
use sinew_task::{JoinHandle, yield_now};

type Main<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Builds each flavour with `set` and runs a body on it.
fn on_each_built(set: impl Fn(&mut Builder), body: impl Fn() -> Main<'static>) {
    for workers in [1, 3] {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(workers);
        set(&mut builder);
        builder.build().unwrap().block_on(body());
    }
    let mut builder = Builder::new_current_thread();
    set(&mut builder);
    builder.build().unwrap().block_on(body());
    let local = builder.build_local(LocalOptions::default()).unwrap();
    local.block_on(body());
}

#[test]
fn hooks_see_every_task_and_poll() {
    let counts: Arc<[AtomicUsize; 4]> = Arc::default();
    let count = |index: usize| {
        let counts = counts.clone();
        move |task: &sinew_runtime::TaskMeta<'_>| {
            assert!(task.spawned_at().file().ends_with("task_hooks.rs"));
            counts[index].fetch_add(1, Ordering::SeqCst);
        }
    };
    on_each_built(
        |builder| {
            builder
                .on_task_spawn(count(0))
                .on_before_task_poll(count(1))
                .on_after_task_poll(count(2))
                .on_task_terminate(count(3));
        },
        || {
            Box::pin(async {
                for _ in 0..10 {
                    spawn(yield_now()).await.unwrap();
                }
            })
        },
    );
    let counts: Vec<_> = counts.iter().map(|n| n.load(Ordering::SeqCst)).collect();
    assert_eq!(counts, [40, 80, 80, 40]);
}

#[test]
fn a_panic_that_nobody_sees_is_told_once() {
    let (sender, told) = mpsc::channel();
    let sender = Mutex::new(sender);
    let hook = Arc::new(move |panic: &sinew_task::TaskPanic<'_>| {
        let message = panic.message().unwrap().to_owned();
        sender.lock().unwrap().send(message).unwrap();
    });
    on_each_built(
        |builder| {
            let hook = hook.clone();
            builder.on_task_panic(move |panic| hook(panic));
        },
        || {
            Box::pin(async {
                let seen: JoinHandle<()> = spawn(async { panic!("seen") });
                assert!(seen.await.unwrap_err().is_panic());
                drop::<JoinHandle<()>>(spawn(async { panic!("task") }));
                let (sender, started) = oneshot::channel();
                drop::<JoinHandle<()>>(spawn_blocking(|| {
                    sender.send(()).unwrap();
                    panic!("closure")
                }));
                started.await.unwrap();
                let late: JoinHandle<()> = spawn(async { panic!("late") });
                while !late.is_finished() {
                    yield_now().await;
                }
                drop(late);
            })
        },
    );
    drop(hook);
    let mut told: Vec<_> = told.iter().collect();
    told.sort();
    let expected = ["closure", "late", "task"].map(|message| vec![message; 4]);
    assert_eq!(told, expected.concat());
}

fn shut_down_on_panic(builder: &mut Builder) -> Runtime {
    builder
        .unhandled_panic(UnhandledPanic::ShutdownRuntime)
        .build()
        .unwrap()
}

fn message_of(run: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
    *payload.downcast::<String>().unwrap()
}

#[test]
fn a_panic_can_end_the_runtime() {
    let multi = shut_down_on_panic(Builder::new_multi_thread().worker_threads(2));
    let current = shut_down_on_panic(&mut Builder::new_current_thread());
    for runtime in [multi, current] {
        let stuck = runtime.spawn(pending::<()>());
        let message = message_of(|| {
            runtime.block_on(async {
                drop::<JoinHandle<()>>(spawn(async { panic!("on purpose") }));
                pending().await
            })
        });
        assert!(message.contains("on purpose"), "{message}");
        assert!(message.contains("task_hooks.rs"), "{message}");
        assert!(block_on(stuck).unwrap_err().is_cancelled());
        let late = runtime.spawn(async {});
        assert!(block_on(late).unwrap_err().is_cancelled());
        // So does each later `block_on`.
        message_of(|| runtime.block_on(async {}));
        drop(runtime);
    }
}

#[test]
fn a_panic_can_end_a_local_runtime() {
    let local = Builder::new_current_thread()
        .unhandled_panic(UnhandledPanic::ShutdownRuntime)
        .build_local(LocalOptions::default())
        .unwrap();
    let shared = Rc::new(());
    let held = shared.clone();
    let stuck = local.spawn_local(async move {
        let _held = held;
        pending::<()>().await;
    });
    let message = message_of(|| {
        local.block_on(async {
            let task: JoinHandle<()> = spawn_local(async { panic!("on purpose") });
            // Awaited or not.
            let _ = task.await;
            pending::<()>().await;
        });
    });
    assert!(message.contains("on purpose"), "{message}");
    assert_eq!(Rc::strong_count(&shared), 1);
    assert!(block_on(stuck).unwrap_err().is_cancelled());
    let late = local.spawn_local(async {});
    assert!(block_on(late).unwrap_err().is_cancelled());
    message_of(|| local.block_on(async {}));
}

#[test]
fn every_thread_that_blocks_on_a_runtime_that_ends_is_told() {
    let runtime = shut_down_on_panic(&mut Builder::new_current_thread());
    let (sender, started) = mpsc::channel();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let sender = sender.clone();
                let runtime = &runtime;
                scope.spawn(move || {
                    message_of(|| {
                        runtime.block_on(async {
                            sender.send(()).unwrap();
                            pending::<()>().await;
                        });
                    })
                })
            })
            .collect();
        for _ in 0..3 {
            started.recv().unwrap();
        }
        drop::<JoinHandle<()>>(runtime.spawn(async { panic!("on purpose") }));
        for thread in threads {
            assert!(thread.join().unwrap().contains("on purpose"));
        }
    });
}

#[test]
fn a_panic_that_is_ignored_changes_nothing() {
    let runtime = Builder::new_current_thread()
        .unhandled_panic(UnhandledPanic::Ignore)
        .build()
        .unwrap();
    runtime.block_on(async {
        let task: JoinHandle<()> = spawn(async { panic!("on purpose") });
        assert!(task.await.unwrap_err().is_panic());
        assert_eq!(spawn(async { 1 }).await.unwrap(), 1);
    });
}

#[test]
fn runtimes_have_ids_and_names() {
    let one = Builder::new_current_thread().name("one").build().unwrap();
    let two = Builder::new_current_thread().build().unwrap();
    assert_ne!(one.handle().id(), two.handle().id());
    one.block_on(async {
        assert_eq!(Handle::current().id(), one.handle().id());
    });
    two.shutdown_timeout(Duration::from_secs(1));
}
