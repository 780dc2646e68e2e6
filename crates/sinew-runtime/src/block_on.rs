//! A future on the calling thread, inside of a runtime.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sinew_core::{Park, ThreadPark, Unpark};
use sinew_executor::{LocalSpawner, Scheduler, Worker};

use crate::context;
use crate::driver::Driver;
use crate::handle::{Flavor, Inner};
use crate::main_future::MainFuture;
use crate::parker::Parker;

/// The right to run the tasks of a current-thread runtime, of which there is
/// one, and who waits for it.
#[derive(Default)]
pub(crate) struct Core(Mutex<CoreState>);

#[derive(Default)]
struct CoreState {
    taken: bool,
    waiting: Vec<(u64, Arc<dyn Unpark>)>,
    next: u64,
}

/// Holds the core; hands it on when dropped.
struct CoreGuard<'a>(&'a Core);

impl Core {
    fn lock(&self) -> MutexGuard<'_, CoreState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the core, or notes that `unparker` wants to be told when it is free.
    fn take(&self, ticket: &mut Option<u64>, unparker: &Arc<dyn Unpark>) -> Option<CoreGuard<'_>> {
        let mut state = self.lock();
        if !state.taken {
            state.taken = true;
            return Some(CoreGuard(self));
        }
        if ticket.is_none() {
            *ticket = Some(state.next);
            let number = state.next;
            state.next += 1;
            state.waiting.push((number, unparker.clone()));
        }
        None
    }

    /// No longer waits for the core. If it has become free meanwhile, the news
    /// may have gone to this thread only, so it is passed on.
    fn leave(&self, ticket: Option<u64>) {
        let Some(ticket) = ticket else { return };
        let mut state = self.lock();
        state.waiting.retain(|(number, _)| *number != ticket);
        let next = if state.taken {
            None
        } else {
            state.waiting.first().map(|(_, unparker)| unparker.clone())
        };
        drop(state);
        if let Some(unparker) = next {
            unparker.unpark();
        }
    }
}

impl Drop for CoreGuard<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.taken = false;
        let next = state.waiting.first().map(|(_, unparker)| unparker.clone());
        drop(state);
        if let Some(unparker) = next {
            unparker.unpark();
        }
    }
}

pub(crate) fn block_on<F: Future>(inner: &Arc<Inner>, future: F) -> F::Output {
    let _context = context::enter(inner);
    context::in_async(|| match &inner.flavor {
        Flavor::MultiThread(scheduler) if !scheduler.runs_here() => guest(&inner.driver, future),
        Flavor::MultiThread(scheduler) => run(inner, scheduler, future),
        Flavor::CurrentThread { scheduler, core } => {
            if scheduler.runs_here() {
                run(inner, scheduler, future)
            } else {
                on_core(inner, scheduler, core, future)
            }
        }
        Flavor::Local => match LocalSpawner::current() {
            Some(spawner) if spawner.is_for(&inner.schedule) => local(inner, &spawner, future),
            _ => guest(&inner.driver, future),
        },
    })
}

/// Polls the future on a thread that runs no tasks.
fn guest<F: Future>(driver: &Driver, future: F) -> F::Output {
    let future = pin!(future);
    let mut park = ThreadPark::new();
    let mut main = MainFuture::new(future, park.unparker());
    while !driver.guest_poll(|| main.poll()) {
        park.park(None);
    }
    main.into_output()
}

/// Polls the future on a thread that runs the scheduler's tasks meanwhile.
fn run<F: Future>(inner: &Arc<Inner>, scheduler: &Arc<Scheduler>, future: F) -> F::Output {
    let future = pin!(future);
    let mut park = parker(inner, scheduler);
    let mut main = MainFuture::new(future, park.unparker());
    Worker::new(scheduler.clone()).run(&mut park, || main.poll());
    main.into_output()
}

/// A parker for a runner of `scheduler`.
pub(crate) fn parker(
    inner: &Arc<Inner>,
    scheduler: &Arc<Scheduler>,
) -> Parker<impl Fn() -> bool + use<>> {
    let pool = inner.pool.clone();
    let scheduler = scheduler.clone();
    Parker::new(inner.driver.clone(), move || {
        scheduler.is_idle() && pool.is_idle()
    })
}

/// Runs a current-thread runtime, if no other thread does; else waits for the
/// future or the core, whichever comes first.
fn on_core<F: Future>(
    inner: &Arc<Inner>,
    scheduler: &Arc<Scheduler>,
    core: &Core,
    future: F,
) -> F::Output {
    struct Leave<'a>(&'a Core, Option<u64>);
    impl Drop for Leave<'_> {
        fn drop(&mut self) {
            self.0.leave(self.1.take());
        }
    }

    let future = pin!(future);
    let mut park = parker(inner, scheduler);
    let mut waiting = ThreadPark::new();
    let unparkers: [Arc<dyn Unpark>; 2] = [park.unparker(), waiting.unparker()];
    let mut main = MainFuture::new(future, Arc::new(Both(unparkers)));
    let unparker = waiting.unparker();
    let mut leave = Leave(core, None);
    loop {
        if let Some(guard) = core.take(&mut leave.1, &unparker) {
            Worker::new(scheduler.clone()).run(&mut park, || main.poll());
            drop(guard);
            return main.into_output();
        }
        if inner.driver.guest_poll(|| main.poll()) {
            return main.into_output();
        }
        waiting.park(None);
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

/// Polls the future on the thread of a local runtime.
fn local<F: Future>(inner: &Arc<Inner>, spawner: &LocalSpawner, future: F) -> F::Output {
    let future = pin!(future);
    let pool = inner.pool.clone();
    let mut park = Parker::new(inner.driver.clone(), move || pool.is_idle());
    let mut main = MainFuture::new(future, park.unparker());
    spawner.run_until(&mut park, || main.poll());
    main.into_output()
}
