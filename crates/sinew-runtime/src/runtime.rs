//! `Runtime`: the owner's end.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sinew_task::JoinHandle;

use crate::context;
use crate::handle::Inner;
use crate::{Builder, EnterGuard, Handle, RuntimeMetrics};

/// A runtime: an executor, a reactor, timers and a blocking pool.
///
/// Dropping it ends it. Tasks are dropped at their next point of rest, worker
/// threads and running blocking closures are waited for. Dropped inside of
/// async code, where waiting could deadlock, it does not wait, as
/// [`shutdown_background`](Self::shutdown_background).
///
/// ```
/// let runtime = sinew_runtime::Runtime::new()?;
/// assert_eq!(runtime.block_on(async { 1 + 1 }), 2);
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct Runtime {
    handle: Handle,
    ended: bool,
}

impl Runtime {
    /// A multi-thread runtime with a worker for each CPU.
    ///
    /// # Errors
    ///
    /// When threads or descriptors cannot be had.
    pub fn new() -> io::Result<Runtime> {
        Builder::new_multi_thread().enable_all().build()
    }

    pub(crate) fn of(inner: Arc<Inner>) -> Runtime {
        Runtime {
            handle: Handle { inner },
            ended: false,
        }
    }

    /// The handle, to spawn on this runtime from elsewhere.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Spawns a task. On a current-thread runtime it runs while somebody is in
    /// [`block_on`](Self::block_on).
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.handle.spawn(future)
    }

    /// Runs a closure on the runtime's blocking pool.
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.handle.spawn_blocking(f)
    }

    /// Runs `future` on the current thread until it is done.
    /// See [`Handle::block_on`].
    ///
    /// # Panics
    ///
    /// Passes on a panic of the future. Panics if a task does and the runtime is
    /// set to [shut down then](crate::Builder::unhandled_panic).
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.handle.block_on(future)
    }

    /// Makes this the current runtime of this thread until the guard is dropped.
    pub fn enter(&self) -> EnterGuard<'_> {
        self.handle.enter()
    }

    /// What it has done and is doing.
    #[must_use]
    pub fn metrics(&self) -> RuntimeMetrics {
        self.handle.metrics()
    }

    /// Ends the runtime and waits for `timeout` at most for its threads.
    ///
    /// Tasks are dropped at their next point of rest. A task in the middle of a
    /// long poll and a running blocking closure cannot be stopped; when the
    /// time is over they are left behind, with their threads.
    pub fn shutdown_timeout(mut self, timeout: Duration) {
        // Far beyond what `Instant` can say means for ever.
        self.shut_down(Some(timeout));
    }

    /// Ends the runtime without waiting. May be called in async code.
    pub fn shutdown_background(mut self) {
        self.shut_down(Some(Duration::ZERO));
    }

    /// `None` waits for ever.
    pub(crate) fn shut_down(&mut self, timeout: Option<Duration>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let inner = &self.handle.inner;
        inner.shutdown.request();
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        if inner.shutdown.has_workers() {
            // The last of them cleans up.
            inner.shutdown.wait(deadline);
        } else {
            inner.clean_up(deadline);
        }
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        inner.pool.shutdown(left);
    }
}

/// Which worker of the current runtime this thread is: a number below
/// [`RuntimeMetrics::num_workers`]. `None` on a thread that is none, also on one
/// that runs tasks for a while in `block_on`.
#[must_use]
pub fn worker_index() -> Option<usize> {
    let inner = context::current()?;
    inner.flavor.current_worker()
}

impl Inner {
    /// Drops the tasks and ends the waits on timers and sockets. Called when no
    /// worker runs any more. Waits until `deadline` at most for a thread that runs the
    /// tasks in its `block_on`, which then drops them itself.
    pub(crate) fn clean_up(self: &Arc<Self>, deadline: Option<Instant>) {
        self.flavor.cancel_tasks(self, deadline);
        self.driver.shutdown();
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.shut_down(context::is_async().then_some(Duration::ZERO));
    }
}
