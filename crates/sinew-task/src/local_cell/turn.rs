//! The loop that gives tasks their turns, and a turn: the hottest path of all.
//!
//! What can be done once for many turns is: one `catch_unwind` is around the loop, and
//! what the loop tells of itself (the task that is polled, its record) is overwritten
//! by the next turn and put back at the end. A turn that does not end in the usual way
//! sees to it itself: foreign code other than the task's runs outside of any task.

use std::any::Any;
use std::cell::Cell;
use std::mem::{self, ManuallyDrop};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::task::{Context, Waker};

use sinew_core::coop;
use sinew_core::record::{self, Turns};

use crate::Runnable;
use crate::local_cell::cell::{self, CellPtr, Dropped, Polled};
use crate::local_cell::life;
use crate::local_cell::owned::{Turn, Woken};
use crate::local_cell::owner::Owner;
use crate::local_cell::queue::LocalQueue;
use crate::local_cell::waker;

/// What is told of each turn by [`LocalQueue::run_observed`], for example to measure it.
/// Does nothing unless overridden.
pub trait TurnObserver {
    /// A turn begins.
    #[inline]
    fn begin(&self) {}

    /// It has ended.
    #[inline]
    fn end(&self) {}
}

impl TurnObserver for () {}

impl LocalQueue {
    /// Gives the next tasks their turns, up to `limit` of them. Returns how many
    /// there were: fewer than `limit` when no task is left that is ready.
    ///
    /// What other threads have left is looked at once, before the first turn.
    /// [`poll_slot`](Self::poll_slot) shows each turn.
    ///
    /// Tasks that gave way ([`coop::give_way`]) wait for the next call that finds
    /// nothing else to run, or that comes after [`resume_yielded`](Self::resume_yielded).
    /// So who drives IO and timers on this thread can do that in between.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's. Never on account of a task.
    pub fn run(&self, limit: usize) -> usize {
        self.run_observed(&(), limit)
    }

    /// As [`run`](Self::run), and tells `observer` of each turn.
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    pub fn run_observed(&self, observer: &impl TurnObserver, limit: usize) -> usize {
        let owner = self.owner();
        if self.bell.is_rung() {
            owner.open_mail();
        }
        if owner.owned().sessions.get() > 0 {
            self.gate.step_aside();
        }
        if owner.owned().is_yielding() {
            owner.resume();
        }
        // The task in which this is nested, if it is.
        let outer = self.poll.snapshot();
        let round = Round {
            owner,
            observer,
            left: Cell::new(limit),
            gave_way: Cell::new(0),
            crash: Cell::new(None),
        };
        record::turns(|turns| {
            while let Err(payload) = catch_unwind(AssertUnwindSafe(|| round.give(turns))) {
                round.crashed(turns, payload);
            }
        });
        match outer {
            Some(outer) => self.poll.resume(outer.task),
            None => self.poll.end(),
        }
        owner.count_yielded(round.gave_way.get());
        if !owner.owned().is_idle() {
            owner.rouse();
        }
        limit - round.left.get()
    }

    /// Whether all tasks that wait for a turn have given way.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    #[inline]
    #[must_use]
    pub fn is_yielding(&self) -> bool {
        self.owner().owned().is_yielding()
    }

    /// Lets tasks that have given way run again, after those that are ready.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
    pub fn resume_yielded(&self) {
        self.owner().resume();
    }
}

/// One call of [`LocalQueue::run`].
struct Round<'a, O> {
    owner: Owner<'a>,
    observer: &'a O,
    /// Turns that may still be given, not counting those of the `give_cells` under way.
    left: Cell<usize>,
    /// Turns in which the task gave way, not counting those of the `give_cells` under way.
    gave_way: Cell<u64>,
    /// Set while a panic of a poll unwinds: the task, and what came of dropping its
    /// future meanwhile.
    crash: Cell<Option<(CellPtr, Dropped)>>,
}

/// What a `give_cells` has done so far.
#[derive(Clone, Copy)]
struct Given {
    /// Turns that may still be given, with the one under way.
    left: usize,
    /// Turns in which the task gave way.
    gave_way: u64,
}

