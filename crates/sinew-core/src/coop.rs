//! The cooperative budget: a task that never waits still lets others run.
//!
//! A future that is always ready (a full channel, a fast socket) would keep its
//! worker for ever. So each poll of a task has a budget of operations, and every
//! leaf, channel and stream of sinew spends one for each step that makes
//! progress. With nothing left, they return `Pending` and wake the task at once;
//! it goes to the end of the queue and starts its next poll with a full budget.
//! The scheme and the number are tokio's.
//!
//! Outside of a task, for example in a plain `block_on`, there is no budget.

use std::cell::Cell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::context::{self, Scope};
use crate::leaf::{self, Kind, Wait};
use crate::record::Record;

/// Operations that a task may do in one poll.
const OPERATIONS: u8 = 128;

/// What a task may still do in this poll: one more than the operations that are left,
/// so that one comparison tells whether there is any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget(u8);

impl Budget {
    /// The budget at the start of a poll.
    pub(crate) const FULL: Budget = Budget(OPERATIONS + 1);
    /// Never runs out.
    pub(crate) const UNLIMITED: Budget = Budget(u8::MAX);
    /// Nothing is left.
    const EMPTY: Budget = Budget(1);
    /// Nothing is left, and somebody has asked for more and was refused.
    const REFUSED: Budget = Budget(0);

    #[inline]
    fn is_unlimited(self) -> bool {
        self == Budget::UNLIMITED
    }

    /// Whether there is an operation in it.
    #[inline]
    fn has_any(self) -> bool {
        self.0 > Budget::EMPTY.0
    }

    /// The budget without one operation, if there is one. Not for an unlimited one.
    #[inline]
    fn spend(self) -> Option<Budget> {
        self.has_any().then(|| Budget(self.0 - 1))
    }
}

thread_local! {
    static FORCED_YIELDS: Cell<u64> = const { Cell::new(0) };
}

/// How often a budget was used up on this thread. For executors that count the
/// polls that ended for that reason.
#[inline]
#[must_use]
pub fn forced_yields() -> u64 {
    FORCED_YIELDS.get()
}

/// Notes that what is being polled on this thread wakes itself only to let others
/// run. A leaf calls this before it wakes the task and returns `Pending`.
///
/// An executor that is told so by [`take_yield`] sees to it that the driver of IO and
/// timers has its turn, too, before the task has the next: else one that waits for a
/// socket by giving way in a loop would keep the thread from looking at the socket.
#[inline]
pub fn note_yield() {
    context::set_yielded(true);
}

/// Has the task that is polled with `cx` polled again, after others: what a leaf does
/// before it returns `Pending` only to let others run.
///
/// This notes it as [`note_yield`] does, and wakes the task. Where the waker's data is
/// the address of the current task's [`Record`], it does
/// neither, unless a trace is being taken: whoever makes such wakers gives its tasks their
/// turns in [`record::turns`](crate::record::turns) and asks
/// [`gave_way`](crate::record::Turns::gave_way) after each.
#[inline]
pub fn give_way(cx: &mut Context<'_>) {
    match own_record(cx) {
        Some(_) => context::set_gave_way(),
        None => wake_itself(cx),
    }
}

/// The record of the current task, if `cx` has a waker whose data is its address.
#[inline]
fn own_record<'a>(cx: &Context<'_>) -> Option<&'a Record> {
    let record = context::noted_by_record()?;
    (cx.waker().data() == ptr::from_ref(record).cast()).then_some(record)
}

#[cold]
fn wake_itself(cx: &mut Context<'_>) {
    note_yield();
    cx.waker().wake_by_ref();
}

/// [Gives way](give_way) and is `Pending`, with the note of a leaf that was made at
/// `location`: the whole poll of one that waits for nothing but the task's next turn.
#[inline]
pub fn pending_turn<T>(cx: &mut Context<'_>, location: &'static Location<'static>) -> Poll<T> {
    match own_record(cx) {
        Some(record) => {
            context::set_gave_way();
            record.note(&turn(location));
        }
        // Apart as a whole, so that nothing is kept for after a call.
        None => give_way_aside(cx, location),
    }
    Poll::Pending
}

#[cold]
fn give_way_aside(cx: &mut Context<'_>, location: &'static Location<'static>) {
    wake_itself(cx);
    let _ = leaf::pending::<()>(&turn(location));
}

/// The wait for the task's own next turn.
#[inline]
fn turn(location: &'static Location<'static>) -> Wait {
    Wait {
        kind: Kind::Yield,
        resource: 0,
        location,
    }
}

/// Whether there was a [`note_yield`] on this thread since the last call.
#[inline]
#[must_use]
pub fn take_yield() -> bool {
    let yielded = context::yielded();
    if yielded {
        context::set_yielded(false);
    }
    yielded
}

