//! What a runner counts.
//!
//! Each counter has one writer, the runner that owns the slot, so to count is a
//! plain load and store. Readers on other threads see each counter as it was a
//! moment ago; two counters read together need not be of the same moment.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sinew_task::PollSlot;

use crate::metrics::{Histogram, WorkerMetrics};
use crate::stopwatch;

/// See the module. All relaxed: numbers only, nothing is published by them.
pub(crate) struct Counters {
    pub(crate) parks: AtomicU64,
    /// Parks begun and parks ended.
    pub(crate) parks_unparks: AtomicU64,
    pub(crate) noops: AtomicU64,
    pub(crate) steals: AtomicU64,
    pub(crate) steal_operations: AtomicU64,
    pub(crate) local_schedules: AtomicU64,
    pub(crate) overflows: AtomicU64,
    pub(crate) forced_yields: AtomicU64,
    /// Of the [`stopwatch`].
    busy_units: AtomicU64,
    /// The longest that a reader was told, in nanoseconds.
    busy_told: AtomicU64,
    mean_poll_units: AtomicU64,
    histogram: Option<Buckets>,
}

struct Buckets {
    scale: Histogram,
    counts: Box<[AtomicU64]>,
}

/// How much the newest measurement weighs in the mean poll time, in 256ths.
/// A tenth: the mean then follows the last few dozen rounds between two parks.
const WEIGHT: u64 = 26;

/// Adds to a counter that only this thread writes.
#[inline]
pub(crate) fn add(counter: &AtomicU64, n: u64) {
    let now = counter.load(Ordering::Relaxed);
    counter.store(now.wrapping_add(n), Ordering::Relaxed);
}

impl Counters {
    pub(crate) fn new(histogram: Option<&Histogram>) -> Counters {
        stopwatch::prepare();
        let zero = || AtomicU64::new(0);
        Counters {
            parks: zero(),
            parks_unparks: zero(),
            noops: zero(),
            steals: zero(),
            steal_operations: zero(),
            local_schedules: zero(),
            overflows: zero(),
            forced_yields: zero(),
            busy_units: zero(),
            busy_told: zero(),
            mean_poll_units: zero(),
            histogram: histogram.map(|scale| Buckets {
                counts: (0..scale.buckets()).map(|_| zero()).collect(),
                scale: scale.clone(),
            }),
        }
    }

    /// Whether each poll is to be timed.
    #[inline]
    pub(crate) fn times_polls(&self) -> bool {
        self.histogram.is_some()
    }

    /// Notes one poll's time.
    pub(crate) fn polled(&self, time: Duration) {
        if let Some(buckets) = &self.histogram {
            add(&buckets.counts[buckets.scale.bucket_of(time)], 1);
        }
    }

    /// Notes that the runner was busy for so many units, with so many polls.
    #[inline]
    pub(crate) fn worked(&self, units: u64, polls: u64) {
        add(&self.busy_units, units);
        if let Some(each) = units.checked_div(polls) {
            let mean = self.mean_poll_units.load(Ordering::Relaxed);
            let mean = match mean {
                0 => each,
                mean => {
                    mean.saturating_mul(256 - WEIGHT)
                        .saturating_add(each.saturating_mul(WEIGHT))
                        / 256
                }
            };
            self.mean_poll_units.store(mean, Ordering::Relaxed);
        }
    }

    /// Never less than before, though the length of a unit is known better and better.
    fn busy(&self) -> Duration {
        let nanos = stopwatch::nanos(stopwatch::time(self.busy_units.load(Ordering::Relaxed)));
        let told = self.busy_told.fetch_max(nanos, Ordering::Relaxed);
        Duration::from_nanos(told.max(nanos))
    }

    pub(crate) fn read(&self, poll: &PollSlot, queued: usize) -> WorkerMetrics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        WorkerMetrics {
            parks: read(&self.parks),
            parks_unparks: read(&self.parks_unparks),
            noops: read(&self.noops),
            steals: read(&self.steals),
            steal_operations: read(&self.steal_operations),
            polls: poll.polls(),
            busy: self.busy(),
            local_schedules: read(&self.local_schedules),
            overflows: read(&self.overflows),
            forced_yields: read(&self.forced_yields),
            local_queue_depth: queued,
            mean_poll_time: stopwatch::time(read(&self.mean_poll_units)),
            poll_times: match &self.histogram {
                Some(buckets) => buckets.counts.iter().map(read).collect(),
                None => Vec::new(),
            },
        }
    }
}
