//! What this thread knows about the poll that is under way.
//!
//! One thread-local for everything that a leaf future or the cooperative budget
//! asks about, so that they share a cache line and need no lazy initialisation.
//!
//! # Invariants
//!
//! 1. `record` and `trace` point at values that outlive the scope which set
//!    them: callers of [`Scope::enter`] and [`in_task`] keep the value borrowed until they have restored
//!    what was there, also when the scope unwinds. [`begin_turn`] leaves a record
//!    behind; its callers promise that it is not asked for once it is gone.
//! 2. While a trace is taken, `record` is null and the trace has the task's, so that a
//!    leaf asks for both with one compare ([`noted_by_record`]).
//! 3. Nothing here has a destructor, so the context can be read while
//!    thread-locals are being destroyed.

use std::cell::Cell;
use std::ptr;

use crate::coop::Budget;
use crate::leaf::Trace;
use crate::record::Record;

/// The poll under way on this thread.
#[derive(Clone, Copy)]
pub(crate) struct Context {
    /// The task's record; null outside of any task, and while a trace is being taken.
    pub(crate) record: *const Record,
    /// Where waits are collected; null unless a trace is being taken.
    pub(crate) trace: *const Trace,
    /// What the task may still do in this poll.
    pub(crate) budget: Budget,
}

impl Context {
    /// Not in a task: nothing is noted and nothing is rationed.
    pub(crate) const OUTSIDE: Context = Context {
        record: ptr::null(),
        trace: ptr::null(),
        budget: Budget::UNLIMITED,
    };
}

// What a turn begins with is next to each other, so that one store sets both.
#[repr(C)]
struct Cells {
    record: Cell<*const Record>,
    trace: Cell<*const Trace>,
    budget: Cell<Budget>,
    /// The task of `record` has given way without waking itself: see
    /// [`coop::give_way`](crate::coop::give_way).
    gave_way: Cell<bool>,
    /// See [`coop::note_yield`](crate::coop::note_yield).
    yielded: Cell<bool>,
}

impl Cells {
    const fn outside() -> Cells {
        Cells {
            record: Cell::new(Context::OUTSIDE.record),
            trace: Cell::new(Context::OUTSIDE.trace),
            budget: Cell::new(Context::OUTSIDE.budget),
            gave_way: Cell::new(false),
            yielded: Cell::new(false),
        }
    }

    /// Where the record of the task is: invariant 2.
    #[inline]
    fn record_place(&self) -> &Cell<*const Record> {
        // SAFETY: invariant 1: it is null, or we are inside of the trace's scope.
        match unsafe { self.trace.get().as_ref() } {
            None => &self.record,
            Some(trace) => &trace.record,
        }
    }
}

#[cfg(not(sinew_loom))]
thread_local! {
    static CONTEXT: Cells = const { Cells::outside() };
}

// A model's threads share the thread that std sees.
#[cfg(sinew_loom)]
loom::thread_local! {
    static CONTEXT: Cells = Cells::outside();
}

/// Installs a context and restores the one before it when dropped.
pub(crate) struct Scope(Context);

impl Scope {
    #[inline]
    pub(crate) fn enter(context: Context) -> Scope {
        CONTEXT.with(|cells| {
            Scope(Context {
                record: cells.record.replace(context.record),
                trace: cells.trace.replace(context.trace),
                budget: cells.budget.replace(context.budget),
            })
        })
    }
}

impl Drop for Scope {
    #[inline]
    fn drop(&mut self) {
        CONTEXT.with(|cells| {
            cells.record.set(self.0.record);
            cells.trace.set(self.0.trace);
            cells.budget.set(self.0.budget);
        });
    }
}

/// Runs `poll` as a poll of a task: with its record and a fresh budget. A trace
/// goes on. Happens once for each poll of each task, so it touches no more than
/// it must and looks the thread-local up once.
#[inline]
pub(crate) fn in_task<R>(record: *const Record, poll: impl FnOnce() -> R) -> R {
    struct Restore<'a> {
        cells: &'a Cells,
        place: &'a Cell<*const Record>,
        record: *const Record,
        budget: Budget,
    }

    impl Drop for Restore<'_> {
        #[inline]
        fn drop(&mut self) {
            self.place.set(self.record);
            self.cells.budget.set(self.budget);
        }
    }

    CONTEXT.with(|cells| {
        let place = cells.record_place();
        let _restore = Restore {
            cells,
            place,
            record: place.replace(record),
            budget: cells.budget.replace(Budget::FULL),
        };
        poll()
    })
}