/// Drops the future whose poll panics while that unwinds, so that its destructors can
/// tell, by `std::thread::panicking`, why they run. To be forgotten otherwise.
struct OnPanic<'r, 'a, O> {
    cell: CellPtr,
    given: Given,
    round: &'r Round<'a, O>,
}

impl<O> Drop for OnPanic<'_, '_, O> {
    // Apart, so that nothing of the guard is in memory unless there is a panic.
    #[inline(always)]
    fn drop(&mut self) {
        self.round.note(Given {
            left: self.given.left - 1,
            ..self.given
        });
        note_crash(self.cell, &self.round.crash);
    }
}

#[cold]
fn note_crash(cell: CellPtr, crash: &Cell<Option<(CellPtr, Dropped)>>) {
    let drop_future = cell.header().vtable.drop_future;
    // SAFETY: the poll that unwinds was that of a future in the slot, on the owner's
    // thread, and it is not used after a panic.
    let dropped = unsafe { drop_future(cell) };
    crash.set(Some((cell, dropped)));
}

impl<O> Round<'_, O> {
    /// A `give_cells` ends, or unwinds.
    #[inline]
    fn note(&self, given: Given) {
        self.left.set(self.left.get() + given.left);
        self.gave_way.set(self.gave_way.get() + given.gave_way);
    }
}

