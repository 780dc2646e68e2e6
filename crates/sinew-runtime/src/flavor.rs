//! The kinds of runtime: who runs the tasks while a thread blocks on a future.
//!
//! Each is a type behind one trait object, so that a program carries the code of
//! the kinds that it makes.

use std::sync::Arc;
use std::time::Instant;

use sinew_core::{Park, ThreadPark, Unpark};
use sinew_executor::{LocalMeter, LocalSpawner, SchedulerMetrics, SerialScheduler, WorkerMetrics};
use sinew_time::Timers;

use crate::RuntimeFlavor;
use crate::context;
use crate::core::Core;
use crate::driver::Driver;
use crate::handle::Inner;
use crate::main_future::Main;
use crate::parker::Parker;

pub(crate) trait Flavor: Send + Sync {
    fn kind(&self) -> RuntimeFlavor;

    /// Polls `main` until it is done, and runs tasks meanwhile where that is
    /// this thread's business.
    fn block_on(&self, inner: &Arc<Inner>, main: &mut dyn Main);

    /// Runs `f`, which may block, with this thread's runner out of the way: its
    /// queue and the driver are with another thread meanwhile. On a thread that
    /// is no runner of this runtime, merely runs `f`.
    ///
    /// `false` if this kind of runtime has no other thread to hand them to; then
    /// `f` has not been run.
    fn block_in_place(&self, inner: &Arc<Inner>, f: &mut dyn FnMut()) -> bool {
        let _ = (inner, f);
        false
    }

    /// Drops the tasks, or has them dropped, if another thread runs them and is not done
    /// with that by `deadline`. Called when no worker runs any more.
    fn cancel_tasks(&self, inner: &Arc<Inner>, deadline: Option<Instant>);

    /// What the scheduler has counted, if there is one.
    fn scheduler_metrics(&self) -> Option<SchedulerMetrics> {
        None
    }

    /// What this worker has counted, if it counts.
    fn worker_metrics(&self, worker: usize) -> Option<WorkerMetrics> {
        let _ = worker;
        None
    }

    /// Which worker this thread is, if it is one.
    fn current_worker(&self) -> Option<usize> {
        None
    }
}

/// Tasks run on the thread that is in `block_on`.
pub(crate) struct CurrentThread {
    pub(crate) scheduler: Arc<SerialScheduler>,
    pub(crate) core: Core,
    /// Kept by the thread that has the core.
    pub(crate) timers: Arc<Timers>,
}

impl Flavor for CurrentThread {
    fn kind(&self) -> RuntimeFlavor {
        RuntimeFlavor::CurrentThread
    }

    fn block_on(&self, inner: &Arc<Inner>, main: &mut dyn Main) {
        if self.scheduler.runs_here() {
            let mut park = self.parker(inner);
            main.set_unparker(park.unparker());
            let _timers = self.timers.clone().keep(park.unparker());
            self.scheduler.run_until(&mut park, &mut || main.poll());
        } else {
            self.on_core(inner, main);
        }
    }

    fn cancel_tasks(&self, inner: &Arc<Inner>, deadline: Option<Instant>) {
        let _context = context::enter(inner);
        self.scheduler.cancel_all_until(deadline);
    }

    fn scheduler_metrics(&self) -> Option<SchedulerMetrics> {
        Some(self.scheduler.metrics())
    }

    fn worker_metrics(&self, worker: usize) -> Option<WorkerMetrics> {
        (worker == 0).then(|| self.scheduler.worker_metrics())
    }

    fn current_worker(&self) -> Option<usize> {
        self.scheduler.runs_here().then_some(0)
    }
}

impl CurrentThread {
    /// A parker for the thread that runs the tasks.
    fn parker(&self, inner: &Inner) -> Parker {
        let (pool, scheduler) = (inner.pool.clone(), self.scheduler.clone());
        let idle = move || scheduler.is_idle() && pool.is_idle();
        let parker = Parker::new(inner.driver.clone(), Box::new(idle));
        let [for_hooks, around_hooks] = [self.scheduler.clone(), self.scheduler.clone()];
        let parker = parker.with_hooks(
            inner,
            move || !for_hooks.is_idle(),
            move |hook| around_hooks.while_others_look(hook),
        );
        parker.with_timers(self.timers.clone())
    }

