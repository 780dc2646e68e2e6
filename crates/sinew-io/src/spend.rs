//! The cooperative budget, for what is ready always.

use std::task::{Context, Poll, ready};

use sinew_core::coop;

/// Spends one operation of the task's budget. `Pending` when it is used up: the task has been
/// woken and gives way to others.
pub(crate) fn spend(cx: &mut Context<'_>) -> Poll<()> {
    ready!(coop::poll_proceed(cx)).made_progress();
    Poll::Ready(())
}
