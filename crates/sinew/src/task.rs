//! Tasks, from `sinew-task`, and the functions that spawn them, from
//! `sinew-runtime`.

pub use sinew_blocking::unblock;
pub use sinew_core::coop;
pub use sinew_core::coop::{consume_budget, unconstrained};
pub use sinew_runtime::{spawn, spawn_blocking, spawn_local, spawn_named};
pub use sinew_task::{
    AbortHandle, EnterGuard, Id, JoinError, JoinHandle, Metadata, Runnable, Schedule, TaskInfo,
    TaskList, YieldNow, enter, id, set_default, spawn_on, try_id, yield_now,
};
