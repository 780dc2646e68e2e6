//! The buckets that poll times are counted in.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use sinew_executor::Histogram;

/// The buckets of a histogram of poll times. Given to
/// [`Builder::metrics_poll_time_histogram_configuration`](crate::Builder::metrics_poll_time_histogram_configuration).
#[derive(Clone, Debug)]
pub struct HistogramConfiguration {
    pub(crate) buckets: Histogram,
}

impl HistogramConfiguration {
    /// Buckets of the same width, from zero on. The last has no end.
    ///
    /// # Panics
    ///
    /// When there are to be no buckets, or the width is zero.
    #[track_caller]
    #[must_use]
    pub fn linear(bucket_width: Duration, num_buckets: usize) -> HistogramConfiguration {
        HistogramConfiguration {
            buckets: Histogram::linear(bucket_width, num_buckets),
        }
    }

    /// Buckets whose widths grow with the times that they count.
    #[must_use]
    pub fn log(configuration: impl Into<LogHistogram>) -> HistogramConfiguration {
        let configuration = configuration.into();
        HistogramConfiguration {
            buckets: Histogram::with_bounds(configuration.bounds()),
        }
    }
}

/// How wide the buckets are that
/// [`Builder::metrics_poll_count_histogram_scale`](crate::Builder::metrics_poll_count_histogram_scale)
/// asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HistogramScale {
    /// All of one width, the resolution.
    Linear,
    /// Each twice as wide as the one before. The first two are as wide as the
    /// resolution, made a power of two of nanoseconds.
    Log,
}

/// What the older methods of the builder say of the buckets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scaled {
    pub(crate) scale: HistogramScale,
    /// In nanoseconds, at least one.
    pub(crate) resolution: u64,
    /// At least one.
    pub(crate) buckets: usize,
}

impl Default for Scaled {
    fn default() -> Self {
        Scaled {
            scale: HistogramScale::Linear,
            resolution: 100_000,
            buckets: 10,
        }
    }
}

impl Scaled {
    pub(crate) fn histogram(self) -> Histogram {
        let resolution = match self.scale {
            HistogramScale::Linear => {
                let width = Duration::from_nanos(self.resolution);
                return Histogram::linear(width, self.buckets);
            }
            // Where a bound would be beyond all measure, there is no bucket more.
            HistogramScale::Log => self.resolution.checked_next_power_of_two(),
        };
        let bounds = std::iter::successors(resolution, |bound| bound.checked_mul(2));
        let bounds = bounds.take(self.buckets - 1).map(Duration::from_nanos);
        Histogram::with_bounds(bounds)
    }
}

impl Default for HistogramConfiguration {
    /// Ten buckets of 100 µs.
    fn default() -> Self {
        HistogramConfiguration::linear(Duration::from_micros(100), 10)
    }
}

/// Buckets on a logarithmic scale: each power of two of nanoseconds is divided
/// into `2^precision` buckets of the same width, so that the width of a bucket is
/// never more than `2^-precision` of the times in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogHistogram {
    /// Times below this are counted in the first bucket, in nanoseconds.
    min: u64,
    /// Times from this on are counted in the last.
    max: u64,
    precision: u32,
}

impl LogHistogram {
    /// A builder: from 100 ns to 60 s with an error of at most a quarter.
    pub fn builder() -> LogHistogramBuilder {
        LogHistogramBuilder::default()
    }

    /// The time from which on all are counted in the last bucket, in nanoseconds.
    #[must_use]
    pub fn max_value(&self) -> u64 {
        self.max
    }

    /// The largest beginning of a bucket that is not above `nanos`.
    fn bucket_start(self, nanos: u64) -> u64 {
        let width = self.width_at(nanos);
        nanos - nanos % width
    }

    /// How wide the bucket is that counts `nanos`.
    fn width_at(self, nanos: u64) -> u64 {
        // Below 2^precision a bucket is one nanosecond wide.
        let power = nanos.max(1).ilog2();
        1 << power.saturating_sub(self.precision)
    }

    fn bounds(self) -> impl Iterator<Item = Duration> {
        let first = self.bucket_start(self.min);
        let next = move |bound: &u64| Some(*bound + self.width_at(*bound));
        // The first bucket begins at zero, which is not said.
        std::iter::successors(Some(first), next)
            .skip_while(|bound| *bound == 0)
            .take_while(move |bound| *bound <= self.max)
            .map(Duration::from_nanos)
    }

