//! Which runner this thread is.
//!
//! # Invariant
//!
//! A thread's current runner has claimed the slot that is named here, on this
//! thread, and keeps it until the scope ends. So the thread owns the slot: it may
//! push to it. A runner nested in a task of another one of the same scheduler
//! names the same slot; the two are on one stack and never push at the same time.

use std::cell::Cell;
use std::ptr;

use crate::Scheduler;

/// Where a task goes that is woken on a runner's thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Push {
    /// It runs next.
    Next,
    /// To the end of the queue, and another runner may be woken for it.
    Queue,
    /// To the end of the queue, unannounced: the runner is inside its parker, and
    /// announces all at once when it comes out.
    QueueSilently,
    /// To the end of the queue, unannounced if it is alone there: the runner
    /// itself takes it in a moment.
    QueueFirstSilently,
    /// To the injector: the runner is a guest that runs no tasks for now.
    Inject,
}

/// The runner that this thread is, if it is one.
#[derive(Clone, Copy)]
pub(crate) struct Current {
    /// Null for none. Only ever compared.
    pub(crate) scheduler: *const Scheduler,
    /// The runner's slot, if it has one.
    pub(crate) slot: Option<usize>,
    pub(crate) push: Push,
}

impl Current {
    /// No runner.
    pub(crate) const NONE: Current = Current {
        scheduler: ptr::null(),
        slot: None,
        push: Push::Queue,
    };
}

thread_local! {
    static CURRENT: Cell<Current> = const { Cell::new(Current::NONE) };
}

/// Restores what was current before when dropped.
pub(crate) struct Scope(Current);

impl Drop for Scope {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

/// Makes this thread the runner that `current` describes.
pub(crate) fn enter(current: Current) -> Scope {
    Scope(CURRENT.replace(current))
}

/// The current runner.
#[inline]
pub(crate) fn get() -> Current {
    CURRENT.get()
}

/// Changes how tasks that are woken here are pushed. Returns how they were.
#[inline]
pub(crate) fn set_push(push: Push) -> Push {
    let mut current = CURRENT.get();
    let old = current.push;
    current.push = push;
    CURRENT.set(current);
    old
}

/// Whether this thread is a runner of this scheduler.
pub(crate) fn is_runner_of(scheduler: &Scheduler) -> bool {
    ptr::eq(CURRENT.get().scheduler, scheduler)
}

/// The slot of this thread's runner, if it is one of this scheduler's and has one.
#[inline]
pub(crate) fn slot_of(scheduler: &Scheduler) -> Option<(usize, Push)> {
    let current = CURRENT.get();
    if !ptr::eq(current.scheduler, scheduler) || current.push == Push::Inject {
        return None;
    }
    Some((current.slot?, current.push))
}
