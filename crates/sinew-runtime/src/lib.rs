//! The runtime: an executor, a reactor, timers and a blocking pool, wired
//! together on threads of their own.
//!
//! | you want to | look at |
//! |---|---|
//! | run async code on all CPUs | [`Runtime::new`], [`Builder::new_multi_thread`] |
//! | run async code on the calling thread | [`Builder::new_current_thread`] |
//! | run tasks that are not `Send` | [`LocalRuntime`], [`spawn_local`] |
//! | spawn from anywhere | [`spawn`], [`spawn_blocking`], [`Handle`] |
//! | join many tasks as they finish | [`JoinSet`], [`JoinMap`], [`JoinQueue`] |
//! | wait for tasks without keeping anything of them | [`TaskTracker`] |
//! | have tasks that are not `Send` inside of any runtime | [`LocalSet`] |
//! | run tasks that borrow, in parallel, and block meanwhile | [`block_scope`] |
//! | keep tasks in a tree that is joined or cancelled as one | [`Nursery`] |
//! | restart what fails | [`nursery::Supervisor`] |
//! | name a task | [`TaskBuilder`] |
//! | bridge from synchronous code | [`block_on`], [`Handle::block_on`] |
//! | end it, and know who did not stop | [`Runtime::shutdown`] |
//! | end it at once | [`Runtime::shutdown_timeout`], [`Runtime::shutdown_background`] |
//! | know how busy it is | [`RuntimeMetrics`] |
//! | see what its tasks wait for | [`Handle::tasks`] |
//!
//! A program that has no runtime can still spawn: [`spawn`] and [`block_on`]
//! then use a multi-thread runtime that is started on first use and lives as
//! long as the process. It has as many workers as `SINEW_WORKERS` says, else as
//! there are CPUs.
//!
//! # When not to use this crate
//!
//! For one future and no tasks, `sinew_core::block_on` is enough. To run tasks
//! on threads that belong to something else, take the executors of
//! `sinew-executor`; to bring your own, implement [`Schedule`](sinew_task::Schedule)
//! and leave this crate out: sinew's timers and sockets work under any executor.
//!
//! # Example
//!
//! ```
//! use sinew_runtime::Runtime;
//!
//! let runtime = Runtime::new()?;
//! let sum = runtime.block_on(async {
//!     let one = sinew_runtime::spawn(async { 1 });
//!     let two = sinew_runtime::spawn_blocking(|| 2);
//!     one.await.unwrap() + two.await.unwrap()
//! });
//! assert_eq!(sum, 3);
//! # std::io::Result::Ok(())
//! ```

#![forbid(unsafe_code)]

pub mod join_set;
pub mod nursery;
pub mod task_tracker;

mod block_in_place;
mod block_on;
mod block_scope;
mod builder;
mod context;
mod core;
mod default_runtime;
mod drain;
mod driver;
mod flavor;
mod handle;
mod hooks;
mod id;
mod join_map;
mod join_queue;
mod local_runtime;
mod local_set;
mod main_future;
mod metrics;
mod multi_thread;
mod park_hooks;
mod parker;
mod rng_seed;
mod runtime;
mod shutdown;
mod spawn;
mod task_builder;
mod threads;
mod unhandled;

pub use block_in_place::block_in_place;
pub use block_scope::block_scope;
pub use builder::Builder;
pub use drain::Drain;
pub use handle::{EnterGuard, Handle, RuntimeFlavor, TryCurrentError};
pub use hooks::TaskMeta;
pub use id::Id;
pub use join_map::{JoinMap, JoinMapKeys};
pub use join_queue::JoinQueue;
pub use join_set::JoinSet;
pub use local_runtime::{LocalOptions, LocalRuntime};
pub use local_set::{LocalEnterGuard, LocalSet};
pub use metrics::{
    HistogramConfiguration, HistogramScale, InvalidHistogramConfiguration, LogHistogram,
    LogHistogramBuilder, RuntimeMetrics,
};
pub use nursery::{Nursery, NurseryHandle, nursery};
pub use rng_seed::RngSeed;
pub use runtime::{Runtime, worker_index};
pub use sinew_blocking::TrySpawnError;
pub use sinew_executor::spawn_local;
pub use sinew_reactor::is_rt_shutdown_err;
pub use spawn::{block_on, spawn, spawn_blocking, spawn_named, try_spawn_blocking};
pub use task_builder::Builder as TaskBuilder;
pub use task_tracker::TaskTracker;
pub use unhandled::UnhandledPanic;
