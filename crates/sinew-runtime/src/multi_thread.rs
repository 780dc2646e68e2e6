//! The multi-thread flavour: workers, guests, and substitutes for workers that
//! block.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use sinew_core::{Park, Unpark};
use sinew_executor::{
    Guest, MainPoll, Polled, Scheduler, SchedulerMetrics, Suspended, Worker, WorkerMetrics,
};

use crate::RuntimeFlavor;
use crate::context;
use crate::flavor::{Flavor, wait};
use crate::handle::Inner;
use crate::main_future::Main;
use crate::parker::Parker;

/// Tasks run on worker threads, and on threads that are in `block_on`.
#[derive(Clone)]
pub(crate) struct MultiThread {
    scheduler: Arc<Scheduler>,
    workers: usize,
    /// Whether a thread in `block_on` runs tasks.
    guests: bool,
    blocked: Arc<Blocked>,
    /// Parkers of guests that are gone, for those that come.
    spare_parkers: Arc<Mutex<Vec<Parker>>>,
}

/// Parkers that are kept. More guests than that at once are rare.
const MAX_SPARE_PARKERS: usize = 8;

/// What holds a paused clock still, or seems to, and is not in the scheduler.
#[derive(Default)]
struct Blocked {
    /// Pool threads that stand in for a worker. The pool takes them for blocking
    /// closures.
    substitutes: AtomicUsize,
    /// Closures of `block_in_place` under way.
    in_place: AtomicUsize,
}

impl MultiThread {
    /// The flavour of a runtime on this scheduler, with so many workers. With `guests`, a
    /// thread in `block_on` runs tasks too.
    pub(crate) fn new(scheduler: Arc<Scheduler>, workers: usize, guests: bool) -> MultiThread {
        MultiThread {
            scheduler,
            workers,
            guests,
            blocked: Arc::default(),
            spare_parkers: Arc::default(),
        }
    }

    /// A parker for a runner.
    pub(crate) fn parker(&self, inner: &Inner) -> Parker {
        let pool = inner.pool.clone();
        let scheduler = self.scheduler.clone();
        let blocked = self.blocked.clone();
        let idle = move || {
            // ORDERING: SeqCst, as in `Blocked`'s users and `Driver::guest_poll`.
            scheduler.is_idle()
                && blocked.in_place.load(Ordering::SeqCst) == 0
                && pool.queue_depth() == 0
                && pool.num_threads() - pool.num_idle_threads().min(pool.num_threads())
                    <= blocked.substitutes.load(Ordering::SeqCst)
        };
        let scheduler = self.scheduler.clone();
        let parker = Parker::new(inner.driver.clone(), Box::new(idle));
        // Who looks at the tasks of many threads waits for none of them.
        parker.with_hooks(inner, move || scheduler.has_tasks(), |hook| hook())
    }

    fn spare_parkers(&self) -> MutexGuard<'_, Vec<Parker>> {
        self.spare_parkers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Steps aside on this thread, if it is a runner.
    fn step_aside<'a>(&'a self, inner: &Arc<Inner>) -> Option<Aside<'a>> {
        let suspended = self.scheduler.suspend()?;
        let substitute = suspended
            .needs_substitute()
            .then(|| Substitute::start(self, inner));
        Some(Aside {
            substitute,
            suspended,
        })
    }
}

/// This thread's runner is out of the way. Ends when dropped: the substitute
/// first, so that not both run tasks for longer than a poll.
struct Aside<'a> {
    #[expect(dead_code, reason = "kept for its destructor")]
    substitute: Option<Substitute>,
    #[expect(dead_code, reason = "kept for its destructor")]
    suspended: Suspended<'a>,
}

impl Flavor for MultiThread {
    fn kind(&self) -> RuntimeFlavor {
        RuntimeFlavor::MultiThread
    }

