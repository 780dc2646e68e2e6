//! What other threads leave for the owner of a queue.

use std::sync::PoisonError;
use std::task::Waker;

use crate::Runnable;
use crate::atomic::MutexGuard;
use crate::local_cell::cell::CellPtr;
use crate::local_cell::inbox::{Closed, Taken};
use crate::local_cell::queue::{Foreign, LocalQueue};

impl LocalQueue {
    /// Takes a task in a shared cell that wants to be polled. From
    /// any thread. What this queue's [`Schedule`](crate::Schedule) calls.
    pub fn push(&self, task: Runnable) {
        match self.as_owner() {
            Some(owner) => owner.push_runnable(task),
            None => {
                let mut foreign = self.foreign();
                foreign.runnables.push_back(task);
                foreign.pushed += 1;
                drop(foreign);
                self.ring();
            }
        }
    }

    /// Has the owner look at what other threads have left, and if it sleeps,
    /// wakes it.
    pub fn knock(&self) {
        self.ring();
    }

    /// Pushes a cell to the inbox. `QUEUED` was set by the caller. The owner is
    /// to be told by [`ring`](Self::ring).
    pub(super) fn push_remote(&self, cell: CellPtr) -> Result<(), Closed> {
        self.inbox.push(cell)
    }

    /// Sends the waker of a `JoinHandle` to the owner. `false` if the queue is
    /// closed: then all tasks are complete.
    pub(super) fn send_joiner(&self, cell: CellPtr, waker: &Waker) -> bool {
        let waker = waker.clone();
        let mut foreign = self.foreign();
        if foreign.closed {
            drop(foreign);
            return false;
        }
        let old = foreign.joiners.insert(cell, waker);
        if old.is_none() {
            cell.cold().remote.add_reference();
        }
        drop(foreign);
        drop(old);
        self.ring();
        true
    }

    /// Tells the owner that something was left for it.
    pub(super) fn ring(&self) {
        self.bell.ring();
    }

    /// Takes the cells in the inbox, and the note that there is mail.
    pub(super) fn take_mail(&self) -> Taken {
        self.bell.answer();
        self.inbox.take()
    }

    pub(super) fn foreign(&self) -> MutexGuard<'_, Foreign> {
        self.foreign.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
