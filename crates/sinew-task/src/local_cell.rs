//! Tasks that belong to one thread, in cells of our own.
//!
//! A task that never leaves its thread need not pay for others: its reference
//! count, its state and its place in the queue can be plain memory. But its
//! wakers are `Send` and `Sync`, so any thread may clone, wake and drop them.
//! A cell is therefore *biased* to the thread that made it, its *owner*: the
//! owner uses plain loads and stores, everybody else an atomic word of its own
//! (`state`) and an inbox. On the owner's path there is no locked instruction,
//! from spawn to join. The scheme is that of biased reference counting
//! (Choi, Shull, Torrellas, 2018), with one difference: as long as the queue is
//! open its owner alone frees cells, so nothing is ever merged while it runs.
//!
//! # State
//!
//! | part | who writes it | what it says |
//! |---|---|---|
//! | `owned` | the owner | active, woken, complete, joined, aborted, merged; a plain count |
//! | `remote` | any other thread | wake, abort, detach, queued, merged; a signed count |
//! | slot | the owner; the `JoinHandle` once complete | the future, then the output |
//! | `join_waker` | the owner | whom to wake at the end |
//! | `queue_next`, list links | the owner | places in the run queue and in the list of all cells |
//! | `inbox_next` | who has set `QUEUED` | place in the inbox |
//!
//! # Life cycle
//!
//! | event | on the owner's thread | elsewhere |
//! |---|---|---|
//! | spawn | cell made: active, joined, one reference | not possible: what other threads spawn is in shared cells, see [`LocalQueue::push`] |
//! | wake | set active, push to the run queue; if it was active, set woken | set `WAKE`, push to the inbox |
//! | turn | poll; then idle, or pushed again if woken meanwhile; or if it gave way, to run after the driver's turn | – |
//! | end | future dropped, output stored (or dropped, if nobody joins), complete, joiner woken | – |
//! | abort | set aborted, wake; the next turn drops the future | set `ABORT`, push to the inbox |
//! | join, not complete | waker into `join_waker` | waker sent to the owner, which puts it there |
//! | join, complete | take the output, drop the reference | the same: the output is the handle's |
//! | handle dropped | output dropped here | dropped here if complete; else `DETACH`, and the owner drops it |
//! | reference dropped | at zero, if the remote word agrees, the memory goes to the `cache` | count; below zero: push to the inbox |
//! | owner sleeps | all but a little of the `cache` goes back to the allocator | – |
//! | queue closed | all futures dropped; each cell merged: the remote word counts all | the last reference frees the cell |
//!
//! # Invariants
//!
//! 1. The owner is known by an id that no other thread ever gets (`sinew_core::thread_id`).
//!    What is said to be the owner's is touched on that thread only. A movable
//!    queue may change its owner; all that was the owner's goes over with it,
//!    ordered by the exchange of the id (`LocalQueue::own`).
//! 2. The future is polled and dropped by the owner only. So it need not be
//!    `Send`, unless the queue is movable. The output is dropped by the owner too, or by the `JoinHandle`,
//!    which is `Send` only if the output is.
//! 3. A cell whose task is not complete is not freed: `settle` is asked only
//!    for those that are. So the run queue and the list count no references.
//! 4. The slot holds the future until the task is complete; then the output,
//!    unless that has been dropped or taken. Who sets complete leaves the
//!    output there if, and only if, it finds the task joined. From then on it
//!    is the `JoinHandle`'s, to take or to drop, or, after a `DETACH`, the
//!    owner's.
//! 5. `queue` and the scheduler in the metadata are alive as long as the cell:
//!    until the queue closes, the executor that runs it holds the scheduler;
//!    when it closes, each cell that is left is given a counted reference. An
//!    executor that is forgotten forgets its cells with it.
//! 6. Where this thread runs the queue, one compare says so (`current`): cells are
//!    woken, counted and freed then without a look at anything else. An owner that is
//!    asleep, or outside of its session, goes the longer way.
//! 7. No reference into the owner's part is held across foreign code: wakers,
//!    futures, outputs and hooks may come back to the queue.
//!
//! # Orderings
//!
//! `complete` is stored with Release and the output is read after an Acquire load
//! that found it set. All else between threads is in
//! `state` (the remote word), `inbox` and `bell`.
//!
//! A join from another thread is a message and not a flag in the cell for a
//! reason: "store complete, then look for a joiner" against "store the joiner,
//! then look for complete" would need a fence on the owner's path.

mod bell;
mod cache;
mod cell;
mod counts;
mod current;
mod gate;
mod handle;
mod inbox;
mod life;
mod mail;
mod owned;
mod owner;
mod queue;
mod rest;
mod run_queue;
mod spawn;
mod state;
mod turn;
mod waker;

pub use counts::LocalCounts;
pub(crate) use handle::{CellRef, LocalJoin};
pub use queue::LocalQueue;
pub use rest::Parking;
pub use turn::TurnObserver;
