//! Executors: who polls the tasks.
//!
//! | you want to | look at |
//! |---|---|
//! | run `Send` tasks on whatever threads you have | [`Executor`] |
//! | the same, with an executor that is never dropped | [`StaticExecutor`] |
//! | run tasks that are not `Send` on one thread | [`LocalExecutor`] |
//! | build a runtime: threads of your own that park on something of your own | [`Scheduler`], [`Worker`], [`Guest`] |
//! | the same with one thread at a time | [`SerialScheduler`] |
//! | see what a scheduler does | [`SchedulerMetrics`], [`WorkerMetrics`] |
//!
//! Both executors may borrow: `Executor<'a>` runs tasks that refer to anything
//! which outlives `'a`. They start no threads. A thread lends itself by calling
//! [`run`](Executor::run) under any `block_on`, or inside of any other executor.
//!
//! # When not to use this crate
//!
//! If the program wants a thread for each core, timers and sockets, it wants
//! `sinew-runtime`, or the facade `sinew`, which put all that around a
//! [`Scheduler`]. If it wants one future and no tasks, `sinew_core::block_on`
//! is enough.
//!
//! # Example
//!
//! ```
//! use sinew_core::block_on;
//! use sinew_executor::Executor;
//!
//! let executor = Executor::new();
//! let sum = block_on(executor.run(async {
//!     let one = executor.spawn(async { 1 });
//!     let two = executor.spawn(async { 2 });
//!     one.await.unwrap() + two.await.unwrap()
//! }));
//! assert_eq!(sum, 3);
//! ```

mod atomic;
mod blocking;
mod counters;
mod current;
mod executor;
mod guest;
mod idle;
mod injector;
mod lifo;
mod local_executor;
mod metrics;
mod options;
mod ring;
mod run;
mod scheduler;
mod serial;
mod slot;
mod static_executor;
mod stopwatch;
mod suspend;
mod turns;
mod watch;
mod worker;

pub use executor::Executor;
pub use guest::{Guest, MainPoll, Polled};
pub use local_executor::{LocalEntered, LocalExecutor, LocalMeter, LocalSpawner, spawn_local};
pub use metrics::{Histogram, SchedulerMetrics, WorkerMetrics};
pub use options::Options;
pub use scheduler::Scheduler;
pub use serial::SerialScheduler;
pub use sinew_task::{JoinError, JoinHandle};
pub use static_executor::StaticExecutor;
pub use suspend::Suspended;
pub use worker::Worker;
