//! A pool of threads for closures that block.
//!
//! A task must not block the thread that polls it: the other tasks there would
//! wait too. What blocks, a file read, a name lookup, a long computation, goes
//! to this pool as a closure, and the task awaits its result.
//!
//! | you want to | look at |
//! |---|---|
//! | run a closure and get its result or its panic | [`spawn_blocking`] |
//! | not wait in a long queue | [`try_spawn_blocking`] |
//! | await a closure's value directly | [`unblock`] |
//! | read or write what blocks, a file or a pipe | [`UnblockIo`] |
//! | have an iterator that blocks as a stream | [`unblock_iter`] |
//! | have a pool of your own | [`Pool`], [`Builder`] |
//!
//! Outside of a runtime the closures run on a pool of the process, which is made
//! on first use; a runtime enters its own.
//!
//! # When not to use this crate
//!
//! For a computation that should use all cores, a work-stealing pool for
//! threads like rayon is the better place: this pool starts a thread for each
//! closure that waits, up to a large limit, because it expects them to sleep.
//! For something that never ends, start a thread.
//!
//! # Example
//!
//! ```
//! use sinew_core::block_on;
//!
//! let bytes = block_on(sinew_blocking::unblock(|| std::fs::read("Cargo.toml")))?;
//! assert!(!bytes.is_empty());
//! # std::io::Result::Ok(())
//! ```

#![forbid(unsafe_code)]

mod builder;
mod error;
mod pool;
mod threads;
mod unblock;
mod unblock_io;
mod unblock_iter;

pub use builder::Builder;
pub use error::TrySpawnError;
pub use pool::{Pool, spawn_blocking, try_spawn_blocking};
pub use unblock::{Unblock, unblock};
pub use unblock_io::UnblockIo;
pub use unblock_iter::{UnblockIter, unblock_iter};
