//! Making a runtime of a builder's options, and starting its threads.

use std::io;
use std::sync::{Arc, OnceLock, Weak};
use std::thread;

use sinew_blocking::Pool;
use sinew_core::{Park, rng};
use sinew_executor::{Histogram, LocalExecutor, Options, Scheduler, SerialScheduler, Worker};
use sinew_task::{Schedule, TaskHooks};
use sinew_time::Timers;

use crate::RuntimeFlavor;
use crate::core::Core;
use crate::driver::Driver;
use crate::flavor::{CurrentThread, Flavor, Local};
use crate::handle::Inner;
use crate::hooks::RuntimeHooks;
use crate::multi_thread::MultiThread;
use crate::park_hooks::ParkHooks;
use crate::parker::Parker;
use crate::rng_seed::Seeds;
use crate::shutdown::Shutdown;
use crate::threads::Threads;
use crate::unhandled::Unhandled;
use crate::{Builder, Id, LocalOptions, LocalRuntime, Runtime, UnhandledPanic, context};

impl Builder {
    /// Makes the runtime and starts its threads.
    ///
    /// # Errors
    ///
    /// When threads or descriptors cannot be had. No thread is left behind.
    pub fn build(&mut self) -> io::Result<Runtime> {
        (self.make)(self)
    }

    pub(super) fn make_multi_thread(&self) -> io::Result<Runtime> {
        let workers = match self.workers {
            Some(workers) => workers,
            None => thread::available_parallelism().map_or(1, usize::from),
        };
        let hooks = self.hooks.for_runtime();
        let options = self.options(Options::threads(workers), &hooks);
        let scheduler = Scheduler::with(options);
        let flavor = MultiThread::new(scheduler.clone(), workers, self.guest_block_on);
        let boxed = Box::new(flavor.clone());
        let inner = self.inner(self.timers(), boxed, scheduler.clone(), workers, hooks)?;
        // From here on a failure drops the runtime, which ends what was started.
        let runtime = Runtime::of(inner.clone());
        self.start_workers(&inner, &flavor, &scheduler, workers)?;
        Ok(runtime)
    }

    pub(super) fn make_current_thread(&self) -> io::Result<Runtime> {
        let hooks = self.hooks.for_runtime();
        let scheduler = SerialScheduler::with(self.options(Options::new(1), &hooks));
        let timers = self.timers();
        let flavor = Box::new(CurrentThread {
            scheduler: scheduler.clone(),
            core: Core::default(),
            timers: timers.local_sibling(),
        });
        let inner = self.inner(timers, flavor, scheduler, 1, hooks)?;
        Ok(Runtime::of(inner))
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
        let LocalOptions { .. } = options;
        let hooks = self.hooks.for_runtime();
        let executor = LocalExecutor::with(self.options(Options::new(1), &hooks));
        let timers = self.timers();
        let flavor = Box::new(Local {
            meter: executor.meter(),
            timers: timers.local_sibling(),
        });
        let inner = self.inner(timers, flavor, executor.scheduler(), 1, hooks)?;
        Ok(LocalRuntime::of(executor, Runtime::of(inner)))
    }

    /// The scheduler's options, as far as they are set here.
    fn options(&self, mut options: Options, hooks: &Option<Arc<RuntimeHooks>>) -> Options {
        options.hooks = as_task_hooks(hooks);
        options.lifo_slot &= self.lifo_slot;
        options.poll_times = self.histogram();
        if let Some(interval) = self.global_queue_interval {
            options.injector_interval = interval;
        }
        if let Some(interval) = self.event_interval {
            options.event_interval = interval;
        }
        options
    }

    fn histogram(&self) -> Option<Histogram> {
        self.poll_times.then(|| match self.scaled_buckets {
            Some(scaled) => scaled.histogram(),
            None => self.poll_time_buckets.buckets.clone(),
        })
    }

