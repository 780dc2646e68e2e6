//! Hooks that do what hooks should not.

use std::cell::RefCell;
use std::sync::Arc;

use sinew_core::block_on;
use sinew_executor::{LocalExecutor, spawn_local};
use sinew_task::{Metadata, TaskHooks};

thread_local! {
    static EXECUTOR: RefCell<Option<LocalExecutor<'static>>> = const { RefCell::new(None) };
}

/// Drops the executor for which a task is being spawned.
struct DropsTheExecutor;

impl TaskHooks for DropsTheExecutor {
    fn spawned(&self, _: &Metadata) {
        drop(EXECUTOR.take());
    }
}

#[test]
fn an_executor_may_go_while_a_task_is_spawned_on_it() {
    let executor = LocalExecutor::with_hooks(Some(Arc::new(DropsTheExecutor)));
    let _entered = executor.enter_guard();
    EXECUTOR.set(Some(executor));
    let cancelled = spawn_local(async { 1 });
    assert!(EXECUTOR.with_borrow(Option::is_none));
    assert!(block_on(cancelled).unwrap_err().is_cancelled());
    // The hook has nothing to drop any more; the queue is closed.
    let refused = spawn_local(async { 2 });
    assert!(block_on(refused).unwrap_err().is_cancelled());
}
