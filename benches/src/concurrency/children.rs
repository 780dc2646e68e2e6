//! Ten thousand children: those of a set or a nursery, which are tasks, beside those
//! of a `FuturesUnordered`; and a tree of as many that is cancelled.
//!
//! Each subject runs on the runtime that it belongs to; futures' on both.

use std::hint::black_box;

use futures::stream::{FuturesUnordered, StreamExt};
use futures_concurrency::future::FutureGroup;
use sinew_runtime::Nursery;
use tokio_util::sync::CancellationToken as TokioToken;
use tokio_util::task::TaskTracker as TokioTracker;

use super::turns::Turns;
use crate::sync::hosts::{SinewOne, SinewTwo, TokioOne, TokioTwo};
use crate::sync::{Host, Row};

const CHILDREN: usize = 10_000;
/// Branches of the tree at each of its two inner levels. The rest are leaves.
const BRANCHES: usize = 10;
const LEAVES: usize = CHILDREN / (BRANCHES * BRANCHES);

/// A host on which some of the subjects run.
pub trait Runs: Host {
    /// Its rows.
    fn rows() -> Vec<Row<Self>>;
}

/// Adds a row that runs `$work`, an async block, on its host.
macro_rules! rows {
    ($rows:ident, $name:literal, $($subject:literal => $work:expr),+ $(,)?) => {
        $($rows.push(Row {
            name: $name,
            subject: $subject,
            operations: CHILDREN as u64,
            run: |host: Self, runs| host.block_on(async move {
                for _ in 0..runs {
                    $work.await;
                }
            }),
        });)+
    };
}

async fn child() -> usize {
    Turns::after(1).await
}

async fn futures_unordered() {
    let mut children: FuturesUnordered<_> = (0..CHILDREN).map(|_| child()).collect();
    let mut sum = 0;
    while let Some(one) = children.next().await {
        sum += one;
    }
    assert_eq!(black_box(sum), CHILDREN);
}

async fn future_group() {
    let children: FutureGroup<_> = (0..CHILDREN).map(|_| child()).collect();
    let mut children = std::pin::pin!(children);
    let mut sum = 0;
    while let Some(one) = children.next().await {
        sum += one;
    }
    assert_eq!(black_box(sum), CHILDREN);
}

macro_rules! join_set {
    ($set:expr) => {
        async {
            let mut set = $set;
            for _ in 0..CHILDREN {
                set.spawn(child());
            }
            let mut sum = 0;
            while let Some(one) = set.join_next().await {
                sum += one.expect("no child fails");
            }
            assert_eq!(black_box(sum), CHILDREN);
        }
    };
}

async fn nursery_of_children() {
    let nursery = Nursery::new("children");
    for _ in 0..CHILDREN {
        nursery.spawn(async {
            black_box(child().await);
        });
    }
    nursery.join().await.expect("no child fails");
}

/// A task for each leaf of a tree of tokens, which waits for its token; then the root is
/// cancelled and all are waited for.
macro_rules! token_tree {
    ($token:expr, $tracker:expr, $yield:expr) => {
        async {
            let (root, tracker) = ($token, $tracker);
            for _ in 0..BRANCHES {
                let branch = root.child_token();
                for _ in 0..BRANCHES {
                    let twig = branch.child_token();
                    for _ in 0..LEAVES {
                        let leaf = twig.clone();
                        tracker.spawn(async move { leaf.cancelled().await });
                    }
                }
            }
            tracker.close();
            // All wait by then.
            $yield.await;
            root.cancel();
            tracker.wait().await;
        }
    };
}

async fn nursery_tree() {
    let root = Nursery::new("root");
    let mut inner = Vec::new();
    for _ in 0..BRANCHES {
        let branch = root.child("branch");
        for _ in 0..BRANCHES {
            let twig = branch.child("twig");
            let token = twig.token().clone();
            for _ in 0..LEAVES {
                let token = token.clone();
                twig.spawn(async move { token.cancelled().await });
            }
            inner.push(twig);
        }
        inner.push(branch);
    }
    sinew_task::yield_now().await;
    let report = root.cancel(std::time::Duration::from_secs(60)).await;
    assert!(report.stragglers.is_empty());
}

macro_rules! on_sinew {
    ($($host:ty),*) => {$(impl Runs for $host {
        fn rows() -> Vec<Row<Self>> {
            let mut rows = Vec::new();
            rows!(rows, "children-10k",
                "sinew-join_set" => join_set!(sinew_runtime::JoinSet::new()),
                "sinew-nursery" => nursery_of_children(),
                "futures" => futures_unordered(),
                "futures-concurrency" => future_group(),
            );
            rows!(rows, "cancel-tree-10k",
                "sinew-tokens" => token_tree!(
                    sinew_sync::CancellationToken::new(),
                    sinew_runtime::TaskTracker::new(),
                    sinew_task::yield_now()
                ),
                "sinew-nursery" => nursery_tree(),
            );
            rows
        }
    })*};
}

macro_rules! on_tokio {
    ($($host:ty),*) => {$(impl Runs for $host {
        fn rows() -> Vec<Row<Self>> {
            let mut rows = Vec::new();
            rows!(rows, "children-10k",
                "tokio-join_set" => join_set!(tokio::task::JoinSet::new()),
                "futures" => futures_unordered(),
                "futures-concurrency" => future_group(),
            );
            rows!(rows, "cancel-tree-10k",
                "tokio-tokens" => token_tree!(
                    TokioToken::new(),
                    TokioTracker::new(),
                    tokio::task::yield_now()
                ),
            );
            rows
        }
    })*};
}

on_sinew!(SinewOne, SinewTwo);
on_tokio!(TokioOne, TokioTwo);
