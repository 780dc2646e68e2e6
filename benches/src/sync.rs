//! Locks and channels beside their peers: the work that the benchmark `sync` measures
//! and that `count` counts.
//!
//! A row runs on a [`Host`], sinew's runtime or tokio's, because what is measured
//! must be fast on both. Its id is `GROUP/ROW-HOST/SUBJECT`.

use std::future::Future;

pub mod channels;
pub mod hosts;
pub mod locks;
pub mod queues;
pub mod threads;

/// Who runs the tasks. Made once and never ended.
pub trait Host: Copy + Send + Sync + 'static {
    /// Which runtime, on how many threads.
    const NAME: &'static str;

    /// Starts it.
    fn start() -> Self;

    /// Waits for a future on this thread.
    fn block_on<F: Future>(self, future: F) -> F::Output;

    /// Spawns inside of `block_on` or of a task.
    fn spawn(
        future: impl Future<Output = ()> + Send + 'static,
    ) -> impl Future<Output = ()> + Send + 'static;
}

/// Some work on one subject.
#[derive(Debug)]
pub struct Row<H> {
    /// What is measured.
    pub name: &'static str,
    /// Whose it is.
    pub subject: &'static str,
    /// Operations in one run.
    pub operations: u64,
    /// Does so many runs.
    pub run: fn(H, u64),
}

/// Adds a row whose work is an async block, for each of several subjects: `$value`
/// is evaluated anew for each run.
macro_rules! rows {
    ($rows:ident, $name:literal, $operations:expr, |$value:ident| $work:block,
     $($subject:literal => $make:expr),+ $(,)?) => {
        $($rows.push($crate::sync::Row {
            name: $name,
            subject: $subject,
            operations: $operations as u64,
            run: |host: H, runs| {
                host.block_on(async move {
                    for _ in 0..runs {
                        let $value = $make;
                        $work
                    }
                });
            },
        });)+
    };
}

pub(crate) use rows;
