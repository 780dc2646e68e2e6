//! An async runtime made of small crates that are of use one by one.
//!
//! ```
//! use sinew::time::{Duration, sleep};
//!
//! #[sinew::main]
//! async fn main() {
//!     let task = sinew::spawn(async {
//!         sleep(Duration::from_millis(10)).await;
//!         "slept"
//!     });
//!     assert_eq!(task.await.unwrap(), "slept");
//! }
//! ```
//!
//! This crate only re-exports. Each module is a crate of its own, which can be
//! used without the others and under any other executor:
//!
//! | module | crate | what is in it |
//! |---|---|---|
//! | [`runtime`] | `sinew-runtime` | the runtime: [`Runtime`](runtime::Runtime), [`Builder`](runtime::Builder), [`Handle`](runtime::Handle) |
//! | [`task`] | `sinew-task` | [`spawn`], [`JoinHandle`](task::JoinHandle), the spawn seam for executors of your own |
//! | [`executor`] | `sinew-executor` | executors without threads, which may borrow |
//! | [`reactor`] | `sinew-reactor` | readiness of anything with a descriptor |
//! | [`time`] | `sinew-time` | sleep, timeout, interval, a clock that can be paused |
//! | [`io`] | `sinew-io` | the IO traits, buffered readers and writers, copying |
//! | [`sync`] | `sinew-sync` | locks, notifications, channels |
//! | `io::codec` | `sinew-codec` | frames over byte streams (feature `codec`) |
//! | [`net`] | `sinew-net` | TCP, UDP, Unix sockets, pipes |
//! | `fs` | `sinew-fs` | files and directories (feature `fs`) |
//! | `process` | `sinew-process` | child processes (feature `process`) |
//! | [`future`] | `sinew-core` | tuples, arrays and vectors of futures; `pausable` |
//! | `stream` | `sinew-stream` | streams and their combinators (feature `stream`) |
//! | `signal` | `sinew-signal` | Ctrl-C and Unix signals (feature `signal`) |
//! | `hyper` | `sinew-hyper` | hyper 1's executor and timer (feature `hyper`) |
//! | `testing` | `sinew-testing` | scripted IO, a task harness, assertions (feature `test`) |
//! | [`core`] | `sinew-core` | what they all share: wakers, parking, budget, leaf hook |
//!
#![cfg_attr(feature = "full", doc = "The [guide](crate::guide)")]
#![cfg_attr(
    not(feature = "full"),
    doc = "The guide (module `guide`, with feature `full`)"
)]
//! teaches it, from the first program on, and has tables for who comes from tokio,
//! smol or async-std.
//!
//! # When not to use this crate
//!
//! A library that needs one part, a timer or a socket, should depend on that
//! crate alone: its users may have another runtime, and it works there too.

#![forbid(unsafe_code)]

pub use sinew_core as core;
pub use sinew_core::{join, pin, race, try_join};

#[cfg(feature = "macros")]
pub use sinew_core::select;
#[cfg(feature = "macros")]
pub use sinew_macros::{main, test};

#[cfg(feature = "futures")]
pub use futures;
#[cfg(feature = "runtime")]
pub use sinew_executor as executor;
#[cfg(feature = "fs")]
pub use sinew_fs as fs;
#[cfg(feature = "hyper")]
pub use sinew_hyper as hyper;
#[cfg(feature = "net")]
pub use sinew_net as net;
#[cfg(feature = "process")]
pub use sinew_process as process;
#[cfg(feature = "runtime")]
pub use sinew_reactor as reactor;
#[cfg(feature = "runtime")]
pub use sinew_runtime::{block_on, spawn};
#[cfg(feature = "signal")]
pub use sinew_signal as signal;
#[cfg(feature = "sync")]
pub use sinew_sync as sync;
#[cfg(feature = "runtime")]
pub use sinew_task::task_local;
#[cfg(feature = "test")]
pub use sinew_testing as testing;
#[cfg(feature = "time")]
pub use sinew_time as time;

pub mod future;
#[cfg(all(doc, feature = "full"))]
pub mod guide;
#[cfg(feature = "runtime")]
pub mod runtime;
#[cfg(feature = "stream")]
pub mod stream;
#[cfg(feature = "runtime")]
pub mod task;

#[cfg(feature = "io")]
pub mod io;
#[cfg(feature = "io")]
pub mod prelude;

#[doc(hidden)]
#[cfg(feature = "runtime")]
pub mod __private;

/// The programs in the project's README, compiled and run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
