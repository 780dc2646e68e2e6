use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe, catch_unwind};
use std::rc::Rc;

use sinew_runtime::{
    Builder, Handle, LocalOptions, Runtime, RuntimeFlavor, block_on, spawn, spawn_blocking,
    spawn_local, spawn_named,
};

use crate::conformance::{current, local, multi};

#[test]
fn without_a_runtime_the_default_one_serves() {
    assert!(Handle::try_current().is_err());
    let handle = spawn(async { Handle::current().runtime_flavor() });
    assert_eq!(block_on(handle).unwrap(), RuntimeFlavor::MultiThread);
    assert_eq!(
        block_on(async { Handle::current().name().map(str::to_owned) }).as_deref(),
        Some("default")
    );
    assert!(Handle::try_current().is_err());
}

#[test]
fn the_entered_runtime_goes_first() {
    let outer = Builder::new_multi_thread()
        .worker_threads(1)
        .name("outer")
        .build()
        .unwrap();
    let inner = Builder::new_current_thread().name("inner").build().unwrap();
    let _outer = outer.enter();
    {
        let _inner = inner.enter();
        assert_eq!(Handle::current().name(), Some("inner"));
    }
    let name = outer.block_on(spawn(async { Handle::current().name().map(str::to_owned) }));
    assert_eq!(name.unwrap().as_deref(), Some("outer"));
}

#[test]
fn a_foreign_block_on_inside_an_entered_runtime_uses_it() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .name("entered")
        .build()
        .unwrap();
    let _entered = runtime.enter();
    let name = futures::executor::block_on(async {
        spawn(async { Handle::current().name().map(str::to_owned) }).await
    });
    assert_eq!(name.unwrap().as_deref(), Some("entered"));
}

#[test]
#[should_panic(expected = "there is no runtime on this thread")]
fn handle_current_outside_panics_with_the_remedy() {
    let _ = Handle::current();
}

#[test]
fn blocking_threads_are_inside_of_the_runtime() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .name("around")
        .build()
        .unwrap();
    let name = runtime.block_on(async {
        let inside =
            || Handle::current().block_on(async { Handle::current().name().map(str::to_owned) });
        spawn_blocking(inside).await
    });
    assert_eq!(name.unwrap().as_deref(), Some("around"));
}

#[test]
fn names_and_flavors() {
    assert_eq!(multi(2).handle().num_workers(), 2);
    assert_eq!(
        current().handle().runtime_flavor(),
        RuntimeFlavor::CurrentThread
    );
    assert_eq!(local().handle().runtime_flavor(), RuntimeFlavor::Local);
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("renamed")
        .build()
        .unwrap();
    let name =
        runtime.block_on(runtime.spawn(async { std::thread::current().name().map(str::to_owned) }));
    assert_eq!(name.unwrap().as_deref(), Some("renamed"));
}

#[test]
fn local_tasks_hold_an_rc_across_an_await() {
    let runtime = local();
    let shared = Rc::new(3);
    let before = runtime.spawn_local({
        let shared = shared.clone();
        async move { *shared }
    });
    let sum = runtime.block_on(async {
        let mine = shared.clone();
        let task = spawn_local(async move {
            sinew_task::yield_now().await;
            *mine
        });
        // A task that is `Send` comes here too.
        let thread = std::thread::current().id();
        let there = spawn(async { std::thread::current().id() }).await.unwrap();
        assert_eq!(thread, there);
        task.await.unwrap() + before.await.unwrap()
    });
    assert_eq!(sum, 6);
}

#[test]
#[should_panic(expected = "outside of a `task::LocalSet` or `runtime::LocalRuntime`")]
fn spawn_local_on_another_flavor_panics() {
    current().block_on(async {
        drop(spawn_local(async {}));
    });
}

#[test]
#[should_panic(expected = "worker_threads cannot be set to 0")]
fn zero_workers_panic() {
    Builder::new_multi_thread().worker_threads(0);
}

#[test]
#[should_panic(expected = "a LocalRuntime has one thread")]
fn a_local_runtime_is_not_multi_thread() {
    let _ = Builder::new_multi_thread().build_local(LocalOptions::default());
}

#[test]
fn a_named_task_is_listed_by_its_name() {
    let runtime = current();
    runtime.block_on(async {
        let task = spawn_named("idler", std::future::pending::<()>());
        sinew_task::yield_now().await;
        let tasks = Handle::current().tasks();
        assert!(
            tasks
                .iter()
                .any(|task| task.name.as_deref() == Some("idler"))
        );
        task.abort();
    });
}

#[test]
fn guards_are_dropped_in_the_reverse_order_of_their_making() {
    let (one, two) = (current(), current());
    let swapped = catch_unwind(AssertUnwindSafe(|| {
        let first = one.enter();
        let _second = two.enter();
        drop(first);
    }));
    assert!(swapped.is_err());
    drop((one.enter(), ()));
    let (_first, _second) = (two.enter(), one.enter());
    // The fields of a tuple go in their order.
    let other = catch_unwind(AssertUnwindSafe(|| drop((one.enter(), two.enter()))));
    assert!(other.is_err());
}

#[test]
fn a_runtime_may_end_while_it_is_entered() {
    let runtime = current();
    let _entered = runtime.enter();
    runtime.shutdown_background();
    assert!(block_on(spawn(async {})).unwrap_err().is_cancelled());
}

#[test]
fn a_runtime_may_be_used_after_a_panic_around_it() {
    fn check<T: UnwindSafe + RefUnwindSafe>(_: &T) {}
    let runtime = Runtime::new().unwrap();
    check(&runtime);
    check(runtime.handle());
    check(&runtime.metrics());
    let panicked = catch_unwind(|| runtime.block_on(async { panic!("inside") }));
    assert!(panicked.is_err());
    assert_eq!(runtime.block_on(async { 5 }), 5);
}
