//! What a scheduler tells of itself.

use std::ops::Range;
use std::time::Duration;

/// A scheduler as it was when it was looked at. Each number is exact for some
/// moment, and not all for the same.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SchedulerMetrics {
    /// Tasks that have not finished.
    pub alive_tasks: usize,
    /// Tasks spawned so far.
    pub spawned_tasks: u64,
    /// Tasks in the queue that all runners share.
    pub injection_queue_depth: usize,
    /// Tasks scheduled so far from threads that are no runners.
    pub remote_schedules: u64,
    /// Polls that ended because the task's budget was used up, on all runners.
    pub forced_yields: u64,
}

/// What one runner has counted. All counts are since the scheduler was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkerMetrics {
    /// How often it began to wait for work.
    pub parks: u64,
    /// How often it began or ceased to wait: odd while it waits.
    pub parks_unparks: u64,
    /// How often it woke up, found nothing to do, and waited again.
    pub noops: u64,
    /// Tasks that it took from other runners.
    pub steals: u64,
    /// How often it took tasks from other runners.
    pub steal_operations: u64,
    /// Tasks that it polled.
    pub polls: u64,
    /// How long it was at work, up to the last time that it began to wait.
    pub busy: Duration,
    /// Tasks that were scheduled on its own thread.
    pub local_schedules: u64,
    /// How often its queue was full and half of it went to the shared one.
    pub overflows: u64,
    /// Polls that ended because the task's budget was used up.
    pub forced_yields: u64,
    /// Tasks that wait in its own queue.
    pub local_queue_depth: usize,
    /// The time of a poll, as a moving average over the last stretches of work.
    pub mean_poll_time: Duration,
    /// How many polls took how long, by bucket of the scheduler's [`Histogram`].
    /// Empty without one.
    pub poll_times: Vec<u64>,
}

impl WorkerMetrics {
    /// Adds what another runner has done to what this one has: what it has polled,
    /// scheduled and stolen, and how long that took. How often each of them waited
    /// is not added: the sum would say nothing of either.
    pub fn add_work(&mut self, other: &WorkerMetrics) {
        let polls = self.polls.saturating_add(other.polls);
        let nanos = |metrics: &WorkerMetrics| {
            metrics
                .mean_poll_time
                .as_nanos()
                .saturating_mul(metrics.polls.into())
        };
        let mean = nanos(self)
            .saturating_add(nanos(other))
            .checked_div(polls.into());
        let mean = u64::try_from(mean.unwrap_or(0)).unwrap_or(u64::MAX);
        self.mean_poll_time = Duration::from_nanos(mean);
        self.polls = polls;
        self.busy = self.busy.saturating_add(other.busy);
        self.steals += other.steals;
        self.steal_operations += other.steal_operations;
        self.local_schedules += other.local_schedules;
        self.overflows += other.overflows;
        self.forced_yields += other.forced_yields;
        self.local_queue_depth += other.local_queue_depth;
        for (count, other) in self.poll_times.iter_mut().zip(&other.poll_times) {
            *count += other;
        }
    }
}

/// The buckets of a histogram of poll times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// Where each bucket but the first begins, ascending.
    bounds: Box<[Duration]>,
}

/// The bound beyond which no bucket of a logarithmic scale needs to begin: polls
/// of an hour.
const LONGEST: Duration = Duration::from_secs(3600);

impl Histogram {
    /// `buckets` buckets, each `resolution` wide, the last without an end.
    ///
    /// # Panics
    ///
    /// When `buckets` or `resolution` is zero.
    #[track_caller]
    #[must_use]
    pub fn linear(resolution: Duration, buckets: usize) -> Histogram {
        assert!(buckets > 0, "a histogram needs at least one bucket");
        assert!(!resolution.is_zero(), "a bucket cannot be zero wide");
        let mut bounds = Vec::with_capacity(buckets - 1);
        let mut bound = Duration::ZERO;
        for _ in 1..buckets {
            bound = bound.saturating_add(resolution);
            bounds.push(bound);
        }
        Histogram {
            bounds: bounds.into(),
        }
    }

    /// Buckets that begin at zero, at `first`, and then each at twice the one
    /// before, up to the first that begins at `last` or later. The last has no
    /// end.
    ///
    /// # Panics
    ///
    /// When `first` is zero.
    #[track_caller]
    #[must_use]
    pub fn doubling(first: Duration, last: Duration) -> Histogram {
        assert!(!first.is_zero(), "a bucket cannot be zero wide");
        Histogram::with_bounds(std::iter::successors(Some(first), |bound| {
            (*bound < last.min(LONGEST)).then(|| bound.saturating_mul(2))
        }))
    }

    /// Buckets that begin at zero and at each of `bounds`. The last has no end.
    ///
    /// # Panics
    ///
    /// When the bounds do not ascend from above zero.
    #[track_caller]
    #[must_use]
    pub fn with_bounds(bounds: impl IntoIterator<Item = Duration>) -> Histogram {
        let bounds: Box<[Duration]> = bounds.into_iter().collect();
        let ascends = bounds.windows(2).all(|pair| pair[0] < pair[1]);
        assert!(
            ascends && bounds.first().is_none_or(|first| !first.is_zero()),
            "the bounds of a histogram must ascend from above zero"
        );
        Histogram { bounds }
    }

    /// How many buckets there are.
    #[must_use]
    pub fn buckets(&self) -> usize {
        self.bounds.len() + 1
    }

    /// The times that a bucket counts; the last bucket ends at `u64::MAX`
    /// nanoseconds, and counts what is longer, too. `None` if there is no such bucket.
    #[must_use]
    pub fn range(&self, bucket: usize) -> Option<Range<Duration>> {
        if bucket >= self.buckets() {
            return None;
        }
        let start = match bucket {
            0 => Duration::ZERO,
            bucket => self.bounds[bucket - 1],
        };
        let end = self.bounds.get(bucket).copied();
        Some(start..end.unwrap_or(Duration::from_nanos(u64::MAX)))
    }

    /// The bucket that counts polls of this time.
    #[must_use]
    pub fn bucket_of(&self, time: Duration) -> usize {
        self.bounds.partition_point(|bound| *bound <= time)
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
