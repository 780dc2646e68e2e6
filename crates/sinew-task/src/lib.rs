//! Tasks that any executor can run.
//!
//! A task is a future that has been handed over: it is polled by somebody else,
//! and what stays behind is a [`JoinHandle`] to await its output, abort it or
//! let it go. This crate makes tasks, and knows nothing about who runs
//! them. That somebody implements [`Schedule`]: one
//! method, which is given a [`Runnable`] each time that a task wants to be
//! polled. Whoever can call [`Runnable::run`] later is an executor.
//!
//! | you want to | look at |
//! |---|---|
//! | spawn a task on a scheduler you have at hand | [`spawn_on`], [`Builder`] |
//! | write an executor | [`Schedule`], [`Runnable`], [`TaskList`], [`PollSlot`] |
//! | write an executor for one thread, whose tasks need not be `Send` | [`LocalQueue`] |
//! | make `sinew::spawn` use that executor | [`enter`], [`set_default`] |
//! | wait for, abort or detach a task | [`JoinHandle`], [`AbortHandle`], [`JoinError`] |
//! | end a task with its handle | [`AbortOnDropHandle`], [`AbortOnDrop`] |
//! | join many tasks as they finish | [`TaskSet`] |
//! | run children that borrow, in the caller's task | [`scope()`], [`try_scope`] |
//! | run children that borrow, in parallel, while the caller blocks | [`block_scope_on`] |
//! | give a task values of its own | [`task_local!`], [`LocalKey`] |
//! | know which task you are in | [`id()`], [`try_id`] |
//! | be told when tasks are spawned, polled, end or panic | [`TaskHooks`] |
//! | give way to other tasks | [`yield_now`] |
//! | see what tasks there are and what they wait for | [`TaskList::snapshot`], [`TaskInfo`] |
//!
//! # When not to use this crate
//!
//! An application spawns with `sinew::spawn`, which finds the current runtime
//! or starts one. This crate has no `spawn` of that kind, because it has no
//! runtime to start: it is for those who write executors, and for libraries
//! that are handed a scheduler.
//!
//! # Example
//!
//! An executor of a dozen lines:
//!
//! ```
//! use sinew_task::{Runnable, Schedule, spawn_on};
//! use std::sync::{Arc, mpsc};
//!
//! struct Queue(mpsc::Sender<Runnable>);
//!
//! impl Schedule for Queue {
//!     fn schedule(&self, task: Runnable) {
//!         // A task that nobody will run any more is dropped, and its
//!         // `JoinHandle` reports that it was cancelled.
//!         let _ = self.0.send(task);
//!     }
//! }
//!
//! let (sender, tasks) = mpsc::channel();
//! let queue = Arc::new(Queue(sender));
//! let handle = spawn_on(queue, async { 1 + 2 });
//! while let Ok(task) = tasks.try_recv() {
//!     task.run();
//! }
//! assert_eq!(sinew_core::block_on(handle).unwrap(), 3);
//! ```

mod abort_handle;
mod abort_on_drop;
mod atomic;
mod block_scope;
mod hooks;
mod id;
mod info;
mod join_error;
mod join_handle;
mod list;
mod local_cell;
mod magazine;
mod metadata;
mod origin;
mod output;
mod poll_slot;
mod schedule;
mod scope;
mod shared_cell;
mod size_class;
mod spawn;
mod task_local;
mod task_set;
mod wake_queue;
mod yield_now;

pub use abort_handle::AbortHandle;
pub use abort_on_drop::{AbortOnDrop, AbortOnDropHandle};
pub use block_scope::{BlockError, BlockHandle, BlockOn, BlockScope, block_scope_on};
pub use hooks::{TaskHooks, TaskPanic};
pub use id::{Id, id, try_id};
pub use info::TaskInfo;
pub use join_error::JoinError;
pub use join_handle::JoinHandle;
pub use list::{Resting, TaskList};
pub use local_cell::{LocalCounts, LocalQueue, Parking, TurnObserver};
pub use magazine::{trim_memory, trim_memory_at_rest};
pub use metadata::Metadata;
pub use poll_slot::{PollSlot, PollSnapshot};
pub use schedule::{
    EnterGuard, Runnable, Schedule, current, enter, on_thread, set_default, with_current,
};
pub use scope::{Scope, ScopeBody, Scoped, ScopedHandle, TryScoped, scope, try_scope};
pub use spawn::{Builder, StaticSchedule, spawn_on, spawn_unchecked};
pub use task_local::{AccessError, LocalKey, TaskLocalFuture};
pub use task_set::{Joined, TaskSet};
pub use yield_now::{YieldNow, yield_now};
