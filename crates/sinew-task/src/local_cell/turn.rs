//! The loop that gives tasks their turns, and a turn: the hottest path of all.

use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Waker};

use sinew_core::{coop, record};

use crate::TurnSlot;
use crate::atomic::Ordering;
use crate::local_cell::cell::CellPtr;
use crate::local_cell::life;
use crate::local_cell::owned::{Turn, Woken};
use crate::local_cell::owner::{Next, Owner};
use crate::local_cell::queue::LocalQueue;
use crate::local_cell::waker;

impl LocalQueue {
    /// Gives the next tasks their turns, up to `limit` of them. Returns how many
    /// there were: fewer than `limit` when no task is left that is ready.
    ///
    /// What other threads have left is looked at once, before the first turn.
    /// `slot` is told of each turn.
    ///
    /// Tasks that gave way ([`coop::note_yield`]) wait for the next call that finds
    /// nothing else to run, or that comes after [`resume_yielded`](Self::resume_yielded).
    /// So who drives IO and timers on this thread can do that in between.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's. Never on account of a task.
    pub fn run(&self, slot: &impl TurnSlot, limit: usize) -> usize {
        let owner = self.owner();
        // Relaxed: what is missed now is seen the next time, or by `fall_asleep`.
        if self.mail.load(Ordering::Relaxed) {
            owner.open_mail();
        }
        if owner.owned().sessions.get() > 0 {
            self.gate.step_aside();
        }
        if owner.owned().is_yielding() {
            owner.resume();
        }
        record::between_tasks(|| {
            let mut left = limit;
            while left > 0 {
                let Some(next) = owner.next() else { break };
                self.counts.turn();
                match next {
                    Next::Cell(cell) => {
                        slot.begin(cell.id());
                        give_turn(owner, cell);
                    }
                    Next::Runnable(task) => {
                        slot.begin(task.metadata().id());
                        task.run();
                    }
                }
                slot.end();
                left -= 1;
            }
            limit - left
        })
    }

    /// Whether all tasks that wait for a turn have given way.
    ///
    /// # Panics
    ///
    /// On another thread than the owner's.
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

/// Gives a task that came out of the run queue its turn.
#[inline(always)]
fn give_turn(owner: Owner<'_>, cell: CellPtr) {
    let finished = match cell.header().owned.begin() {
        Turn::Poll => poll(cell),
        other => unusual_turn(cell, other),
    };
    if finished {
        finish(owner, cell);
    } else if cell.header().owned.end() == Woken::Push {
        match coop::take_yield() {
            false => owner.push(cell),
            true => owner.push_yielded(cell),
        }
    }
}

/// Polls a task that is running. Whether it has finished.
#[inline(always)]
fn poll(cell: CellPtr) -> bool {
    // SAFETY: it is not dropped, so no reference is taken from the count, and it
    // is used only while the cell is running.
    let waker = unsafe { Waker::from_raw(waker::raw(cell)) };
    let waker = ManuallyDrop::new(waker);
    let poll = cell.header().vtable.poll;
    // SAFETY: we are the owner, inside of `between_tasks`; the future is in the
    // slot, because the task was in the run queue (invariant 4 of the module).
    unsafe { poll(cell, &mut Context::from_waker(&waker)) }
}

#[cold]
fn unusual_turn(cell: CellPtr, turn: Turn) -> bool {
    match turn {
        Turn::Poll => poll(cell),
        Turn::PollHooked => {
            life::tell(cell, |hooks, task| hooks.before_poll(task));
            let finished = poll(cell);
            life::tell(cell, |hooks, task| hooks.after_poll(task));
            finished
        }
        Turn::Cancel => {
            let cancel = cell.header().vtable.cancel;
            // SAFETY: as for the poll.
            unsafe { cancel(cell) };
            true
        }
    }
}

/// The output is in the slot: says so and lets go of the cell.
#[inline(always)]
fn finish(owner: Owner<'_>, cell: CellPtr) {
    let owned = &cell.header().owned;
    life::publish(cell);
    owner.count_finished();
    let joiner = life::replace_joiner(cell, None);
    owned.complete();
    match joiner {
        Some(joiner) => wake_joiner(owner, cell, joiner),
        None if owned.references() <= 0 => settle(owner, cell),
        None => {}
    }
}

// Not a part of the loop, whose registers it would take: a task that is joined,
// the usual one, is freed by its handle.
#[inline(never)]
fn settle(owner: Owner<'_>, cell: CellPtr) {
    life::settle(owner, cell);
}

#[inline(never)]
fn wake_joiner(owner: Owner<'_>, cell: CellPtr, joiner: Waker) {
    // Ours, because waking whoever joins may drop all others.
    cell.header().owned.add_reference();
    // A waker may be anyone's. The panic hook has reported its panic.
    let _ = catch_unwind(AssertUnwindSafe(|| joiner.wake()));
    life::release(owner, cell);
}
