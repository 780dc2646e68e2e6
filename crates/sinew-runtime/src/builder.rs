//! `Builder`: what a runtime is made with.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use sinew_core::OutOfLine;

use crate::hooks::Hooks;
use crate::metrics::Scaled;
use crate::{HistogramConfiguration, RngSeed, Runtime};

mod build;
mod task_hooks;
mod tuning;

/// The most workers that a runtime can have: more than any machine has CPUs.
const MAX_WORKERS: usize = 32_768;

pub(crate) type Hook = Arc<dyn Fn() + Send + Sync>;
type ThreadName = Arc<dyn Fn() -> String + Send + Sync>;

/// Sets how a runtime is made.
///
/// ```
/// use sinew_runtime::Builder;
///
/// let runtime = Builder::new_multi_thread()
///     .worker_threads(2)
///     .thread_name("my-worker")
///     .build()?;
/// let name = runtime.block_on(runtime.spawn_blocking(|| {
///     std::thread::current().name().map(str::to_owned)
/// }));
/// assert_eq!(name.unwrap().as_deref(), Some("my-worker"));
/// # std::io::Result::Ok(())
/// ```
#[must_use = "a Builder does nothing until it builds"]
pub struct Builder {
    multi_thread: bool,
    /// What `build` calls. A pointer and not a match on the kind, so that a
    /// program carries the code of the kinds that it makes.
    make: fn(&Builder) -> io::Result<Runtime>,
    name: Option<String>,
    /// It is the default runtime.
    pub(crate) of_process: bool,
    workers: Option<usize>,
    thread_name: Option<ThreadName>,
    thread_stack_size: Option<usize>,
    on_thread_start: Option<Hook>,
    on_thread_stop: Option<Hook>,
    max_blocking_threads: usize,
    max_blocking_queue: Option<usize>,
    thread_keep_alive: Option<Duration>,
    start_paused: bool,
    auto_advance: bool,
    rng_seed: Option<RngSeed>,
    hooks: OutOfLine<Hooks>,
    guest_block_on: bool,
    global_queue_interval: Option<u32>,
    event_interval: Option<u32>,
    max_io_events: Option<usize>,
    max_busy_io_events: Option<usize>,
    lifo_slot: bool,
    poll_times: bool,
    poll_time_buckets: HistogramConfiguration,
    /// Instead of these, if somebody has asked for it in the older way.
    scaled_buckets: Option<Scaled>,
    on_thread_park: Option<Hook>,
    on_thread_unpark: Option<Hook>,
}

impl Builder {
    /// A runtime with worker threads, one for each CPU unless
    /// [`worker_threads`](Self::worker_threads) says otherwise.
    pub fn new_multi_thread() -> Builder {
        Builder::new(true, Builder::make_multi_thread)
    }

    /// A runtime without worker threads: tasks run on the thread that is in
    /// [`Runtime::block_on`].
    pub fn new_current_thread() -> Builder {
        Builder::new(false, Builder::make_current_thread)
    }

    fn new(multi_thread: bool, make: fn(&Builder) -> io::Result<Runtime>) -> Builder {
        Builder {
            multi_thread,
            make,
            name: None,
            of_process: false,
            workers: None,
            thread_name: None,
            thread_stack_size: None,
            on_thread_start: None,
            on_thread_stop: None,
            max_blocking_threads: 512,
            max_blocking_queue: None,
            thread_keep_alive: None,
            start_paused: false,
            auto_advance: true,
            rng_seed: None,
            hooks: OutOfLine::new(Hooks::default()),
            guest_block_on: true,
            global_queue_interval: None,
            event_interval: None,
            max_io_events: None,
            max_busy_io_events: None,
            lifo_slot: true,
            poll_times: false,
            poll_time_buckets: HistogramConfiguration::default(),
            scaled_buckets: None,
            on_thread_park: None,
            on_thread_unpark: None,
        }
    }

    /// Accepted for programs that come from tokio: sockets always work.
    pub fn enable_io(&mut self) -> &mut Builder {
        self
    }

    /// Accepted for programs that come from tokio: timers always work.
    pub fn enable_time(&mut self) -> &mut Builder {
        self
    }

    /// Accepted for programs that come from tokio: all is on always.
    pub fn enable_all(&mut self) -> &mut Builder {
        self
    }

