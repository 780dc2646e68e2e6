//! Locks, notifications and channels for async code.
//!
//! Nothing here needs a runtime, an executor or a thread: a lock is a word and a
//! [wait list](sinew_core::wait_list), and works under whoever polls.
//!
//! | you want to | look at |
//! |---|---|
//! | let one task at a time use data | [`Mutex`] |
//! | let many read data or one write it | [`RwLock`] |
//! | let so many in at a time | [`Semaphore`] |
//! | tell a task, or all tasks, to go on | [`Notify`] |
//! | wait for a change of what a mutex guards | [`Condvar`] |
//! | let tasks wait for each other | [`Barrier`], [`WaitGroup`] |
//! | compute a value once, or wait until it is set | [`OnceCell`], [`SetOnce`] |
//! | ask tasks to stop | [`CancellationToken`] |
//! | do without atomics on one thread | [`local`] |
//! | use these in a `poll` method | [`PollSemaphore`], [`ReusableBoxFuture`] |
//! | wake one task from a future written by hand | [`AtomicWaker`] |
//! | send one value, once | [`oneshot`] |
//! | send values from many tasks to one | [`mpsc`] |
//! | share values among several receivers, each to one | [`mpmc`] |
//! | send into an mpsc channel as a `Sink` | [`PollSender`] |
//! | send every value to every receiver | [`broadcast`] |
//! | show many tasks the latest value | [`watch`] |
//!
//! # What holds for all
//!
//! - **Fair**: waiters are served in the order in which they came.
//! - **No allocation to wait**: the place in the queue is inside of the future.
//! - **Cancel-safe**: each future may be dropped at any time. What it had been
//!   granted and did not use goes to the next in line. Each operation says under
//!   *Cancel safety* what is lost.
//! - **Cooperative**: each operation that succeeds spends one unit of the task's
//!   budget ([`sinew_core::coop`]).
//! - **Observable**: who waits, and where in the source, is noted for
//!   [`sinew_core::leaf`] and in the queue.
//!
//! # Sizes
//!
//! In bytes, on 64-bit systems, without the data; checked by a test. Nothing here
//! allocates but what says so.
//!
//! | type | bytes | its guard |
//! |---|---|---|
//! | [`Mutex`] | 32 | 8 |
//! | [`RwLock`] | 40 | 16 |
//! | [`Semaphore`] | 32 | 16 |
//! | [`Notify`] | 32 | |
//! | [`Condvar`] | 24 | |
//! | [`Barrier`] | 48 | |
//! | [`OnceCell`] | 40 and an `Option` | |
//! | [`SetOnce`] | 32 and an `Option` | |
//! | [`WaitGroup`], [`CancellationToken`] | 8, and an allocation for all clones | |
//! | [`AtomicWaker`] | 24 | |
//! | [`local::Mutex`] | 32 | 8 |
//! | [`local::Semaphore`] | 32 | 16 |
//! | [`local::Notify`] | 40 | |
//!
//! # When not to use this crate
//!
//! A lock that is never held across an `.await` is better a
//! [`std::sync::Mutex`]: it is smaller and faster. Counters and flags are better
//! atomics. Tasks of one thread that share data can use a [`RefCell`](std::cell::RefCell).
//!
//! # Example
//!
//! ```
//! use sinew_sync::Notify;
//!
//! let notify = Notify::new();
//! std::thread::scope(|s| {
//!     s.spawn(|| sinew_core::block_on(notify.notified()));
//!     notify.notify_one();
//! });
//! ```
#![doc = include_str!("channel_sizes.md")]

mod acquire;
mod atomic_waker;
mod barrier;
mod cancellation_token;
mod condvar;
mod give_back;
mod guard;
mod latch;
#[cfg(all(test, sinew_loom))]
mod model;
mod mutex;
mod notify;
mod once_cell;
mod poll_semaphore;
mod poll_sender;
mod primitives;
mod reusable_box;
mod rwlock;
mod semaphore;
mod set_once;
mod then;
mod wait_group;

pub mod broadcast;
pub mod futures;
pub mod local;
pub mod mpmc;
pub mod mpsc;
pub mod oneshot;
pub mod stream;
pub mod watch;

pub use atomic_waker::AtomicWaker;
pub use barrier::{Barrier, BarrierWaitResult};
pub use cancellation_token::{
    CancellationToken, DropGuard, DropGuardRef, WaitForCancellationFuture,
    WaitForCancellationFutureOwned,
};
pub use condvar::Condvar;
pub use mutex::{
    MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard, TryLockError,
};
pub use notify::Notify;
pub use once_cell::{OnceCell, SetError};
pub use poll_semaphore::PollSemaphore;
pub use poll_sender::{PollSendError, PollSender};
pub use reusable_box::ReusableBoxFuture;
pub use rwlock::{
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard,
    OwnedRwLockWriteGuard, RwLock, RwLockMappedWriteGuard, RwLockReadGuard,
    RwLockUpgradableReadGuard, RwLockWriteGuard,
};
pub use semaphore::{
    AcquireError, OwnedSemaphorePermit, Semaphore, SemaphorePermit, TryAcquireError,
};
pub use set_once::{SetOnce, SetOnceError};
pub use wait_group::WaitGroup;