/// Spends one operation of the current task's budget.
///
/// A leaf calls this before it tries its operation. `Pending` means that the
/// budget is used up: the task has been woken and the leaf must return
/// `Pending`. `Ready` gives a [`RestoreOnPending`]: call
/// [`made_progress`](RestoreOnPending::made_progress) on it when the operation
/// is done; dropped without that, it gives the operation back, because waiting
/// is free.
#[inline]
#[track_caller]
pub fn poll_proceed(cx: &mut Context<'_>) -> Poll<RestoreOnPending> {
    let budget = context::budget();
    if budget.is_unlimited() {
        return Poll::Ready(RestoreOnPending::new(budget));
    }
    match budget.spend() {
        Some(left) => {
            context::set_budget(left);
            Poll::Ready(RestoreOnPending::new(budget))
        }
        None => exhausted(cx),
    }
}

#[cold]
#[track_caller]
fn exhausted(cx: &mut Context<'_>) -> Poll<RestoreOnPending> {
    // Once for each poll, however many branches of the task ask.
    if context::budget() != Budget::REFUSED {
        context::set_budget(Budget::REFUSED);
        FORCED_YIELDS.set(FORCED_YIELDS.get().wrapping_add(1));
    }
    pending_turn(cx, Location::caller())
}

/// Gives the operation back unless progress was made. See [`poll_proceed`].
#[must_use = "dropped at once, it gives the operation back"]
pub struct RestoreOnPending {
    budget: Budget,
    /// The budget is this thread's.
    not_send: PhantomData<*mut ()>,
}

impl RestoreOnPending {
    #[inline]
    fn new(budget: Budget) -> RestoreOnPending {
        RestoreOnPending {
            budget,
            not_send: PhantomData,
        }
    }
}

impl RestoreOnPending {
    /// The operation took place; it stays spent.
    #[inline]
    pub fn made_progress(mut self) {
        self.budget = Budget::UNLIMITED;
    }
}

impl Drop for RestoreOnPending {
    #[inline]
    fn drop(&mut self) {
        if !self.budget.is_unlimited() {
            context::set_budget(self.budget);
        }
    }
}

impl fmt::Debug for RestoreOnPending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestoreOnPending").finish_non_exhaustive()
    }
}

/// Whether the current task may do another operation in this poll. `true`
/// outside of a task.
#[inline]
#[must_use]
pub fn has_budget_remaining() -> bool {
    context::budget().has_any()
}

/// Spends one operation, and gives way to other tasks if none is left. For a
/// loop that does much work without waiting for anything.
///
/// # Cancel safety
///
/// Nothing is lost when the future is dropped.
pub async fn consume_budget() {
    let mut spent = false;
    poll_fn(move |cx| {
        if spent {
            return Poll::Ready(());
        }
        let proceed = ready!(poll_proceed(cx));
        spent = true;
        proceed.made_progress();
        Poll::Ready(())
    })
    .await;
}

/// Runs `f` without a budget: leaves inside never give way. For what may take its time,
/// such as a closure that blocks.
pub fn unbudgeted<R>(f: impl FnOnce() -> R) -> R {
    with_budget(Budget::UNLIMITED, f)
}

/// Runs `f` with a full budget of its own, as one poll of a task has it. For
/// executors that poll something other than a task, like the future of a `block_on`.
pub fn budget<R>(f: impl FnOnce() -> R) -> R {
    with_budget(Budget::FULL, f)
}

fn with_budget<R>(budget: Budget, f: impl FnOnce() -> R) -> R {
    let mut context = context::current();
    context.budget = budget;
    let _scope = Scope::enter(context);
    f()
}

pin_project! {
    /// A future that is polled without a budget. Made by [`unconstrained`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Unconstrained<F> {
        #[pin]
        future: F,
    }
}

/// Polls `future` without a budget: it never gives way to other tasks on its
/// own account. It can starve them; use it for short stretches.
///
/// # Cancel safety
///
/// Dropping it drops `future`; nothing else is lost.
pub fn unconstrained<F>(future: F) -> Unconstrained<F> {
    Unconstrained { future }
}

impl<F: Future> Future for Unconstrained<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let future = self.project().future;
        unbudgeted(|| future.poll(cx))
    }
}

pin_project! {
    /// A future that spends the budget. Made by [`cooperative`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Coop<F> {
        #[pin]
        future: F,
    }
}

/// Makes a foreign future spend one operation for each of its completions, and
/// give way when none is left, as sinew's own leaves do.
///
/// # Cancel safety
///
/// Dropping it drops `future`; nothing else is lost.
pub fn cooperative<F: Future>(future: F) -> Coop<F> {
    Coop { future }
}

impl<F: Future> Future for Coop<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let proceed = ready!(poll_proceed(cx));
        let output = ready!(self.project().future.poll(cx));
        proceed.made_progress();
        Poll::Ready(output)
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
