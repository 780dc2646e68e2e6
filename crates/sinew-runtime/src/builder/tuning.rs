//! The options that trade one thing for another.

use std::sync::Arc;
use std::time::Duration;

use crate::{Builder, HistogramConfiguration, HistogramScale};

impl Builder {
    /// After how many tasks a worker looks first into the queue that all share,
    /// so that tasks woken from outside are not starved by the worker's own; 61
    /// if not set.
    ///
    /// # Panics
    ///
    /// When `interval` is zero.
    #[track_caller]
    pub fn global_queue_interval(&mut self, interval: u32) -> &mut Builder {
        assert!(interval > 0, "global_queue_interval cannot be set to 0");
        self.global_queue_interval = Some(interval);
        self
    }

    /// After how many tasks a worker looks for events of sockets and timers while
    /// there is always another task; 61 if not set.
    ///
    /// # Panics
    ///
    /// When `interval` is zero.
    #[track_caller]
    pub fn event_interval(&mut self, interval: u32) -> &mut Builder {
        assert!(interval > 0, "event_interval cannot be set to 0");
        self.event_interval = Some(interval);
        self
    }

    /// How many events of sockets are taken from the system at once; 1024 if not
    /// set. The rest comes with the next look.
    ///
    /// # Panics
    ///
    /// When `capacity` is zero.
    #[track_caller]
    pub fn max_io_events_per_tick(&mut self, capacity: usize) -> &mut Builder {
        assert!(capacity > 0, "max_io_events_per_tick must be non-zero");
        self.max_io_events = Some(capacity);
        self
    }

    /// How many events of sockets are taken at once by a thread that does not wait
    /// for them, because it has tasks to run: fewer let it get back to those sooner.
    /// As [`max_io_events_per_tick`](Self::max_io_events_per_tick) if not set.
    ///
    /// # Panics
    ///
    /// When `capacity` is zero.
    #[track_caller]
    pub fn max_io_events_per_busy_tick(&mut self, capacity: usize) -> &mut Builder {
        assert!(capacity > 0, "max_io_events_per_busy_tick must be non-zero");
        self.max_busy_io_events = Some(capacity);
        self
    }

    /// Runs a task that is woken by another in its turn, and not right after
    /// that one. Only multi-thread runtimes do the latter.
    pub fn disable_lifo_slot(&mut self) -> &mut Builder {
        self.lifo_slot = false;
        self
    }

    /// Counts each poll's time, in the buckets of
    /// [`metrics_poll_time_histogram_configuration`](Self::metrics_poll_time_histogram_configuration).
    /// That costs two looks at the clock for each poll.
    pub fn enable_metrics_poll_time_histogram(&mut self) -> &mut Builder {
        self.poll_times = true;
        self
    }

    /// The buckets that poll times are counted in, if they are: ten of 100 µs if
    /// not set.
    pub fn metrics_poll_time_histogram_configuration(
        &mut self,
        configuration: HistogramConfiguration,
    ) -> &mut Builder {
        self.poll_time_buckets = configuration;
        self.scaled_buckets = None;
        self
    }

    /// The older name of
    /// [`enable_metrics_poll_time_histogram`](Self::enable_metrics_poll_time_histogram).
    pub fn enable_metrics_poll_count_histogram(&mut self) -> &mut Builder {
        self.enable_metrics_poll_time_histogram()
    }

    /// Whether the buckets of poll times are of one width, as they are if not set,
    /// or grow. An older way than
    /// [`metrics_poll_time_histogram_configuration`](Self::metrics_poll_time_histogram_configuration);
    /// whichever is called last is what counts.
    pub fn metrics_poll_count_histogram_scale(&mut self, scale: HistogramScale) -> &mut Builder {
        self.scaled_buckets.get_or_insert_default().scale = scale;
        self
    }

    /// How wide the first bucket of poll times is; 100 µs if not set. See
    /// [`metrics_poll_count_histogram_scale`](Self::metrics_poll_count_histogram_scale).
    ///
    /// # Panics
    ///
    /// When `resolution` is zero.
    #[track_caller]
    pub fn metrics_poll_count_histogram_resolution(
        &mut self,
        resolution: Duration,
    ) -> &mut Builder {
        assert!(!resolution.is_zero(), "a bucket cannot be zero wide");
        let nanos = u64::try_from(resolution.as_nanos()).unwrap_or(u64::MAX);
        self.scaled_buckets.get_or_insert_default().resolution = nanos;
        self
    }

    /// How many buckets there are of poll times; ten if not set. See
    /// [`metrics_poll_count_histogram_scale`](Self::metrics_poll_count_histogram_scale).
    ///
    /// # Panics
    ///
    /// When `buckets` is zero.
    #[track_caller]
    pub fn metrics_poll_count_histogram_buckets(&mut self, buckets: usize) -> &mut Builder {
        assert!(buckets > 0, "a histogram needs at least one bucket");
        self.scaled_buckets.get_or_insert_default().buckets = buckets;
        self
    }

    /// Called on a worker right before it waits for something to do. What it
    /// spawns or wakes is run without waiting. On a runtime without worker
    /// threads, called on the thread in `block_on`.
    ///
    /// It may wait for another thread, also for one that asks the runtime about its tasks.
    pub fn on_thread_park<F: Fn() + Send + Sync + 'static>(&mut self, f: F) -> &mut Builder {
        self.on_thread_park = Some(Arc::new(f));
        self
    }

    /// Called on a worker right after it has waited for something to do.
    pub fn on_thread_unpark<F: Fn() + Send + Sync + 'static>(&mut self, f: F) -> &mut Builder {
        self.on_thread_unpark = Some(Arc::new(f));
        self
    }
}
