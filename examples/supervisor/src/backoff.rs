//! How long to wait before the next attempt.

use std::time::Duration;

/// Doubles the pause with each crash, from `first` up to `most`. A program that
/// has run for `healthy` before it crashed begins anew.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    first: Duration,
    most: Duration,
    healthy: Duration,
    next: Duration,
}

impl Backoff {
    /// Begins with `first`.
    #[must_use]
    pub fn new(first: Duration, most: Duration, healthy: Duration) -> Backoff {
        Backoff {
            first,
            most,
            healthy,
            next: first,
        }
    }

    /// The pause after a crash, which came so long after the start.
    pub fn crashed_after(&mut self, ran: Duration) -> Duration {
        if ran >= self.healthy {
            self.next = self.first;
        }
        let pause = self.next.min(self.most);
        self.next = pause.saturating_mul(2);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_a_limit_and_begins_anew() {
        let secs = Duration::from_secs;
        let mut backoff = Backoff::new(secs(1), secs(5), secs(60));
        let pauses: Vec<_> = [0, 1, 59, 0, 60, 0]
            .map(|ran| backoff.crashed_after(secs(ran)).as_secs())
            .into();
        assert_eq!(pauses, [1, 2, 4, 5, 1, 2]);
    }
}
