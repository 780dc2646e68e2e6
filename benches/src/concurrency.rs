//! Concurrency beside that of tokio, futures and futures-concurrency: the work that
//! `concurrency` measures and that `count` counts.
//!
//! What runs in one task, combinators and scopes, needs no runtime and has no host.
//! What spawns runs on the runtime that its subject belongs to.

use crate::sync::Row;

pub mod children;
pub mod combinators;
pub mod many;
mod turns;

/// A row without a host, for each of several subjects. `$work` is an async block, run
/// `$rounds` times in each run.
macro_rules! in_one_task {
    ($rows:ident, $name:expr, $rounds:expr, $($subject:literal => $work:expr),+ $(,)?) => {
        $($rows.push($crate::sync::Row {
            name: $name,
            subject: $subject,
            operations: $rounds,
            run: |(), runs| futures::executor::block_on(async move {
                for _ in 0..runs * $rounds {
                    $work.await;
                }
            }),
        });)+
    };
}

pub(crate) use in_one_task;

/// All rows that need no runtime.
#[must_use]
pub fn rows() -> Vec<Row<()>> {
    let mut rows = combinators::rows();
    rows.extend(many::rows());
    rows
}