/// Runs `f` outside of any task and of any trace, with the note of the task around it
/// that it has given way put aside.
#[inline]
pub(crate) fn turns<R>(f: impl FnOnce() -> R) -> R {
    struct Restore<'a> {
        cells: &'a Cells,
        record: *const Record,
        trace: *const Trace,
        budget: Budget,
        gave_way: bool,
    }

    impl Drop for Restore<'_> {
        #[inline]
        fn drop(&mut self) {
            self.cells.record.set(self.record);
            self.cells.trace.set(self.trace);
            self.cells.budget.set(self.budget);
            self.cells.gave_way.set(self.gave_way);
        }
    }

    CONTEXT.with(|cells| {
        let _restore = Restore {
            cells,
            record: cells.record.replace(Context::OUTSIDE.record),
            trace: cells.trace.replace(Context::OUTSIDE.trace),
            budget: cells.budget.replace(Context::OUTSIDE.budget),
            gave_way: cells.gave_way.replace(false),
        };
        f()
    })
}

/// Runs `poll`, a task's poll, with the note of the task around it that it has given
/// way put aside. Whether the one that was polled has.
#[inline]
pub(crate) fn noting_gave_way<R>(poll: impl FnOnce() -> R) -> (R, bool) {
    struct Restore<'a>(&'a Cells, bool);

    impl Drop for Restore<'_> {
        #[inline]
        fn drop(&mut self) {
            self.0.gave_way.set(self.1);
        }
    }

    CONTEXT.with(|cells| {
        let restore = Restore(cells, cells.gave_way.replace(false));
        let polled = poll();
        (polled, restore.0.gave_way.get())
    })
}

/// What is polled from here on is the task of `record`, with a fresh budget. It has not
/// given way.
#[inline]
pub(crate) fn begin_turn(record: *const Record) {
    CONTEXT.with(|cells| {
        cells.record.set(record);
        cells.budget.set(Budget::FULL);
        cells.gave_way.set(false);
    });
}

/// What runs from here on is outside of any task.
#[inline]
pub(crate) fn end_turn() {
    CONTEXT.with(|cells| {
        cells.record.set(Context::OUTSIDE.record);
        cells.budget.set(Context::OUTSIDE.budget);
    });
}

#[inline]
pub(crate) fn set_gave_way() {
    CONTEXT.with(|cells| cells.gave_way.set(true));
}

#[inline]
pub(crate) fn gave_way() -> bool {
    CONTEXT.with(|cells| cells.gave_way.get())
}

/// The record of the task that is polled; null outside of any.
#[inline]
pub(crate) fn record() -> *const Record {
    CONTEXT.with(|cells| cells.record_place().get())
}

/// The record of the task that is polled, if there is one and no trace is being taken:
/// then this is all that a leaf has to tell.
#[inline]
pub(crate) fn noted_by_record<'a>() -> Option<&'a Record> {
    let record = CONTEXT.with(|cells| cells.record.get());
    // SAFETY: invariant 1: it is null, or we are inside of the record's scope. The
    // caller keeps the reference no longer than that.
    unsafe { record.as_ref() }
}

/// The trace that is being taken, if there is one.
#[inline]
pub(crate) fn trace<'a>() -> Option<&'a Trace> {
    let trace = CONTEXT.with(|cells| cells.trace.get());
    // SAFETY: as above, of the trace's scope.
    unsafe { trace.as_ref() }
}

#[inline]
pub(crate) fn budget() -> Budget {
    CONTEXT.with(|cells| cells.budget.get())
}

#[inline]
pub(crate) fn set_budget(budget: Budget) {
    CONTEXT.with(|cells| cells.budget.set(budget));
}

#[inline]
pub(crate) fn yielded() -> bool {
    CONTEXT.with(|cells| cells.yielded.get())
}

#[inline]
pub(crate) fn set_yielded(yielded: bool) {
    CONTEXT.with(|cells| cells.yielded.set(yielded));
}

/// The whole context, to be changed in part and entered again.
#[inline]
pub(crate) fn current() -> Context {
    CONTEXT.with(|cells| Context {
        record: cells.record.get(),
        trace: cells.trace.get(),
        budget: cells.budget.get(),
    })
}
