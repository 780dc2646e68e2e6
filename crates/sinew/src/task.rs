//! Tasks, from `sinew-task`, and the functions that spawn them, from
//! `sinew-runtime`.

pub use sinew_blocking::{UnblockIo, UnblockIter, unblock, unblock_iter};
pub use sinew_core::coop;
pub use sinew_core::coop::{Unconstrained, consume_budget, unconstrained};
pub use sinew_runtime::TaskBuilder as Builder;
pub use sinew_runtime::{
    JoinMap, JoinMapKeys, JoinQueue, JoinSet, LocalEnterGuard, LocalSet, TaskTracker,
    TrySpawnError, join_set, task_tracker,
};
pub use sinew_runtime::{
    block_in_place, spawn, spawn_blocking, spawn_local, spawn_named, try_spawn_blocking,
};
pub use sinew_task::{
    AbortHandle, AbortOnDrop, AbortOnDropHandle, EnterGuard, Id, JoinError, JoinHandle, LocalKey,
    Metadata, Runnable, Schedule, TaskHooks, TaskInfo, TaskList, TaskPanic, TaskSet, YieldNow,
    enter, id, set_default, spawn_on, try_id, yield_now,
};

/// The futures of this module, and the error of a task-local without a value.
pub mod futures {
    pub use sinew_task::{AccessError, TaskLocalFuture};
}
