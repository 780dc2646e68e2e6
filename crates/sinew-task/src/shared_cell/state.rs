//! The state of a cell: one word, which every thread may change.
//!
//! | part | meaning | set by | cleared by |
//! |---|---|---|---|
//! | `SCHEDULED` | there is a `Runnable`, or, while `RUNNING`, there is to be one | who wakes, aborts or abandons | the runner |
//! | `RUNNING` | the future or the output is being used by the runner, who has the `Runnable`; or the task gave way in its last turn, and that is queued again | the runner | the runner |
//! | `COMPLETE` | the future is gone and the task will not run again | the runner | nobody |
//! | `JOINED` | there is a `JoinHandle`: the output is its to take | spawn | the handle |
//! | `JOIN_WAKER` | the waker in the cell is the completer's to take; without it, the handle's to write | the handle | the handle |
//! | `LISTED` | the list of live tasks has not let go of the cell | spawn | the list, or the runner of a task that was never entered |
//! | `ABORTED` | the next turn drops the future | who aborts or abandons | nobody |
//! | count | wakers and abort handles | | |
//!
//! # Invariants
//!
//! 1. `SCHEDULED` and `RUNNING` exclude `COMPLETE`.
//! 2. Each of `SCHEDULED`, `RUNNING`, `JOINED` and `LISTED` keeps the cell, as does
//!    a count above zero; a task that is not complete keeps it as well. The one who
//!    takes away the last of these frees the cell: see [`Snapshot::is_dead`].
//! 3. A task that nobody can wake any more, and no list can find, is *abandoned*.
//!    Who makes it so has it scheduled once more, to drop its future.
//! 4. `JOIN_WAKER` is not changed after `COMPLETE`.
//! 5. Only who has the `Runnable` changes `RUNNING`. A task that gives way leaves the word
//!    as it is, and to whom its `Runnable` is handed on takes the turn over: the word is
//!    not changed from one turn to the next. Who wakes or aborts it meanwhile finds it
//!    running, and leaves `SCHEDULED`, which the next turn takes, or the end of it.
//!
//! # Orderings
//!
//! Every change is a read-modify-write with AcqRel, also one that leaves the word as
//! it is (a second wake): who changes the word sees what those before it did, so a
//! poll sees what was done before the wakes that it answers, and who frees the cell
//! sees it unused. From a turn that gave way to the next, the hand-over of the `Runnable`
//! orders one after the other.

use crate::atomic::{AtomicUsize, Ordering};

const SCHEDULED: usize = 1;
const RUNNING: usize = 1 << 1;
const COMPLETE: usize = 1 << 2;
const JOINED: usize = 1 << 3;
const JOIN_WAKER: usize = 1 << 4;
const LISTED: usize = 1 << 5;
const ABORTED: usize = 1 << 6;
/// One counted reference.
const ONE: usize = 1 << 7;
/// A word beyond which the process is ended rather than let the count run over.
/// Only wakers that are cloned and forgotten over and over get there.
const LIMIT: usize = usize::MAX / 2;

/// The word.
pub(super) struct State(AtomicUsize);

/// The word as it was at one moment.
#[derive(Clone, Copy)]
pub(super) struct Snapshot(usize);

impl Snapshot {
    pub(super) fn is_complete(self) -> bool {
        self.0 & COMPLETE != 0
    }

    pub(super) fn is_aborted(self) -> bool {
        self.0 & ABORTED != 0
    }

    pub(super) fn has_join_waker(self) -> bool {
        self.0 & JOIN_WAKER != 0
    }

    fn is_idle(self) -> bool {
        self.0 & (SCHEDULED | RUNNING | COMPLETE) == 0
    }

    /// Complete, and nothing keeps the cell.
    fn is_dead(self) -> bool {
        self.0 & !(ABORTED | JOIN_WAKER) == COMPLETE
    }

