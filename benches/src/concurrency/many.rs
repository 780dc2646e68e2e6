//! Many futures in one task: concurrent streams, scopes.

use std::cell::Cell;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::stream::{self, FuturesUnordered, StreamExt};
use futures_concurrency::concurrent_stream::{ConcurrentStream, IntoConcurrentStream};
use futures_concurrency::future::FutureGroup;

use super::in_one_task;
use super::turns::Turns;
use crate::sync::Row;

/// Items of the streams.
const ITEMS: usize = 10_000;
/// Of which so many at once.
const AT_ONCE: usize = 64;
/// Children of a scope.
const CHILDREN: usize = 1_000;

/// All rows.
#[must_use]
pub fn rows() -> Vec<Row<()>> {
    let mut rows = Vec::new();
    // sinew's is that of futures, re-exported.
    in_one_task!(rows, "for-each-concurrent-10k", 1,
        "futures" => async {
            let sum = Cell::new(0);
            let add = |n| {
                let sum = &sum;
                async move { sum.set(sum.get() + n * Turns::after(1).await) }
            };
            stream::iter(0..ITEMS).for_each_concurrent(AT_ONCE, add).await;
            black_box(sum.get());
        },
        "futures-concurrency" => async {
            let sum = Cell::new(0);
            let sum = &sum;
            let add = |n| async move { sum.set(sum.get() + n * Turns::after(1).await) };
            let limit = std::num::NonZeroUsize::new(AT_ONCE);
            let items = (0..ITEMS).collect::<Vec<_>>().into_co_stream();
            items.limit(limit).for_each(add).await;
            black_box(sum.get());
        },
    );
    // Children that add to a number on the stack around them.
    in_one_task!(rows, "scope-1k-borrowed", 1,
        "sinew" => async {
            let sum = AtomicUsize::new(0);
            sinew_task::scope(async |scope| {
                for n in 0..CHILDREN {
                    scope.spawn(add(&sum, n));
                }
            })
            .await;
            black_box(sum.into_inner());
        },
        "futures" => async {
            let sum = AtomicUsize::new(0);
            let children: FuturesUnordered<_> = (0..CHILDREN).map(|n| add(&sum, n)).collect();
            children.collect::<()>().await;
            black_box(&sum);
        },
        "futures-concurrency" => async {
            let sum = AtomicUsize::new(0);
            {
                let mut children: FutureGroup<_> = (0..CHILDREN).map(|n| add(&sum, n)).collect();
                while children.next().await.is_some() {}
            }
            black_box(&sum);
        },
    );
    rows
}

async fn add(sum: &AtomicUsize, n: usize) {
    let one = Turns::after(1).await;
    sum.fetch_add(n * one, Ordering::Relaxed);
}
