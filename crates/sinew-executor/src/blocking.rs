//! Whether guests are expected to block their threads in their main futures.
//!
//! `block_on(async { spawn(a).await })` wants its task to wait in the guest's own
//! queue, unannounced: the guest runs it in a moment, and a wake-up costs a
//! hundred times the task. `block_on(async { spawn(a); receiver.recv() })`, with
//! the receiver of a channel of std, wants the opposite, and the two look the
//! same when the task is spawned. The watcher helps out, but some milliseconds
//! late.
//!
//! So what comes of it is remembered, as a credit. While there is credit, a guest
//! is excused as soon as its main future spawns something, and the task is
//! announced. When that poll ends, one of two things is seen:
//!
//! - The task is still there, or the poll ended right after the announcement: it
//!   was needless, and one unit of the credit is gone.
//! - Somebody has run the task while the poll went on: credit is gained, more
//!   than one unit, because what is weighed is a wake-up of microseconds against
//!   a wait of milliseconds.
//!
//! There is credit from the start, so that the first who blocks does not wait for the
//! watcher either: a few needless wake-ups in a program that never does. Without credit, a
//! task that was taken during the poll in which it was spawned
//! gives one unit: the next spawn is a trial.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// What one announcement that was useful gains.
const GAIN: u32 = 16;

/// The most credit there can be.
const MOST: u32 = 64;

/// A poll that goes on for less than this after an announcement has not waited
/// for what was announced: nobody is woken and done in less.
const RIGHT_AFTER: Duration = Duration::from_micros(3);

thread_local! {
    /// When the main future under way on this thread has announced a task.
    static ANNOUNCED: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// See the module. It is an estimate: a unit lost between threads does not
/// matter, and nothing is ordered by it.
pub(crate) struct Blocking {
    credit: AtomicU32,
}

impl Blocking {
    pub(crate) fn new() -> Blocking {
        Blocking {
            credit: AtomicU32::new(GAIN),
        }
    }

    /// Whether a guest is to be excused once it has spawned.
    #[inline]
    pub(crate) fn is_expected(&self) -> bool {
        self.credit() > 0
    }

    fn credit(&self) -> u32 {
        self.credit.load(Ordering::Relaxed)
    }

    /// The main future on this thread has just announced a task.
    pub(crate) fn announced() {
        ANNOUNCED.set(Some(Instant::now()));
    }

    /// A poll of a main future on this thread, in which tasks were queued, has
    /// ended, and all of them were `taken` or some were not.
    pub(crate) fn ended(&self, taken: bool) {
        let went_on = ANNOUNCED
            .take()
            .map(|announced| announced.elapsed() >= RIGHT_AFTER);
        self.learn(went_on, taken);
    }

    /// `went_on` says whether the poll went on for long after an announcement, if
    /// there was one.
    pub(crate) fn learn(&self, went_on: Option<bool>, taken: bool) {
        let credit = self.credit();
        let learnt = match (went_on, taken) {
            (Some(true), true) => (credit + GAIN).min(MOST),
            (Some(_), _) => credit.saturating_sub(1),
            (None, true) => credit.max(1),
            (None, false) => return,
        };
        if learnt != credit {
            self.credit.store(learnt, Ordering::Relaxed);
        }
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