    fn block_on(&self, inner: &Arc<Inner>, main: &mut dyn Main) {
        if let Some(_aside) = self.step_aside(inner) {
            return wait(&inner.driver, main);
        }
        if !self.guests {
            return wait(&inner.driver, main);
        }
        // A token left in a parker by its last user ends one wait early, no more.
        let spare = self.spare_parkers().pop();
        let mut park = spare.unwrap_or_else(|| self.parker(inner));
        main.set_unparker(park.unparker());
        Guest::new(self.scheduler.clone()).run(&mut park, &mut |counted| {
            let woken = main.is_woken();
            let done = if counted {
                main.poll()
            } else {
                inner.driver.guest_poll(&mut || main.poll())
            };
            main_poll(done, woken)
        });
        let mut spare = self.spare_parkers();
        if spare.len() < MAX_SPARE_PARKERS {
            spare.push(park);
        }
    }

    fn block_in_place(&self, inner: &Arc<Inner>, f: &mut dyn FnMut()) -> bool {
        struct Leave<'a>(&'a MultiThread, &'a Inner);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                // ORDERING: SeqCst, with the load in `parker`: either that sees
                // the count go down, or the driver is told to look again.
                self.0.blocked.in_place.fetch_sub(1, Ordering::SeqCst);
                self.1.driver.reconsider();
            }
        }
        let aside = self.step_aside(inner);
        if aside.is_some() {
            // ORDERING: SeqCst, as above.
            self.blocked.in_place.fetch_add(1, Ordering::SeqCst);
            let _leave = Leave(self, inner);
            f();
        } else {
            f();
        }
        true
    }

    fn cancel_tasks(&self, inner: &Arc<Inner>, _: Option<Instant>) {
        let _context = context::enter(inner);
        self.scheduler.cancel_all();
    }

    fn scheduler_metrics(&self) -> Option<SchedulerMetrics> {
        Some(self.scheduler.metrics())
    }

    fn worker_metrics(&self, worker: usize) -> Option<WorkerMetrics> {
        let mut metrics = self.scheduler.worker_metrics(worker)?;
        // Beyond the workers' are the places of guests and substitutes, who do their work.
        let guests = (worker + self.workers..).step_by(self.workers);
        for guest in guests.map_while(|index| self.scheduler.worker_metrics(index)) {
            metrics.add_work(&guest);
        }
        Some(metrics)
    }

    fn current_worker(&self) -> Option<usize> {
        self.scheduler.current_worker()
    }
}

fn main_poll(done: bool, woken: bool) -> MainPoll {
    match (done, woken) {
        (true, _) => ControlFlow::Break(()),
        (false, true) => ControlFlow::Continue(Polled::Yes),
        (false, false) => ControlFlow::Continue(Polled::No),
    }
}

/// A thread of the blocking pool that stands in for a worker. Told to end when
/// dropped.
struct Substitute {
    stop: Arc<AtomicBool>,
    unparker: Arc<dyn Unpark>,
}

impl Substitute {
    fn start(flavor: &MultiThread, inner: &Arc<Inner>) -> Substitute {
        let mut park = flavor.parker(inner);
        let stop = Arc::new(AtomicBool::new(false));
        let substitute = Substitute {
            stop: stop.clone(),
            unparker: park.unparker(),
        };
        let scheduler = flavor.scheduler.clone();
        // ORDERING: SeqCst, with the load in `parker`. Counted from here on: the
        // pool counts it from here on.
        flavor.blocked.substitutes.fetch_add(1, Ordering::SeqCst);
        let counted = Counted(flavor.blocked.clone());
        // Should the pool refuse, because it is shut down or out of threads, the
        // workers that are left do what they can.
        drop(inner.pool.spawn(move || {
            let _counted = counted;
            // ORDERING: Acquire pairs with the Release in `drop`.
            let mut done = || stop.load(Ordering::Acquire);
            context::in_async(RuntimeFlavor::MultiThread, &mut || {
                Worker::substitute(scheduler.clone()).run(&mut park, &mut done);
            });
        }));
        substitute
    }
}

/// One of [`Blocked::substitutes`].
struct Counted(Arc<Blocked>);

impl Drop for Counted {
    fn drop(&mut self) {
        // ORDERING: SeqCst, with the load in `parker`. The pool tells the driver
        // when the thread is idle.
        self.0.substitutes.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Substitute {
    fn drop(&mut self) {
        // ORDERING: Release pairs with the Acquire in `start`; the unpark makes a
        // parked one look.
        self.stop.store(true, Ordering::Release);
        self.unparker.unpark();
    }
}
