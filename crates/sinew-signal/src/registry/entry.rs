//! One signal: its listeners and what each has not received yet.
//!
//! # State
//!
//! Deliveries are numbered by the dispatcher, from 1, over all signals. Zero
//! stands for none.
//!
//! - `latest`: the last delivery of this signal.
//! - `received`: the last delivery that any listener has received. All up to it
//!   are settled.
//! - a listener's `arrived`: the first delivery since it last received. Later
//!   ones coalesce into it.
//!
//! # Invariants
//!
//! 1. `received <= latest`.
//! 2. A listener with `arrived == 0` has received all that was delivered since
//!    it joined. One that joins while there is no other starts with `latest` if
//!    that is not settled, so an unsettled delivery is never forgotten.

use std::task::Waker;

use slab::Slab;

pub(super) struct Entry {
    /// Whether the handler is in place. Once set, for ever.
    pub(super) installed: bool,
    latest: u64,
    received: u64,
    listeners: Slab<State>,
}

struct State {
    arrived: u64,
    waker: Option<Waker>,
}

impl Entry {
    pub(super) const fn new() -> Self {
        Entry {
            installed: false,
            latest: 0,
            received: 0,
            listeners: Slab::new(),
        }
    }

    /// Adds a listener and gives its key.
    pub(super) fn join(&mut self) -> usize {
        let unsettled = self.listeners.is_empty() && self.latest > self.received;
        self.listeners.insert(State {
            arrived: if unsettled { self.latest } else { 0 },
            waker: None,
        })
    }

    /// Removes a listener and gives back the waker it left.
    pub(super) fn leave(&mut self, key: usize) -> Option<Waker> {
        let left = self.listeners.remove(key);
        if self.listeners.is_empty() {
            // Gives the memory back: a burst of listeners should leave none.
            self.listeners.shrink_to_fit();
        }
        left.waker
    }

    /// Notes a delivery for every listener and moves the wakers of those who
    /// wait to `woken`.
    pub(super) fn deliver(&mut self, number: u64, woken: &mut Vec<Waker>) {
        self.latest = number;
        for (_, listener) in &mut self.listeners {
            if listener.arrived == 0 {
                listener.arrived = number;
            }
            woken.extend(listener.waker.take());
        }
    }

    /// The number of the delivery that the listener would receive now.
    pub(super) fn arrived(&self, key: usize) -> Option<u64> {
        let arrived = self.listeners[key].arrived;
        (arrived != 0).then_some(arrived)
    }

    /// Receives all that has arrived for the listener, as one. False if nothing has.
    pub(super) fn receive(&mut self, key: usize) -> bool {
        let listener = &mut self.listeners[key];
        if listener.arrived == 0 {
            return false;
        }
        listener.arrived = 0;
        self.received = self.latest;
        true
    }

    /// Keeps the waker for the next delivery and gives back the one before it.
    pub(super) fn wait(&mut self, key: usize, waker: &Waker) -> Option<Waker> {
        let kept = &mut self.listeners[key].waker;
        match kept {
            Some(kept) if kept.will_wake(waker) => None,
            kept => kept.replace(waker.clone()),
        }
    }

    pub(super) fn forget_waker(&mut self, key: usize) -> Option<Waker> {
        self.listeners[key].waker.take()
    }

    #[cfg(test)]
    pub(super) fn listeners(&self) -> usize {
        self.listeners.len()
    }
}

#[cfg(test)]
mod tests;