    /// See invariant 3.
    fn is_abandoned(self) -> bool {
        self.0 & !(ABORTED | JOIN_WAKER) == 0
    }
}

/// What who has changed the word must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Action {
    Nothing,
    /// Schedule the task: this thread has set `SCHEDULED`, and has the `Runnable`.
    Schedule,
    /// Free the cell.
    Free,
}

/// How a turn ended that did not complete the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Rest {
    Idle,
    /// It was woken meanwhile: this thread has the `Runnable`.
    Woken,
    /// It is abandoned, and still `RUNNING`: drop the future.
    Abandoned,
}

/// What follows from completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Completed {
    /// Nothing was changed: there is no handle, so the output is to be dropped, and
    /// completion tried again.
    Unjoined,
    Done,
    /// Take the waker out of the cell and call it. This thread was given a counted
    /// reference.
    Wake,
    Free,
}

impl State {
    /// Of a task that is scheduled, with a handle.
    #[inline]
    pub(super) fn new(listed: bool) -> State {
        let listed = if listed { LISTED } else { 0 };
        State(AtomicUsize::new(SCHEDULED | JOINED | listed))
    }

    #[inline]
    pub(super) fn load(&self) -> Snapshot {
        // ORDERING: Acquire pairs with the Release of `complete`: who sees the task
        // complete sees its output.
        Snapshot(self.0.load(Ordering::Acquire))
    }

    /// Changes the word as `change` says, which may refuse.
    #[inline]
    fn update<R>(&self, change: impl Fn(Snapshot) -> Result<(usize, R), R>) -> R {
        let mut old = self.0.load(Ordering::Acquire);
        loop {
            let (new, result) = match change(Snapshot(old)) {
                Ok(changed) => changed,
                Err(refused) => return refused,
            };
            // ORDERING: see the module.
            match self
                .0
                .compare_exchange_weak(old, new, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return result,
                Err(now) => old = now,
            }
        }
    }

    // The runner.

    /// The turn of the task begins. Called with its `Runnable`. Returns the word as
    /// it was.
    #[inline]
    pub(super) fn start(&self) -> Snapshot {
        // Whether it gave way the runner knows for certain, by invariant 5. What it may
        // not see yet is a wake, which is then found at the end of the turn.
        let old = self.0.load(Ordering::Relaxed);
        // The runner knows both bits, so an addition sets the one and clears the other.
        // ORDERING: see the module.
        Snapshot(match old & (RUNNING | SCHEDULED) {
            RUNNING => old,
            SCHEDULED => self.0.fetch_add(RUNNING - SCHEDULED, Ordering::AcqRel),
            _ => self.0.fetch_sub(SCHEDULED, Ordering::AcqRel),
        })
    }

    /// The turn has ended, and the task is not complete.
    #[inline]
    pub(super) fn rest(&self) -> Rest {
        self.update(|old| {
            let new = old.0 & !RUNNING;
            if old.0 & SCHEDULED != 0 {
                Ok((new, Rest::Woken))
            } else if Snapshot(new).is_abandoned() {
                Err(Rest::Abandoned)
            } else {
                Ok((new, Rest::Idle))
            }
        })
    }

    /// The task has completed. `dropped` says that the output has been dropped,
    /// `unlisted` that the list will not let go of the cell: it never had it.
    #[inline]
    pub(super) fn complete(&self, dropped: bool, unlisted: bool) -> Completed {
        let leave = if unlisted { LISTED } else { 0 };
        self.update(|old| {
            if !dropped && old.0 & JOINED == 0 {
                return Err(Completed::Unjoined);
            }
            let new = (old.0 & !(RUNNING | SCHEDULED | leave)) | COMPLETE;
            if old.has_join_waker() {
                Ok((new + ONE, Completed::Wake))
            } else if Snapshot(new).is_dead() {
                Ok((new, Completed::Free))
            } else {
                Ok((new, Completed::Done))
            }
        })
    }

