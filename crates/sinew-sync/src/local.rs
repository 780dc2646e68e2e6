//! Locks and channels for tasks of one thread, without atomics.
//!
//! The same names and meanings as in the crate's root, for futures that need not be
//! `Send`: under a local executor, or in one task that runs several futures. Nothing
//! here can leave its thread, and no instruction here is a locked one.
//!
//! | here | as in the crate's root, but for |
//! |---|---|
//! | [`Mutex`] | owned and mapped guards |
//! | [`Semaphore`] | owned permits |
//! | [`Notify`] | owned futures |
//! | [`oneshot`], [`watch`] | nothing else |
//! | [`mpsc`] | `send_timeout`, sinks |
//!
//! There are no blocking ends: a thread that blocked would wait for itself.
//!
//! ```
//! use sinew_sync::local::Mutex;
//! use std::rc::Rc;
//!
//! let total = Rc::new(Mutex::new(0));
//! sinew_core::block_on(async {
//!     *total.lock().await += 1;
//!     assert_eq!(*total.lock().await, 1);
//! });
//! ```
//!
//! # When not to use this module
//!
//! Data that is not used across an `.await` is better in a [`Cell`](std::cell::Cell)
//! or a [`RefCell`](std::cell::RefCell).

mod list;
mod mutex;
mod notify;
mod semaphore;

pub mod mpsc;
pub mod oneshot;
pub mod watch;

pub use mutex::{Mutex, MutexGuard};
pub use notify::{Notified, Notify};
pub use semaphore::{Semaphore, SemaphorePermit};

#[cfg(all(test, not(sinew_loom)))]
mod tests;