    fn timers(&self) -> Arc<Timers> {
        let timers = if self.start_paused {
            Timers::new_paused()
        } else {
            Timers::new()
        };
        timers.set_auto_advance(self.auto_advance);
        timers
    }

    fn inner(
        &self,
        timers: Arc<Timers>,
        flavor: Box<dyn Flavor>,
        schedule: Arc<dyn Schedule>,
        workers: usize,
        hooks: Option<Arc<RuntimeHooks>>,
    ) -> io::Result<Arc<Inner>> {
        let driver = if self.of_process {
            Driver::of_process(timers)?
        } else {
            Driver::new(timers, self.max_io_events, self.max_busy_io_events)?
        };
        let unhandled = match self.hooks.unhandled {
            UnhandledPanic::Ignore => None,
            UnhandledPanic::ShutdownRuntime => Some(Unhandled::default()),
        };
        let inner = Arc::new_cyclic(|inner| Inner {
            id: Id::next(),
            name: self.name.clone(),
            flavor,
            schedule,
            pool: self.pool(inner.clone(), driver.clone()),
            driver,
            workers,
            threads: Threads::new(workers),
            park_hooks: ParkHooks::of(&self.on_thread_park, &self.on_thread_unpark),
            poll_times: self.histogram(),
            shutdown: Shutdown::new(),
            seeds: self.rng_seed.as_ref().map(Seeds::new),
            unhandled,
            root: OnceLock::new(),
        });
        if let Some(hooks) = hooks {
            hooks.set_runtime(Arc::downgrade(&inner));
        }
        Ok(inner)
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
        if let Some(count) = self.max_blocking_queue {
            builder = builder.queue_capacity(count);
        }
        if let Some(hooks) = self.hooks.for_pool() {
            builder = builder.task_hooks(hooks);
        }
        if let Some(keep_alive) = self.thread_keep_alive {
            builder = builder.keep_alive(keep_alive);
        }
        builder.build()
    }

    fn start_workers(
        &self,
        inner: &Arc<Inner>,
        flavor: &MultiThread,
        scheduler: &Arc<Scheduler>,
        count: usize,
    ) -> io::Result<()> {
        let parkers: Vec<_> = (0..count)
            .map(|_| flavor.parker(inner).with_own_timers())
            .collect();
        let unparkers = parkers.iter().map(Park::unparker).collect();
        inner.shutdown.set_unparkers(unparkers);
        for (index, park) in parkers.into_iter().enumerate() {
            let worker = Worker::new(scheduler.clone());
            let inner_of_thread = inner.clone();
            let seed = inner.seeds.as_ref().map(Seeds::next);
            let (start, stop) = (self.on_thread_start.clone(), self.on_thread_stop.clone());
            let body = move || {
                // Also when a hook panics: whoever waits for the workers must
                // not wait for ever.
                let ended = Ended(inner_of_thread);
                if let Some(seed) = seed {
                    rng::seed(seed);
                }
                if let Some(start) = start {
                    start();
                }
                ended.0.threads.set_current(index);
                work(&ended.0, worker, park);
                if let Some(stop) = stop {
                    stop();
                }
            };
            let spawned = sinew_core::thread::start(self.thread(), Box::new(body));
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

fn as_task_hooks(hooks: &Option<Arc<RuntimeHooks>>) -> Option<Arc<dyn TaskHooks>> {
    Some(hooks.clone()?)
}

/// What a worker thread does until the runtime ends.
fn work(inner: &Arc<Inner>, mut worker: Worker, mut park: Parker) {
    let _context = context::enter(inner);
    let _timers = park.own_timers().map(|timers| timers.clone().enter());
    context::in_async(RuntimeFlavor::MultiThread, &mut || {
        worker.run(&mut park, &mut || inner.shutdown.is_requested())
    });
}

/// Reports the end of a worker when dropped.
struct Ended(Arc<Inner>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.shutdown.worker_ended(|| self.0.clean_up(None));
    }
}
