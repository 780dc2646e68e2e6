//! Tasks that any thread may run, in cells of our own.
//!
//! A cell is one allocation: state, join waker, metadata, and the future, whose
//! place its output takes. Its wakers' and runnables' data is its address.
//!
//! # Life cycle
//!
//! | event | what happens |
//! |---|---|
//! | spawn | cell made: scheduled, joined; entered into the list; given to the scheduler |
//! | wake | if idle: scheduled, and given to the scheduler |
//! | run | running; polled; then idle, or scheduled again if woken meanwhile; or running still, if it gave way |
//! | end | future dropped, output in its place (or dropped, if nobody joins), out of the list, complete, joiner woken |
//! | abort | marked, and woken: the next run drops the future |
//! | runnable dropped | future dropped, complete with a cancelled error |
//! | join, complete | output taken, handle gone |
//! | join, not complete | waker into the cell |
//! | abandoned: idle, and nobody is left to wake, join or list it | scheduled once more, to have its future dropped |
//!
//! # Invariants
//!
//! 1. A cell stays where it is, and is there while its `state` says that something
//!    keeps it (invariant 2 of `state`).
//! 2. The slot holds the future until the task is complete; it is used by the runner
//!    only: whoever has the `Runnable`, of which there is at most one. Then it holds
//!    the output, which is the handle's if the completer found the task joined, and
//!    has been dropped if not.
//! 3. The future is polled and dropped on the threads that run or drop runnables. So
//!    it must be `Send` unless all of these are one thread; see
//!    [`spawn_unchecked`](crate::spawn_unchecked).
//! 4. `join_waker` is touched by the handle while `JOIN_WAKER` is not set, and
//!    otherwise by the completer alone, after it has set `COMPLETE`.
//! 5. The metadata's home is valid until the task has left its list: see `metadata`.

mod cell;
mod handle;
mod life;
mod state;
mod waker;

pub(crate) use cell::{CellPtr, Header, allocate};
pub(crate) use handle::{SharedJoin, SharedRef};
pub(crate) use life::{abort, cancel, run, schedule, unlist};

#[cfg(all(test, sinew_loom))]
mod tests;
