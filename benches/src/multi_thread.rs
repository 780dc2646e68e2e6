//! The rows of `rt_multi_thread`: what is measured, and on whom.

pub mod rows;
pub mod subjects;

use std::future::Future;

/// Threads that run tasks, in each subject.
pub const WORKERS: usize = 2;

/// A runtime as the rows need it. Runtimes are made once and never ended.
pub trait Subject: Copy + Send + Sync + 'static {
    /// The last part of the benchmark's id.
    const NAME: &'static str;

    /// What awaits a task.
    type Join<T: Send + 'static>: Future<Output = T> + Send + 'static;

    /// Starts its threads.
    fn start() -> Self;

    /// Waits for a future on this thread.
    fn block_on<F: Future>(self, future: F) -> F::Output;

    /// Spawns inside of a task or of `block_on`, as the runtime's users do there.
    fn spawn<F>(self, future: F) -> Self::Join<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// Spawns from a thread that is not in the runtime.
    fn spawn_remote<F>(self, future: F) -> Self::Join<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// Lets a task go.
    fn detach<T: Send + 'static>(join: Self::Join<T>);

    /// Gives way.
    fn yield_now() -> impl Future<Output = ()> + Send;

    /// A channel for one message.
    fn oneshot() -> (
        impl FnOnce() + Send + 'static,
        impl Future<Output = ()> + Send + 'static,
    );
}