    /// Runs the tasks, if no other thread does; else waits for the future or the
    /// core, whichever comes first.
    fn on_core(&self, inner: &Arc<Inner>, main: &mut dyn Main) {
        struct Leave<'a>(&'a Core, Option<u64>);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                self.0.leave(self.1.take());
            }
        }

        let mut park = self.parker(inner);
        let mut waiting = ThreadPark::new();
        let unparker = waiting.unparker();
        main.set_unparker(Arc::new(Both([park.unparker(), unparker.clone()])));
        let mut leave = Leave(&self.core, None);
        loop {
            if let Some(_core) = self.core.take(&mut leave.1, &unparker) {
                // Let go before the core is.
                let _timers = self.timers.clone().keep(park.unparker());
                if self.scheduler.run_until(&mut park, &mut || main.poll()) {
                    return;
                }
                // Another thread is ending the runtime: there are no tasks to run
                // any more, only the future is left.
            }
            if inner.driver.guest_poll(&mut || main.poll()) {
                return;
            }
            waiting.park(None);
        }
    }
}

/// Ends both of the waits that a thread may be in.
struct Both([Arc<dyn Unpark>; 2]);

impl Unpark for Both {
    fn unpark(&self) {
        for unparker in &self.0 {
            unparker.unpark();
        }
    }
}

/// Tasks run on one thread and need not be `Send`. The executor is the
/// `LocalRuntime`'s own, and is found through the thread.
pub(crate) struct Local {
    pub(crate) meter: LocalMeter,
    /// Kept by its thread while that is in `block_on`.
    pub(crate) timers: Arc<Timers>,
}

impl Flavor for Local {
    fn kind(&self) -> RuntimeFlavor {
        RuntimeFlavor::Local
    }

    fn block_on(&self, inner: &Arc<Inner>, main: &mut dyn Main) {
        let spawner = LocalSpawner::current();
        match spawner.filter(|spawner| spawner.is_for(&inner.schedule)) {
            Some(spawner) => {
                let pool = inner.pool.clone();
                let parker = Parker::new(inner.driver.clone(), Box::new(move || pool.is_idle()));
                let parker = parker.with_hooks(inner, has_local_tasks, while_others_look);
                let mut park = parker.with_timers(self.timers.clone());
                main.set_unparker(park.unparker());
                let _timers = self.timers.clone().keep(park.unparker());
                spawner.run_until(&mut park, &mut || main.poll());
            }
            None => wait(&inner.driver, main),
        }
    }

    fn current_worker(&self) -> Option<usize> {
        // Its tasks and its `block_on` run on the one thread where it is entered.
        LocalSpawner::current().map(|_| 0)
    }

    fn cancel_tasks(&self, inner: &Arc<Inner>, _: Option<Instant>) {
        // If the runtime ends by being dropped, it has dropped its executor, and the
        // tasks with it.
        let spawner = LocalSpawner::current();
        if let Some(spawner) = spawner.filter(|spawner| spawner.is_for(&inner.schedule)) {
            let _context = context::enter(inner);
            spawner.cancel_all();
        }
    }

    fn scheduler_metrics(&self) -> Option<SchedulerMetrics> {
        Some(self.meter.metrics())
    }

    fn worker_metrics(&self, worker: usize) -> Option<WorkerMetrics> {
        (worker == 0).then(|| self.meter.worker_metrics())
    }
}

/// Whether a task waits for its turn in the executor that is entered on this thread.
fn has_local_tasks() -> bool {
    LocalSpawner::current().is_some_and(|spawner| !spawner.is_idle())
}

/// Calls a hook so that other threads can look at the tasks of the executor that is entered
/// on this thread.
fn while_others_look(hook: &dyn Fn()) {
    match LocalSpawner::current() {
        Some(spawner) => spawner.while_others_look(hook),
        None => hook(),
    }
}

/// Polls the future on a thread that runs no tasks.
pub(crate) fn wait(driver: &Driver, main: &mut dyn Main) {
    let mut park = ThreadPark::new();
    main.set_unparker(park.unparker());
    while !driver.guest_poll(&mut || main.poll()) {
        park.park(None);
    }
}
