//! Runtimes as their users see them. One body runs on each flavour.

mod blocking;
mod blocking_ends;
mod clock;
mod conformance;
mod context;
mod failure;
mod guests;
mod join_map;
mod join_set;
mod lives;
mod local_set;
mod long_polls;
mod metrics;
mod million;
mod nesting;
mod not_send;
mod nursery;
mod nursery_ends;
mod park_hooks;
mod scopes;
mod shutdown;
mod sync_waits;
mod task_hooks;
mod task_tracker;
mod tasks;
mod timers;
