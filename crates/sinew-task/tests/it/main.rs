//! Tasks as their users see them: an executor of a few lines runs them.

mod block_scope;
mod hooks;
mod life_cycle;
mod panics;
mod queue;
mod schedule;
mod scope_ui;
