//! The rounds of the watcher: which runners are in one poll for long.
//!
//! The watcher is a runner that sleeps; see `idle`. It notes what each slot
//! publishes, sleeps for some time, and compares. No clock is read by those that
//! are watched.

use std::time::{Duration, Instant};

use crate::slot::Slot;

/// How long a poll may take before what waits behind it is taken: long beside
/// most polls, so that hand-overs are rare, short beside what people notice.
const PERIOD: Duration = Duration::from_millis(5);

/// The longest period, when nothing seems to happen or one poll goes on and on:
/// the next thing to happen may be worth finding soon.
const LONGEST: Duration = Duration::from_millis(20);

/// Rounds in which nothing happened, after which the watcher may cease to watch:
/// a tenth of a second in all. To begin again costs a wake-up.
const QUIET_ROUNDS: u32 = 7;

/// What was seen of one slot.
#[derive(Clone, Copy)]
struct Seen {
    poll: u64,
    main: u64,
    stuck: bool,
}

/// How a round ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Round {
    /// Before its time.
    Interrupted,
    /// There is something to take: a task behind a poll, or a guest's place.
    Eventful,
    /// Nothing is behind any poll.
    Uneventful,
}

/// See the module.
pub(crate) struct Watch {
    period: Duration,
    quiet: u32,
    deadline: Option<Instant>,
    seen: Vec<Seen>,
    was_stuck: bool,
}

impl Watch {
    pub(crate) fn new() -> Watch {
        Watch {
            period: PERIOD,
            quiet: 0,
            deadline: None,
            seen: Vec::new(),
            was_stuck: false,
        }
    }

    /// Begins a round. Returns when it ends.
    pub(crate) fn begin<'a>(&mut self, slots: impl Iterator<Item = &'a Slot>) -> Option<Instant> {
        self.seen.clear();
        self.seen.extend(slots.map(|slot| Seen {
            poll: slot.poll.epoch(),
            main: slot.main(),
            stuck: false,
        }));
        self.deadline = Instant::now().checked_add(self.period);
        self.deadline
    }

    /// Ends the round, if its time is over: notes which slots are stuck, and calls
    /// `stuck_main` for those that are in their main future.
    pub(crate) fn look<'a>(
        &mut self,
        slots: impl Iterator<Item = &'a Slot>,
        mut stuck_main: impl FnMut(&Slot, u64),
    ) -> Round {
        if self
            .deadline
            .is_none_or(|deadline| Instant::now() < deadline)
        {
            return Round::Interrupted;
        }
        let (mut still, mut something) = (true, false);
        self.was_stuck = false;
        for (seen, slot) in self.seen.iter_mut().zip(slots) {
            let same_poll = slot.poll.epoch() == seen.poll;
            let same_main = slot.main() == seen.main;
            seen.stuck = same_poll && seen.poll % 2 == 1;
            self.was_stuck |= seen.stuck;
            something |= seen.stuck && slot.has_next();
            if same_main && Slot::is_counted_main(seen.main) {
                stuck_main(slot, seen.main);
                something = true;
            }
            still &= same_poll && same_main;
        }
        if something || !still {
            self.quiet = 0;
            self.period = PERIOD;
        } else {
            self.quiet = if self.was_stuck { 0 } else { self.quiet + 1 };
            self.period = (self.period * 2).min(LONGEST);
        }
        if something {
            Round::Eventful
        } else {
            Round::Uneventful
        }
    }

    /// The watch has ended; the next one begins as if it were the first.
    pub(crate) fn reset(&mut self) {
        self.quiet = 0;
        self.period = PERIOD;
    }

    /// Whether nothing has happened for so long that the watch may end.
    pub(crate) fn is_over(&self) -> bool {
        self.quiet >= QUIET_ROUNDS
    }

    /// Whether a slot was in one poll all through the last round: then somebody may
    /// have left the reactor alone for that long.
    pub(crate) fn is_any_stuck(&self) -> bool {
        self.was_stuck
    }

    /// Whether the slot of this index is in the same poll as it was all through
    /// the last round.
    pub(crate) fn is_stuck(&self, index: usize, slot: &Slot) -> bool {
        let seen = self.seen.get(index);
        seen.is_some_and(|seen| seen.stuck && slot.poll.epoch() == seen.poll)
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
