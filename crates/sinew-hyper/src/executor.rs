use sinew_runtime::{spawn, spawn_local};

/// Spawns hyper's tasks where [`sinew_runtime::spawn`] does: on the current runtime, else on the
/// default one. They are detached; a panic in one is reported by the runtime.
///
/// ```
/// use hyper::rt::Executor as _;
///
/// sinew_hyper::Executor.execute(async { println!("run in a task") });
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Executor;

impl<F> hyper::rt::Executor<F> for Executor
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    #[track_caller]
    fn execute(&self, future: F) {
        drop(spawn(future));
    }
}

/// Spawns hyper's tasks on this thread, with [`sinew_runtime::spawn_local`]: for services and
/// streams that are not `Send`.
///
/// # Panics
///
/// `execute` panics outside of a local runtime, a `LocalSet` and the like, as `spawn_local` does.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalExecutor;

impl<F> hyper::rt::Executor<F> for LocalExecutor
where
    F: Future + 'static,
    F::Output: 'static,
{
    #[track_caller]
    fn execute(&self, future: F) {
        drop(spawn_local(future));
    }
}
