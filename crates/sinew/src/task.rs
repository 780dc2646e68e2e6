//! Tasks, from `sinew-task`, and the functions that spawn them, from
//! `sinew-runtime`.

pub use sinew_blocking::{UnblockIo, UnblockIter, unblock, unblock_iter};
pub use sinew_core::coop;
pub use sinew_core::coop::{Unconstrained, consume_budget, unconstrained};
pub use sinew_runtime::TaskBuilder as Builder;
pub use sinew_runtime::{
    JoinMap, JoinMapKeys, JoinQueue, JoinSet, LocalEnterGuard, LocalSet, Nursery, NurseryHandle,
    TaskTracker, TrySpawnError, join_set, nursery, task_tracker,
};
pub use sinew_runtime::{
    block_in_place, block_scope, spawn, spawn_blocking, spawn_local, spawn_named,
    try_spawn_blocking,
};
pub use sinew_task::{
    AbortHandle, AbortOnDrop, AbortOnDropHandle, BlockError, BlockHandle, BlockScope, EnterGuard,
    Id, JoinError, JoinHandle, LocalKey, Metadata, Runnable, Schedule, Scope, ScopeBody, Scoped,
    ScopedHandle, TaskHooks, TaskInfo, TaskList, TaskPanic, TaskSet, TryScoped, YieldNow, enter,
    id, scope, set_default, spawn_on, try_id, try_scope, yield_now,
};

pub use sinew_runtime::nursery::{
    Backoff, Failure, FailurePolicy, NurseryError, Outcome, Report, RestartPolicy, Straggler,
    Strategy, Supervisor, SupervisorError,
};

/// The futures of this module, and the error of a task-local without a value.
pub mod futures {
    pub use sinew_task::{AccessError, TaskLocalFuture};
}
