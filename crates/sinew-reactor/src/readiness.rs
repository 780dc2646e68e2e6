//! What is known of one source, and who waits for it.
//!
//! # Protocol
//!
//! Three parties: the thread that turns the reactor (`arrive`, `shut_down`),
//! tasks that wait (`poll_*`), and tasks that have found the descriptor not
//! ready (`clear`).
//!
//! 1. *No wake-up is lost.* `arrive` first changes the word and then locks the
//!    waiters. A task that finds the word not ready locks the waiters, reads the
//!    word again, and adds itself before it unlocks. Whichever of the two locks
//!    first: either the task reads the changed word, or `arrive` finds the task.
//! 2. *No event is lost.* A task reads the word, tries its operation, and clears
//!    the readiness if the descriptor was not ready, but only if the tick is
//!    still the one it read. An event in between has changed the tick, so what
//!    the task clears is never newer than what it has tried.
//! 3. *A wake-up is owed once.* A waiter that has been woken is no longer
//!    waiting; its task polls again and adds itself again if need be. All waiters
//!    that an event concerns are woken, so a woken task that never polls again
//!    takes nothing away from the others.
//! 4. *No event is lost of a source that is muted*, which the system tells no more of
//!    data because whoever reads from it finds it readable anyway. It is muted with the
//!    registry locked, where `mute` says so and the system is told; `mute` says so of a
//!    source that is readable only. Who takes that away and hears from `clear` that it
//!    was muted has the system tell again, with the registry locked, before it waits. So
//!    the system is told of both in their order, and begins with what there is.
//! 5. Wakers are woken, dropped and cloned with no lock held: they may run any code.
//!    Only a probe (`Waiters::add_shared`), which is rare, clones those that it keeps.
//!
//! # Life
//!
//! A place in the registry is one source after another. `begin` and `retire` are
//! called with the registry locked, as is all that a turn does to a source; and the
//! source's owner has ended all waits, which borrow it, before it has it retired. So
//! neither has anybody beside it.

use std::task::Waker;

use crate::sync::{Guard, Lock};
use crate::{Interest, Ready};

mod state;
mod waiters;

pub(crate) use state::Snapshot;
pub(crate) use waiters::{Direction, Waiters};

use state::StateCell;

/// How a task waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// In the direction's own slot; whoever comes later replaces it.
    Alone,
    /// Beside others.
    Shared,
}

#[derive(Debug)]
pub(crate) struct Readiness {
    state: StateCell,
    waiters: Lock<Waiters>,
}

impl Readiness {
    pub(crate) fn new() -> Readiness {
        Readiness {
            state: StateCell::new(),
            waiters: Lock::new(Waiters::new()),
        }
    }

    /// Which of the sources that had this place it is, modulo 2^32.
    pub(crate) fn generation(&self) -> u32 {
        self.state.generation()
    }

    /// Makes a new source of it.
    pub(crate) fn begin(&self) {
        self.state.begin();
    }

    /// Ends the source. Returns those who never came to take themselves off: to be
    /// dropped with no lock held.
    #[must_use = "wakers may run any code when they are dropped"]
    pub(crate) fn retire(&self) -> Waiters {
        self.state.retire();
        std::mem::replace(&mut self.waiters(), Waiters::new())
    }

    #[inline]
    fn waiters(&self) -> Guard<'_, Waiters> {
        self.waiters.lock()
    }

    #[inline]
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.state.load()
    }

    /// Notes that the descriptor was found not ready for `what`, unless an event
    /// has arrived since `seen`. Whether the source was muted and is no longer: the
    /// system has to be told then.
    #[must_use = "who ends a muting has the system tell again"]
    #[inline]
    pub(crate) fn clear(&self, seen: Snapshot, what: Ready) -> bool {
        self.state.clear(seen, what)
    }

    /// Mutes the source if it is noisy. Whether it was: the system has to be told then.
    pub(crate) fn mute(&self) -> bool {
        self.state.mute()
    }

    /// Takes the source for ready without an event; the next operation will tell.
    pub(crate) fn assume(&self, ready: Ready) {
        self.state.assume(ready);
    }

    /// An event has arrived. Adds to `wakers` who is to be woken for it.
    #[inline]
    pub(crate) fn arrive(&self, ready: Ready, wakers: &mut Vec<Waker>) {
        self.state.arrive(ready);
        self.waiters().take(ready, wakers);
    }

    /// There will be no more events. Adds all waiters to `wakers`.
    pub(crate) fn shut_down(&self, wakers: &mut Vec<Waker>) {
        self.state.shut_down();
        self.waiters().take(Ready::ALL, wakers);
    }

    /// The state if it ends a wait in this direction; else the task will be woken.
    /// For who has looked at the [snapshot](Self::snapshot) first.
    #[inline]
    pub(crate) fn wait(
        &self,
        direction: Direction,
        waiting: Waiting,
        waker: &Waker,
    ) -> Option<Snapshot> {
        match waiting {
            Waiting::Alone => self.wait_alone(direction, waker),
            Waiting::Shared => self.poll_shared(direction.interest(), waker),
        }
    }

    #[inline]
    fn wait_alone(&self, direction: Direction, waker: &Waker) -> Option<Snapshot> {
        let mask = direction.mask();
        let waker = waker.clone();
        let mut waiters = self.waiters();
        let seen = self.state.load();
        if seen.ends_wait(mask) {
            return Some(seen);
        }
        let replaced = waiters.set_alone(direction, waker);
        drop(waiters);
        drop(replaced);
        None
    }

    /// As [`poll`](Self::poll), for a task that waits beside others and has no
    /// place of its own.
    pub(crate) fn poll_shared(&self, interest: Interest, waker: &Waker) -> Option<Snapshot> {
        let mask = interest.mask();
        let seen = self.state.load();
        if seen.ends_wait(mask) {
            return Some(seen);
        }
        let waker = waker.clone();
        let mut waiters = self.waiters();
        let seen = self.state.load();
        if seen.ends_wait(mask) {
            return Some(seen);
        }
        let (probed, known) = waiters.add_shared(mask, waker);
        drop(waiters);
        drop(known);
        for waker in probed {
            waker.wake();
        }
        None
    }

    /// As [`poll`](Self::poll), for a waiter that keeps its place in `place` and
    /// gives it up with [`leave`](Self::leave).
    pub(crate) fn poll_placed(
        &self,
        place: &mut Option<usize>,
        interest: Interest,
        waker: &Waker,
    ) -> Option<Snapshot> {
        let mask = interest.mask();
        let seen = self.state.load();
        if seen.ends_wait(mask) {
            return Some(seen);
        }
        let waker = waker.clone();
        let mut waiters = self.waiters();
        let seen = self.state.load();
        if seen.ends_wait(mask) {
            return Some(seen);
        }
        let replaced = waiters.set_placed(place, mask, waker);
        drop(waiters);
        drop(replaced);
        None
    }

    pub(crate) fn leave(&self, place: usize) {
        let waker = self.waiters().remove_placed(place);
        drop(waker);
    }
}

#[cfg(test)]
mod tests;
