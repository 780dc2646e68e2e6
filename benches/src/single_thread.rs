//! One thread's work, on each runtime that has a flavour for it.
//!
//! Every row is one `async fn` over a [`Subject`], so all subjects do the same:
//! they differ in `spawn`, `yield_now` and `block_on`. The channels in it are
//! tokio's, for all.

use std::future::Future;

pub mod rows;
pub mod subjects;

/// A runtime on the calling thread.
pub trait Subject {
    /// What [`spawn`](Self::spawn) gives.
    type Joined<T: Send + 'static>: Future<Output = T> + Send;

    /// Its name in the tables.
    const NAME: &'static str;

    /// A runtime for this thread.
    fn new() -> Self;

    /// Runs `future` on this thread.
    fn block_on<F: Future>(&self, future: F) -> F::Output;

    /// Spawns from inside of `block_on`.
    fn spawn<F>(future: F) -> Self::Joined<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// Spawns from inside of `block_on` a task that nobody waits for.
    fn spawn_detached<F>(future: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        drop(Self::spawn(future));
    }

    /// Gives way to the other tasks.
    fn yield_now() -> impl Future<Output = ()> + Send;
}
