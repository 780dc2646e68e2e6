//! Before a searcher that has found nothing falls asleep it waits for more, where more is
//! likely to come at once: to sleep and to be woken takes longer, for both threads.
//!
//! It knows what to expect by what it has taken since it last did so:
//!
//! - *From the injector*: whoever pushed it may be in the middle of pushing others. While
//!   somebody searches it need not wake anybody. It gives way meanwhile, in case the
//!   other thread is to run on this processor.
//! - *From a guest that blocks in its main future*: the guest waits, on a channel say, for
//!   what was run here just now. It is on its way to wake up, which takes as long as to
//!   wake this runner would take after that, and often it has the next task then. Whether
//!   it does is learnt: after each time in vain a runner sleeps at once twice as often.
//!   It does not give way: where processors are scarce it might wait for one as long as
//!   other programs please, and nobody else would be woken for the guest's task.

use std::hint;
use std::thread;
use std::time::{Duration, Instant};

use crate::run::Runner;

/// How long it waits for more to come into the injector: about as long as it takes to
/// sleep and to be woken again where both threads are on busy processors.
const FOR_INJECTOR: Duration = Duration::from_micros(5);

/// How long it waits for a guest that wakes up, on a processor that sleeps itself: this
/// was seen to take some twenty microseconds.
const FOR_GUEST: Duration = Duration::from_micros(50);

/// After so many times in vain in a row, it sleeps at once for all but every 64th time.
const MOST_MISSES: u32 = 6;

/// See the module.
pub(super) struct Linger {
    injected: bool,
    blocked: bool,
    /// Waits for guests that were in vain, in a row.
    misses: u32,
    /// So many times there is no wait for a guest.
    skip: u32,
}

impl Linger {
    pub(super) fn new() -> Linger {
        Linger {
            injected: false,
            blocked: false,
            misses: 0,
            skip: 0,
        }
    }

    /// Something was taken from the injector.
    pub(super) fn has_injected(&mut self) {
        self.injected = true;
    }

    /// Something was taken from a guest that blocks.
    pub(super) fn has_blocked(&mut self) {
        self.blocked = true;
    }

    /// How long to wait, and whether it is for a guest.
    fn begin(&mut self) -> Option<(Duration, bool)> {
        let injected = std::mem::take(&mut self.injected);
        let blocked = std::mem::take(&mut self.blocked);
        if blocked && self.skip == 0 {
            return Some((FOR_GUEST, true));
        }
        if blocked {
            self.skip -= 1;
        }
        injected.then_some((FOR_INJECTOR, false))
    }

    /// A wait for a guest has ended, and something `came`.
    fn learn(&mut self, came: bool) {
        self.misses = match came {
            true => 0,
            false => (self.misses + 1).min(MOST_MISSES),
        };
        self.skip = (1 << self.misses) - 1;
    }
}

impl Runner {
    /// To be called before it falls asleep. Whether there is a task. See the module.
    pub(crate) fn linger(&mut self) -> bool {
        let begun = self.linger.begin();
        let Some((patience, for_guest)) = begun.filter(|_| self.searching) else {
            return false;
        };
        if !for_guest {
            return self.has_come_within(patience, thread::yield_now);
        }
        let came = self.has_come_within(patience, hint::spin_loop);
        self.linger.learn(came);
        came
    }

    fn has_come_within(&self, patience: Duration, pause: fn()) -> bool {
        let until = Instant::now() + patience;
        loop {
            pause();
            if self.scheduler.has_tasks_to_share() {
                return true;
            }
            if Instant::now() >= until {
                return false;
            }
        }
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests {
    use super::{FOR_GUEST, FOR_INJECTOR, Linger, MOST_MISSES};

    #[test]
    fn waits_for_guests_that_are_in_vain_become_rare() {
        let mut linger = Linger::new();
        let mut waits = |came: bool, times: u32| {
            let wait = |_| {
                linger.has_blocked();
                let waits = linger.begin() == Some((FOR_GUEST, true));
                if waits {
                    linger.learn(came);
                }
                u32::from(waits)
            };
            (0..times).map(wait).sum::<u32>()
        };
        assert_eq!(waits(true, 100), 100);
        assert_eq!(waits(false, 1 + 2 + 4 + 8 + 16 + 32 + 64), MOST_MISSES + 1);
        assert_eq!(waits(false, 640), 10);
        // One that was worth it is enough.
        assert_eq!(waits(true, 64), 1);
        assert_eq!(waits(true, 100), 100);
    }

    #[test]
    fn who_does_not_wait_for_a_guest_may_wait_for_the_injector() {
        let mut linger = Linger::new();
        assert_eq!(linger.begin(), None);
        linger.learn(false);
        linger.has_injected();
        linger.has_blocked();
        assert_eq!(linger.begin(), Some((FOR_INJECTOR, false)));
        assert_eq!(linger.begin(), None);
        linger.has_injected();
        linger.has_blocked();
        assert_eq!(linger.begin(), Some((FOR_GUEST, true)));
    }
}