    fn buckets(self) -> usize {
        self.bounds().count() + 1
    }
}

impl Default for LogHistogram {
    fn default() -> Self {
        LogHistogram::builder().build()
    }
}

/// Sets how a [`LogHistogram`] is made.
#[derive(Clone, Copy, Debug)]
#[must_use = "a builder does nothing until it builds"]
pub struct LogHistogramBuilder {
    min: Duration,
    max: Duration,
    precision: u32,
}

/// The finest division of a power of two: into 1024.
const MAX_PRECISION: u32 = 10;

impl Default for LogHistogramBuilder {
    fn default() -> Self {
        LogHistogramBuilder {
            min: Duration::from_nanos(100),
            max: Duration::from_secs(60),
            precision: 2,
        }
    }
}

impl LogHistogramBuilder {
    /// The width of a bucket as a part of the times in it, at most.
    ///
    /// # Panics
    ///
    /// Unless it is above zero and below one.
    #[track_caller]
    pub fn max_error(mut self, max_error: f64) -> LogHistogramBuilder {
        assert!(
            max_error > 0.0 && max_error < 1.0,
            "the error of a histogram must be above 0 and below 1"
        );
        let divisions = (1..MAX_PRECISION).find(|power| 0.5_f64.powi(*power as i32) <= max_error);
        self.precision = divisions.unwrap_or(MAX_PRECISION);
        self
    }

    /// Into how many buckets a power of two is divided: `2^precision`.
    ///
    /// # Panics
    ///
    /// When `precision` is above 10.
    #[track_caller]
    pub fn precision_exact(mut self, precision: u32) -> LogHistogramBuilder {
        assert!(
            precision <= MAX_PRECISION,
            "the precision of a histogram must be at most {MAX_PRECISION}"
        );
        self.precision = precision;
        self
    }

    /// Times below this are counted in the first bucket.
    ///
    /// # Panics
    ///
    /// When `duration` is zero.
    #[track_caller]
    pub fn min_value(mut self, duration: Duration) -> LogHistogramBuilder {
        assert!(!duration.is_zero(), "the first bucket must end above zero");
        self.min = duration;
        self
    }

    /// Times from this on are counted in the last bucket.
    ///
    /// # Panics
    ///
    /// When `duration` is zero.
    #[track_caller]
    pub fn max_value(mut self, duration: Duration) -> LogHistogramBuilder {
        assert!(!duration.is_zero(), "the last bucket must begin above zero");
        self.max = duration;
        self
    }

    /// The histogram, if it has at most `max_buckets` buckets.
    ///
    /// # Errors
    ///
    /// When it has more.
    pub fn max_buckets(
        self,
        max_buckets: usize,
    ) -> Result<LogHistogram, InvalidHistogramConfiguration> {
        let histogram = self.build();
        match histogram.buckets() {
            count if count > max_buckets => {
                Err(InvalidHistogramConfiguration::TooManyBuckets { count, max_buckets })
            }
            _ => Ok(histogram),
        }
    }

    /// The histogram.
    #[must_use]
    pub fn build(&self) -> LogHistogram {
        // Beyond an hour a bucket tells nothing more.
        let nanos = |time: Duration| {
            let time = time.min(Duration::from_secs(3600));
            u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
        };
        let (min, max) = (nanos(self.min), nanos(self.max));
        let mut log = LogHistogram {
            min: min.min(max),
            max,
            precision: self.precision,
        };
        // Up to where a bucket begins.
        let start = log.bucket_start(max);
        if start < max {
            log.max = start + log.width_at(start);
        }
        log
    }
}

impl From<LogHistogramBuilder> for LogHistogram {
    fn from(builder: LogHistogramBuilder) -> LogHistogram {
        builder.build()
    }
}

/// A histogram cannot be made as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidHistogramConfiguration {
    /// It would have more buckets than it may have.
    TooManyBuckets {
        /// How many it would have.
        count: usize,
        /// How many it may have.
        max_buckets: usize,
    },
}

impl fmt::Display for InvalidHistogramConfiguration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InvalidHistogramConfiguration::TooManyBuckets { count, max_buckets } => {
                write!(
                    f,
                    "the histogram has {count} buckets, of at most {max_buckets}"
                )
            }
        }
    }
}

impl Error for InvalidHistogramConfiguration {}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
