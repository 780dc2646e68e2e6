//! `LocalRuntime`: one thread, tasks that need not be `Send`.

use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::time::Duration;

use sinew_executor::LocalExecutor;
use sinew_task::JoinHandle;

use crate::{Builder, EnterGuard, Handle, Runtime, RuntimeMetrics, context};

/// Options of a [`LocalRuntime`]. There are none yet.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct LocalOptions {
    /// What options there will be may hold things that stay on their thread.
    not_send: PhantomData<*const ()>,
}

/// A runtime on the calling thread whose tasks need not be `Send`.
///
/// Inside of its [`block_on`](Self::block_on), [`spawn_local`](crate::spawn_local)
/// spawns such tasks, and so does [`spawn`](crate::spawn) for tasks that are
/// `Send`: all of them run on this thread.
///
/// ```
/// use std::rc::Rc;
///
/// let runtime = sinew_runtime::LocalRuntime::new()?;
/// let shared = Rc::new(20);
/// let sum = runtime.block_on(async {
///     let mine = shared.clone();
///     let task = sinew_runtime::spawn_local(async move { *mine + 1 });
///     task.await.unwrap() + *shared
/// });
/// assert_eq!(sum, 41);
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct LocalRuntime {
    /// `None` only while it is being dropped.
    executor: Option<LocalExecutor<'static>>,
    runtime: Runtime,
}

impl LocalRuntime {
    /// A local runtime with the default options.
    ///
    /// # Errors
    ///
    /// When descriptors cannot be had.
    pub fn new() -> io::Result<LocalRuntime> {
        Builder::new_current_thread()
            .enable_all()
            .build_local(LocalOptions::default())
    }

    pub(crate) fn of(executor: LocalExecutor<'static>, runtime: Runtime) -> LocalRuntime {
        LocalRuntime {
            executor: Some(executor),
            runtime,
        }
    }

    fn executor(&self) -> &LocalExecutor<'static> {
        match &self.executor {
            Some(executor) => executor,
            None => unreachable!("the executor is there until the runtime is dropped"),
        }
    }

    /// The handle. What is spawned through it must be `Send`, and runs on this
    /// runtime's thread.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        self.runtime.handle()
    }

    /// Spawns a task that need not be `Send`.
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.executor().spawn(future)
    }

    /// Runs a closure on the runtime's blocking pool.
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.runtime.spawn_blocking(f)
    }

    /// Runs `future`, and meanwhile the tasks, on this thread until `future` is
    /// done.
    ///
    /// # Panics
    ///
    /// Passes on a panic of the future. Panics if a task does and the runtime is
    /// set to [shut down then](crate::Builder::unhandled_panic).
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.executor().enter(|| self.runtime.block_on(future))
    }

    /// Makes this the current runtime of this thread until the guard is
    /// dropped, for [`spawn`](crate::spawn), [`spawn_local`](crate::spawn_local),
    /// timers and sockets. The tasks run inside of [`block_on`](Self::block_on).
    pub fn enter(&self) -> EnterGuard<'_> {
        let local = self.executor().enter_guard();
        self.runtime.enter().with_local(local)
    }

    /// What it has done and is doing.
    #[must_use]
    pub fn metrics(&self) -> RuntimeMetrics {
        self.runtime.metrics()
    }

    /// Drops the tasks, and waits for `timeout` at most for blocking closures.
    pub fn shutdown_timeout(mut self, timeout: Duration) {
        self.drop_tasks();
        self.runtime.shut_down(Some(timeout));
    }

    /// Drops the tasks, and does not wait for blocking closures.
    pub fn shutdown_background(self) {
        self.shutdown_timeout(Duration::ZERO);
    }

    fn drop_tasks(&mut self) {
        // With their runtime still there for what their destructors do.
        let _context = context::enter(&self.runtime.handle().inner);
        self.executor = None;
    }
}

impl Drop for LocalRuntime {
    fn drop(&mut self) {
        // The tasks go first; then `runtime` is dropped as the last field.
        self.drop_tasks();
    }
}