impl<O: TurnObserver> Round<'_, O> {
    /// Gives turns until none is left, or no task. Unwinds when the poll of one does.
    ///
    /// While both kinds of tasks wait, they take turns. One in a shared cell that comes
    /// while cells are given theirs may have to wait until all have had one.
    fn give(&self, turns: &Turns) {
        while self.left.get() > 0 {
            let mut turns_of_cells = self.left.get();
            if self.owner.has_runnables() {
                if let Some(task) = self.owner.next_runnable() {
                    self.left.set(turns_of_cells - 1);
                    self.turn_of_runnable(turns, task);
                    continue;
                }
                turns_of_cells = 1;
            }
            self.left.set(self.left.get() - turns_of_cells);
            let given = self.give_cells(self.owner, turns, turns_of_cells);
            self.note(given);
            if given.left > 0 && !self.owner.has_runnables() {
                break;
            }
        }
    }

    /// Gives cells so many turns, more than none, or fewer if no cell is left. Unwinds
    /// when a poll does.
    // Apart, so that what it needs at each turn is in registers.
    #[inline(never)]
    fn give_cells(&self, owner: Owner<'_>, turns: &Turns, limit: usize) -> Given {
        let mut given = Given {
            left: limit,
            gave_way: 0,
        };
        while let Some(cell) = owner.next_cell() {
            self.turn(owner, turns, cell, &mut given);
            given.left -= 1;
            if given.left == 0 {
                break;
            }
        }
        given
    }

    #[inline(never)]
    fn turn_of_runnable(&self, turns: &Turns, task: Runnable) {
        self.owner.queue().poll.begin(task.metadata().id());
        self.observer.begin();
        turns.end();
        task.run();
        self.observer.end();
    }

    /// Gives a task that came out of the run queue its turn.
    #[inline(always)]
    fn turn(&self, owner: Owner<'_>, turns: &Turns, cell: CellPtr, given: &mut Given) {
        if !cell.header().owned.begin() {
            *given = self.unusual_turn(turns, cell, *given);
            return;
        }
        owner.queue().poll.begin(cell.id());
        self.observer.begin();
        let polled = self.poll(turns, cell, *given);
        self.end_turn(owner, turns, cell, polled, given);
    }

    /// After the poll.
    #[inline(always)]
    fn end_turn(
        &self,
        owner: Owner<'_>,
        turns: &Turns,
        cell: CellPtr,
        polled: Polled,
        given: &mut Given,
    ) {
        if polled != Polled::Pending {
            finish(owner, turns, cell, polled);
        } else if turns.gave_way() {
            owner.push_yielded(cell);
            given.gave_way += 1;
        } else if cell.header().owned.end() == Woken::Push {
            self.push_again(cell);
        }
        self.observer.end();
    }

    /// Queues a task that was woken while it was polled.
    #[inline(never)]
    fn push_again(&self, cell: CellPtr) {
        match coop::take_yield() {
            false => self.owner.push_awake(cell),
            true => {
                self.owner.push_yielded(cell);
                self.owner.count_yielded(1);
            }
        }
    }

    /// Polls a task that came out of the run queue.
    #[inline(always)]
    fn poll(&self, turns: &Turns, cell: CellPtr, given: Given) -> Polled {
        // SAFETY: the turn ends, in `end_turn`, before the cell is freed, or nothing runs
        // in between.
        unsafe { turns.begin(&cell.header().record) };
        // SAFETY: it is not dropped, so no reference is taken from the count, and it
        // is used only while the cell is polled.
        let waker = unsafe { Waker::from_raw(waker::raw(cell)) };
        let waker = ManuallyDrop::new(waker);
        let on_panic = OnPanic {
            cell,
            given,
            round: self,
        };
        let poll = cell.header().vtable.poll;
        // SAFETY: we are the owner; the future is in the slot, because the task was in
        // the run queue (invariant 4 of the module).
        let polled = unsafe { poll(cell, &mut Context::from_waker(&waker)) };
        mem::forget(on_panic);
        polled
    }

    /// The turn of a task that is cancelled or has hooks, or was woken while it waited.
    #[cold]
    #[inline(never)]
    fn unusual_turn(&self, turns: &Turns, cell: CellPtr, mut given: Given) -> Given {
        self.owner.queue().poll.begin(cell.id());
        self.observer.begin();
        // That of the task before.
        turns.end();
        let polled = match cell.header().owned.begin_unusual() {
            Turn::Poll => self.poll(turns, cell, given),
            Turn::PollHooked => {
                life::tell(cell, |hooks, task| hooks.before_poll(task));
                let polled = self.poll(turns, cell, given);
                turns.end();
                life::tell(cell, |hooks, task| hooks.after_poll(task));
                polled
            }
            Turn::Cancel => {
                let cancel = cell.header().vtable.cancel;
                // SAFETY: as for the poll.
                unsafe { cancel(cell) };
                Polled::Finished
            }
        };
        self.end_turn(self.owner, turns, cell, polled, &mut given);
        given
    }

    /// The rest of a turn whose poll has panicked.
    #[cold]
    fn crashed(&self, turns: &Turns, payload: Box<dyn Any + Send>) {
        turns.end();
        let Some((cell, dropped)) = self.crash.take() else {
            // Not that of a poll: of a waker, for example, that is dropped.
            resume_unwind(payload);
        };
        let put_panic = cell.header().vtable.put_panic;
        let error = cell::panicked(cell, payload);
        // SAFETY: the future was dropped while the poll unwound, on this thread.
        unsafe { put_panic(cell, error, dropped) };
        if cell.header().owned.is_hooked() {
            life::tell(cell, |hooks, task| hooks.after_poll(task));
        }
        finish(self.owner, turns, cell, Polled::Finished);
        self.observer.end();
    }
}

/// The output is in the slot: says so and lets go of the cell.
// Not a part of the loop, whose registers it would take.
#[inline(never)]
fn finish(owner: Owner<'_>, turns: &Turns, cell: CellPtr, finished: Polled) {
    let owned = &cell.header().owned;
    if owned.is_hooked() || (!owned.is_joined() && finished != Polled::FinishedPlainly) {
        publish(turns, cell);
    }
    owner.count_finished();
    let joiner = life::replace_joiner(cell, None);
    owned.complete();
    match joiner {
        Some(joiner) => wake_joiner(owner, turns, cell, joiner),
        None if owned.references() <= 0 => life::settle(owner, cell),
        None => {}
    }
}

#[inline(never)]
fn publish(turns: &Turns, cell: CellPtr) {
    turns.end();
    life::publish(cell);
}

#[inline(never)]
fn wake_joiner(owner: Owner<'_>, turns: &Turns, cell: CellPtr, joiner: Waker) {
    turns.end();
    // Ours, because waking whoever joins may drop all others.
    cell.header().owned.add_reference();
    // A waker may be anyone's. The panic hook has reported its panic.
    let _ = catch_unwind(AssertUnwindSafe(|| joiner.wake()));
    life::release(owner, cell);
}
