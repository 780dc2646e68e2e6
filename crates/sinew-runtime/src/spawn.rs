//! Spawning from anywhere.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::sync::Arc;

use sinew_blocking::TrySpawnError;
use sinew_task::{Builder, JoinHandle, Runnable, Schedule};

use crate::{Handle, default_runtime};

/// Spawns a task on the current runtime.
///
/// That is the one whose code we are inside of, or a scheduler given to
/// [`sinew_task::enter`] or [`sinew_task::set_default`]; else the default
/// runtime of the process, which is started if it does not run yet.
///
/// Never panics. Should the default runtime fail to start, for want of threads
/// or descriptors or because `SINEW_WORKERS` is not a number, that is reported
/// on standard error, and the handle gives a cancelled error.
///
/// ```
/// // No runtime in sight: the default one runs it.
/// let handle = sinew_runtime::spawn(async { 6 * 7 });
/// assert_eq!(sinew_runtime::block_on(handle).unwrap(), 42);
/// ```
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    spawn_with(Builder::new(), future)
}

/// Spawns a task with a name on the current runtime. See [`spawn`].
#[track_caller]
pub fn spawn_named<F>(name: impl Into<Box<str>>, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    spawn_with(Builder::new().name(name), future)
}

#[track_caller]
pub(crate) fn spawn_with<F>(builder: Builder, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let builder = builder.location(Location::caller());
    sinew_task::with_current(|current| match current {
        Some(scheduler) => builder.spawn_on_ref(scheduler, future),
        None => builder.spawn_on(scheduler(), future),
    })
}

/// Where `spawn` goes from this thread.
pub(crate) fn scheduler() -> Arc<dyn Schedule> {
    match try_scheduler() {
        Ok(scheduler) => scheduler,
        Err(error) => refuse(&error),
    }
}

/// Where `spawn` goes from this thread, or why there is no such place.
pub(crate) fn try_scheduler() -> io::Result<Arc<dyn Schedule>> {
    match sinew_task::current() {
        Some(scheduler) => Ok(scheduler),
        None => Ok(default_runtime::handle()?.inner.schedule.clone()),
    }
}

/// A scheduler that cancels what is given to it.
fn refuse(error: &io::Error) -> Arc<dyn Schedule> {
    struct Refuse;
    impl Schedule for Refuse {
        fn schedule(&self, task: Runnable) {
            drop(task);
        }
    }
    eprintln!("sinew: the default runtime could not be started, so a task was cancelled: {error}");
    Arc::new(Refuse)
}

/// Runs a closure that blocks on the current runtime's blocking pool, outside of
/// a runtime on the process's default pool.
#[track_caller]
pub fn spawn_blocking<F, R>(f: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    sinew_blocking::spawn_blocking(f)
}

/// As [`spawn_blocking`], unless all threads are busy and as many closures wait
/// as [`Builder::max_blocking_queue`](crate::Builder::max_blocking_queue) allows.
///
/// # Errors
///
/// Gives the closure back when there is no room, and when the runtime has ended.
#[track_caller]
pub fn try_spawn_blocking<F, R>(f: F) -> Result<JoinHandle<R>, TrySpawnError<F>>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    sinew_blocking::try_spawn_blocking(f)
}

/// Runs `future` on the current thread until it is done, inside of the current
/// runtime, else of the default one.
///
/// Should the default runtime fail to start, the future is run without one.
///
/// # Panics
///
/// Passes on a panic of the future.
pub fn block_on<F: Future>(future: F) -> F::Output {
    match Handle::try_current() {
        Ok(handle) => handle.block_on(future),
        Err(_) => match default_runtime::handle() {
            Ok(handle) => handle.block_on(future),
            Err(_) => sinew_core::block_on(future),
        },
    }
}
