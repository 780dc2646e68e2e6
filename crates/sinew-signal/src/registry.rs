//! The process's table of signals and their listeners.
//!
//! # State
//!
//! One [`Entry`] for each signal number, each behind a lock of its own. The
//! handler never touches the table: it leaves a mark ([`bell`]) which the
//! dispatcher thread ([`dispatcher`]) turns into a delivery to the entry.
//! Locks are held for a few instructions and never while a waker runs or is
//! dropped.
//!
//! The handler's side is lock-free, but each mark is a word of its own that one
//! compare-exchange sets and one swap clears, and the byte that announces it is
//! written after it; there is no protocol between words that would want a model.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use sinew_core::error::attempted;

use crate::unix::SignalKind;

mod bell;
mod dispatcher;
mod entry;

use entry::Entry;

/// The highest signal number of any Unix (Linux on MIPS has 128; elsewhere the
/// system itself refuses the numbers it does not have).
const LIMIT: usize = 128;

static TABLE: [Mutex<Entry>; LIMIT + 1] = [const { Mutex::new(Entry::new()) }; LIMIT + 1];

fn entry(number: usize) -> MutexGuard<'static, Entry> {
    TABLE[number].lock().unwrap_or_else(PoisonError::into_inner)
}

/// A place in the table. Gives it up when dropped.
pub(crate) struct Listener {
    number: usize,
    key: usize,
}

impl Listener {
    pub(crate) fn new(kind: SignalKind) -> io::Result<Listener> {
        let number = check(kind)?;
        dispatcher::ensure_running()
            .map_err(|source| attempted("start", "the signal dispatcher", source))?;
        let mut entry = entry(number);
        if !entry.installed {
            // A signal may run the handler as soon as it is installed, but that
            // only leaves a mark; the dispatcher waits for the lock we hold.
            bell::install(number)
                .map_err(|source| attempted("handle", format_args!("signal {number}"), source))?;
            entry.installed = true;
        }
        let key = entry.join();
        Ok(Listener { number, key })
    }

    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// See [`Entry::arrived`].
    pub(crate) fn arrived(&self) -> Option<u64> {
        entry(self.number).arrived(self.key)
    }

    /// Receives what has arrived, or leaves the waker for what will.
    pub(crate) fn receive_or_wait(&self, waker: &Waker) -> bool {
        let mut entry = entry(self.number);
        if entry.receive(self.key) {
            return true;
        }
        let replaced = entry.wait(self.key, waker);
        drop(entry);
        // A waker's destructor is foreign code; run it without the lock.
        drop(replaced);
        false
    }

    pub(crate) fn forget_waker(&self) {
        let waker = entry(self.number).forget_waker(self.key);
        drop(waker);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let waker = entry(self.number).leave(self.key);
        drop(waker);
    }
}

/// The number as an index of the table.
fn check(kind: SignalKind) -> io::Result<usize> {
    let invalid = |message: String| io::Error::new(io::ErrorKind::InvalidInput, message);
    let raw = kind.as_raw_value();
    if let Some(name) = kind.forbidden_name() {
        return Err(invalid(format!("signal {raw} ({name}) cannot be handled")));
    }
    match usize::try_from(raw) {
        Ok(number) if (1..=LIMIT).contains(&number) => Ok(number),
        _ => Err(invalid(format!("there is no signal {raw}"))),
    }
}

#[cfg(test)]
mod tests;
