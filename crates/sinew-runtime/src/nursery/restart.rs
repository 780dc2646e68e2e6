//! How often what fails is started again. No clock: who asks says what time it is.

use std::collections::VecDeque;
use std::time::Duration;

use sinew_time::Instant;

/// How long to wait before each restart: `first`, and twice as long each time, up to
/// `most`. A worker that did not fail for as long as the window begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Before the first restart.
    pub first: Duration,
    /// Before any restart at most.
    pub most: Duration,
}

impl Backoff {
    /// Restarts at once.
    pub const NONE: Backoff = Backoff {
        first: Duration::ZERO,
        most: Duration::ZERO,
    };

    fn after(self, restarts: u32) -> Duration {
        let doubled = 2_u32.checked_pow(restarts).unwrap_or(u32::MAX);
        self.first.saturating_mul(doubled).min(self.most)
    }
}

/// How often what fails is started again: `max` times within any `window`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestartPolicy {
    /// Restarts within the window. Zero: none ever.
    pub max: usize,
    /// The window, which moves with the time.
    pub window: Duration,
    /// How long to wait before each.
    pub backoff: Backoff,
}

/// Counts restarts against a policy.
#[derive(Debug)]
pub(super) struct Intensity {
    policy: RestartPolicy,
    /// Within the window, the oldest first; never more than `max`.
    recent: VecDeque<Instant>,
    /// In a row, with less than a window between them.
    in_a_row: u32,
}

impl Intensity {
    pub(super) fn new(policy: RestartPolicy) -> Intensity {
        Intensity {
            policy,
            recent: VecDeque::new(),
            in_a_row: 0,
        }
    }

    /// Something has failed: how long to wait before it is started again. `None` if
    /// that was once too often.
    pub(super) fn failed(&mut self, now: Instant) -> Option<Duration> {
        let window = self.policy.window;
        let passed = |then: Instant| now.saturating_duration_since(then) >= window;
        if self.recent.back().is_none_or(|&last| passed(last)) {
            self.in_a_row = 0;
        }
        while self.recent.front().is_some_and(|&first| passed(first)) {
            self.recent.pop_front();
        }
        if self.recent.len() >= self.policy.max {
            return None;
        }
        self.recent.push_back(now);
        let wait = self.policy.backoff.after(self.in_a_row);
        self.in_a_row = self.in_a_row.saturating_add(1);
        Some(wait)
    }
}

#[cfg(test)]
mod tests;