    /// Names the runtime, for logs and tables.
    ///
    /// # Panics
    ///
    /// When the name is blank.
    #[track_caller]
    pub fn name(&mut self, name: impl Into<String>) -> &mut Builder {
        let name = name.into();
        assert!(!name.trim().is_empty(), "a runtime's name cannot be blank");
        self.name = Some(name);
        self
    }

    /// How many threads run tasks. Without effect on a current-thread runtime.
    ///
    /// # Panics
    ///
    /// When `count` is zero, or above 32,768.
    #[track_caller]
    pub fn worker_threads(&mut self, count: usize) -> &mut Builder {
        assert!(count > 0, "worker_threads cannot be set to 0");
        assert!(
            count <= MAX_WORKERS,
            "worker_threads cannot be set above {MAX_WORKERS}"
        );
        self.workers = Some(count);
        self
    }

    /// How many threads the blocking pool may have at once; 512 if not set.
    /// They are started when they are needed.
    ///
    /// # Panics
    ///
    /// When `count` is zero.
    #[track_caller]
    pub fn max_blocking_threads(&mut self, count: usize) -> &mut Builder {
        assert!(count > 0, "max_blocking_threads cannot be set to 0");
        self.max_blocking_threads = count;
        self
    }

    /// How many closures may wait for a thread of the blocking pool before
    /// [`try_spawn_blocking`](crate::try_spawn_blocking) refuses more; no limit
    /// if not set. `spawn_blocking` has nobody to refuse to and takes them all.
    pub fn max_blocking_queue(&mut self, count: usize) -> &mut Builder {
        self.max_blocking_queue = Some(count);
        self
    }

    /// How long a thread of the blocking pool lives without work.
    pub fn thread_keep_alive(&mut self, duration: Duration) -> &mut Builder {
        self.thread_keep_alive = Some(duration);
        self
    }

    /// The name of the threads of the runtime.
    pub fn thread_name(&mut self, name: impl Into<String>) -> &mut Builder {
        let name = name.into();
        self.thread_name_fn(move || name.clone())
    }

    /// Names each thread of the runtime when it is started.
    pub fn thread_name_fn<F>(&mut self, name: F) -> &mut Builder
    where
        F: Fn() -> String + Send + Sync + 'static,
    {
        self.thread_name = Some(Arc::new(name));
        self
    }

    /// The stack of the threads of the runtime, in bytes; std's default if not set.
    pub fn thread_stack_size(&mut self, bytes: usize) -> &mut Builder {
        self.thread_stack_size = Some(bytes);
        self
    }

    /// Called on each worker and blocking thread before it does anything else.
    pub fn on_thread_start<F: Fn() + Send + Sync + 'static>(&mut self, f: F) -> &mut Builder {
        self.on_thread_start = Some(Arc::new(f));
        self
    }

    /// Called on each worker and blocking thread as the last thing it does.
    pub fn on_thread_stop<F: Fn() + Send + Sync + 'static>(&mut self, f: F) -> &mut Builder {
        self.on_thread_stop = Some(Arc::new(f));
        self
    }

    /// Whether the runtime starts with its clock paused. See `sinew_time::pause`.
    pub fn start_paused(&mut self, paused: bool) -> &mut Builder {
        self.start_paused = paused;
        self
    }

    /// Whether a paused clock goes on by itself to the next deadline when
    /// nothing else can happen; `true` if not set.
    pub fn auto_advance(&mut self, on: bool) -> &mut Builder {
        self.auto_advance = on;
        self
    }

    /// Seeds the random choices of the runtime's threads, and of each thread in
    /// a `block_on`: which queue to steal from first, which branch of a
    /// `select!` to poll first. On one thread the choices then repeat from run
    /// to run.
    pub fn rng_seed(&mut self, seed: RngSeed) -> &mut Builder {
        self.rng_seed = Some(seed);
        self
    }

    /// Whether a thread in `block_on` runs tasks while it waits; `true` if not
    /// set. Then what the future spawns and awaits is mostly run right there,
    /// without waking another thread. The thread counts as one of the workers
    /// while it does so: no more than [`worker_threads`](Self::worker_threads)
    /// threads run tasks at once. Without effect on a runtime of one thread, which
    /// always does.
    pub fn guest_block_on(&mut self, on: bool) -> &mut Builder {
        self.guest_block_on = on;
        self
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("multi_thread", &self.multi_thread)
            .field("name", &self.name)
            .field("worker_threads", &self.workers)
            .field("max_blocking_threads", &self.max_blocking_threads)
            .field("start_paused", &self.start_paused)
            .finish_non_exhaustive()
    }
}