    // Wakers and abort handles.

    #[inline]
    pub(super) fn add_reference(&self) {
        // ORDERING: Relaxed, as for any count: the new reference is made from one that
        // keeps the cell, and is passed on by other means.
        if self.0.fetch_add(ONE, Ordering::Relaxed) > LIMIT {
            std::process::abort();
        }
    }

    #[inline]
    pub(super) fn drop_reference(&self) -> Action {
        self.update(|old| Ok(State::without(old.0 - ONE)))
    }

    /// What becomes of the word when something that keeps the cell has been taken
    /// from it.
    #[inline]
    fn without(new: usize) -> (usize, Action) {
        if Snapshot(new).is_dead() {
            (new, Action::Free)
        } else if Snapshot(new).is_abandoned() {
            (new | SCHEDULED | ABORTED, Action::Schedule)
        } else {
            (new, Action::Nothing)
        }
    }

    /// Wakes the task.
    #[inline]
    pub(super) fn wake(&self) -> Action {
        self.update(|old| {
            if old.is_complete() {
                Err(Action::Nothing)
            } else {
                let idle = old.is_idle();
                let action = if idle {
                    Action::Schedule
                } else {
                    Action::Nothing
                };
                Ok((old.0 | SCHEDULED, action))
            }
        })
    }

    /// Wakes the task and drops a reference.
    #[inline]
    pub(super) fn wake_and_drop(&self) -> Action {
        self.update(|old| {
            let less = old.0 - ONE;
            if old.is_complete() {
                Ok(State::without(less))
            } else if old.is_idle() {
                Ok((less | SCHEDULED, Action::Schedule))
            } else {
                Ok((less | SCHEDULED, Action::Nothing))
            }
        })
    }

    /// Marks the task as to be cancelled, and wakes it.
    pub(super) fn abort(&self) -> Action {
        self.update(|old| {
            if old.is_complete() || old.is_aborted() {
                Err(Action::Nothing)
            } else if old.is_idle() {
                Ok((old.0 | ABORTED | SCHEDULED, Action::Schedule))
            } else {
                Ok((old.0 | ABORTED | SCHEDULED, Action::Nothing))
            }
        })
    }

    // The handle.

    /// The waker in the cell is the completer's from here on. `false` if the task is
    /// complete.
    pub(super) fn lend_join_waker(&self) -> bool {
        self.update(|old| match old.is_complete() {
            true => Err(false),
            false => Ok((old.0 | JOIN_WAKER, true)),
        })
    }

    /// Takes the waker in the cell back. `false` if the task is complete.
    pub(super) fn take_back_join_waker(&self) -> bool {
        self.update(|old| match old.is_complete() {
            true => Err(false),
            false => Ok((old.0 & !JOIN_WAKER, true)),
        })
    }

    /// The handle goes, and the task is not complete. `None`, and nothing is changed,
    /// if it is: then the output is the handle's. No waker may be lent.
    #[inline]
    pub(super) fn detach(&self) -> Option<Action> {
        self.update(|old| {
            if old.is_complete() {
                return Err(None);
            }
            let (new, action) = State::without(old.0 & !JOINED);
            Ok((new, Some(action)))
        })
    }

    /// The handle goes, with the output: the task is complete.
    #[inline]
    pub(super) fn drop_used_handle(&self) -> Action {
        self.let_go(JOINED)
    }

    /// The list lets go of the cell.
    #[inline]
    pub(super) fn unlist(&self) -> Action {
        self.let_go(LISTED)
    }

    #[inline]
    fn let_go(&self, bit: usize) -> Action {
        // If nobody else is left to change the word, there is no need to.
        // ORDERING: Acquire in `load`: we see what those who left did.
        if Snapshot(self.load().0 & !bit).is_dead() {
            return Action::Free;
        }
        self.update(|old| Ok(State::without(old.0 & !bit)))
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
