//! `Builder`: what a runtime is made with.

use std::fmt;
use std::io;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use sinew_blocking::Pool;
use sinew_core::{Park, rng};
use sinew_executor::{LocalExecutor, Scheduler, Worker};
use sinew_task::Schedule;
use sinew_time::Timers;

use crate::core::Core;
use crate::driver::Driver;
use crate::flavor::{self, CurrentThread, Flavor, Local, MultiThread};
use crate::handle::Inner;
use crate::parker::Parker;
use crate::shutdown::Shutdown;
use crate::{LocalRuntime, Runtime, context};

/// The most workers that a runtime can have: more than any machine has CPUs.
const MAX_WORKERS: usize = 32_768;

type Hook = Arc<dyn Fn() + Send + Sync>;
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
/// let name = runtime.block_on(runtime.spawn(async {
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
    workers: Option<usize>,
    thread_name: Option<ThreadName>,
    thread_stack_size: Option<usize>,
    on_thread_start: Option<Hook>,
    on_thread_stop: Option<Hook>,
    max_blocking_threads: usize,
    thread_keep_alive: Option<Duration>,
    start_paused: bool,
    auto_advance: bool,
    rng_seed: Option<u64>,
}

/// Options of a [`LocalRuntime`]. There are none yet.
#[derive(Debug, Default, Clone)]
#[non_exhaustive]
pub struct LocalOptions {}

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
            workers: None,
            thread_name: None,
            thread_stack_size: None,
            on_thread_start: None,
            on_thread_stop: None,
            max_blocking_threads: 512,
            thread_keep_alive: None,
            start_paused: false,
            auto_advance: true,
            rng_seed: None,
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
    pub fn name(&mut self, name: impl Into<String>) -> &mut Builder {
        self.name = Some(name.into());
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

    /// Seeds the random choices of the runtime's threads: which queue to steal
    /// from first, which branch of a `select!` to poll first.
    pub fn rng_seed(&mut self, seed: u64) -> &mut Builder {
        self.rng_seed = Some(seed);
        self
    }

    /// Makes the runtime and starts its threads.
    ///
    /// # Errors
    ///
    /// When threads or descriptors cannot be had. No thread is left behind.
    pub fn build(&mut self) -> io::Result<Runtime> {
        (self.make)(self)
    }

    fn make_multi_thread(&self) -> io::Result<Runtime> {
        let workers = match self.workers {
            Some(workers) => workers,
            None => thread::available_parallelism().map_or(1, usize::from),
        };
        let scheduler = Scheduler::new(workers);
        let flavor = Box::new(MultiThread(scheduler.clone()));
        let inner = self.inner(flavor, scheduler.clone(), workers)?;
        // From here on a failure drops the runtime, which ends what was started.
        let runtime = Runtime::of(inner.clone());
        self.start_workers(&inner, &scheduler, workers)?;
        Ok(runtime)
    }

    fn make_current_thread(&self) -> io::Result<Runtime> {
        let scheduler = Scheduler::new(1);
        let flavor = Box::new(CurrentThread {
            scheduler: scheduler.clone(),
            core: Core::default(),
        });
        Ok(Runtime::of(self.inner(flavor, scheduler, 1)?))
    }

    /// Makes a runtime for the calling thread whose tasks need not be `Send`.
    ///
    /// # Errors
    ///
    /// When descriptors cannot be had.
    ///
    /// # Panics
    ///
    /// On a builder made by [`new_multi_thread`](Self::new_multi_thread).
    #[track_caller]
    pub fn build_local(&mut self, options: LocalOptions) -> io::Result<LocalRuntime> {
        assert!(
            !self.multi_thread,
            "a LocalRuntime has one thread: build it with Builder::new_current_thread()"
        );
        let LocalOptions {} = options;
        let executor = LocalExecutor::new();
        let inner = self.inner(Box::new(Local), executor.scheduler(), 1)?;
        Ok(LocalRuntime::of(executor, Runtime::of(inner)))
    }

    fn inner(
        &self,
        flavor: Box<dyn Flavor>,
        schedule: Arc<dyn Schedule>,
        workers: usize,
    ) -> io::Result<Arc<Inner>> {
        let timers = if self.start_paused {
            Timers::new_paused()
        } else {
            Timers::new()
        };
        timers.set_auto_advance(self.auto_advance);
        let driver = Driver::new(timers)?;
        Ok(Arc::new_cyclic(|inner| Inner {
            name: self.name.clone(),
            flavor,
            schedule,
            pool: self.pool(inner.clone(), driver.clone()),
            driver,
            workers,
            shutdown: Shutdown::default(),
        }))
    }

    /// The blocking pool, whose threads are inside of the runtime.
    fn pool(&self, inner: Weak<Inner>, driver: Arc<Driver>) -> Arc<Pool> {
        let (start, stop) = (self.on_thread_start.clone(), self.on_thread_stop.clone());
        let mut builder = sinew_blocking::Builder::new()
            .max_threads(self.max_blocking_threads)
            .on_idle(move || driver.reconsider())
            .around_thread(move |run| {
                if let Some(start) = &start {
                    start();
                }
                match inner.upgrade() {
                    Some(inner) => {
                        let _context = context::enter(&inner);
                        drop(inner);
                        run();
                    }
                    None => run(),
                }
                if let Some(stop) = &stop {
                    stop();
                }
            });
        if let Some(name) = self.thread_name.clone() {
            builder = builder.thread_name_fn(move || name());
        }
        if let Some(bytes) = self.thread_stack_size {
            builder = builder.thread_stack_size(bytes);
        }
        if let Some(keep_alive) = self.thread_keep_alive {
            builder = builder.keep_alive(keep_alive);
        }
        builder.build()
    }

    fn start_workers(
        &self,
        inner: &Arc<Inner>,
        scheduler: &Arc<Scheduler>,
        count: usize,
    ) -> io::Result<()> {
        let parkers: Vec<_> = (0..count)
            .map(|_| flavor::parker(inner, scheduler))
            .collect();
        let unparkers = parkers.iter().map(Park::unparker).collect();
        inner.shutdown.set_unparkers(unparkers);
        for (index, park) in parkers.into_iter().enumerate() {
            let worker = Worker::new(scheduler.clone());
            let inner_of_thread = inner.clone();
            let seed = self.rng_seed.map(|seed| seed.wrapping_add(index as u64));
            let (start, stop) = (self.on_thread_start.clone(), self.on_thread_stop.clone());
            let spawned = self.thread().spawn(move || {
                // Also when a hook panics: whoever waits for the workers must
                // not wait for ever.
                let ended = Ended(inner_of_thread);
                if let Some(seed) = seed {
                    rng::seed(seed);
                }
                if let Some(start) = start {
                    start();
                }
                work(&ended.0, worker, park);
                if let Some(stop) = stop {
                    stop();
                }
            });
            if let Err(error) = spawned {
                inner.shutdown.not_started(count - index);
                return Err(error);
            }
        }
        Ok(())
    }

    fn thread(&self) -> thread::Builder {
        let name = match &self.thread_name {
            Some(name) => name(),
            None => "sinew-worker".to_owned(),
        };
        let builder = thread::Builder::new().name(name);
        match self.thread_stack_size {
            Some(bytes) => builder.stack_size(bytes),
            None => builder,
        }
    }
}

/// What a worker thread does until the runtime ends.
fn work(inner: &Arc<Inner>, mut worker: Worker, mut park: Parker) {
    let _context = context::enter(inner);
    context::in_async(&mut || worker.run(&mut park, &mut || inner.shutdown.is_requested()));
}

/// Reports the end of a worker when dropped.
struct Ended(Arc<Inner>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.shutdown.worker_ended(|| self.0.clean_up());
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
