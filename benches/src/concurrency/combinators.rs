//! `select!` and `join!` over few and many branches.

use std::hint::black_box;

use super::in_one_task;
use super::turns::Turns;
use crate::sync::Row;

/// Rounds in one run.
const ROUNDS: u64 = 1_000;
/// Polls of all branches before one is ready, in the pending rows.
const POLLS: usize = 8;

/// All rows.
#[must_use]
pub fn rows() -> Vec<Row<()>> {
    let mut rows = Vec::new();
    selects(&mut rows);
    joins(&mut rows);
    rows
}

/// All branches ready at once.
fn ready(_: usize) -> Turns {
    Turns::after(0)
}

/// None but the first ready, and that after some polls.
fn pending(branch: usize) -> Turns {
    if branch == 0 {
        Turns::after(POLLS)
    } else {
        Turns::never()
    }
}

/// Every other one ready.
fn mixed(branch: usize) -> Turns {
    if branch % 2 == 0 {
        Turns::after(0)
    } else {
        Turns::never()
    }
}

/// Pending once.
fn once(_: usize) -> Turns {
    Turns::after(1)
}

macro_rules! with {
    (2 $then:ident! { $($args:tt)* }) => { $then!({ $($args)* } 0 1) };
    (8 $then:ident! { $($args:tt)* }) => { $then!({ $($args)* } 0 1 2 3 4 5 6 7) };
    (64 $then:ident! { $($args:tt)* }) => { $then!({ $($args)* }
        0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
        32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60
        61 62 63) };
}

macro_rules! select {
    ({ $($select:ident)::+ $make:ident } $($branch:tt)*) => {
        async {
            let won = $($select)::+! { $(n = $make($branch) => $branch + n,)* };
            black_box(won)
        }
    };
}

macro_rules! join {
    ({ $($join:ident)::+ } $($branch:tt)*) => {
        async { black_box($($join)::+!($(once($branch)),*)) }
    };
}

macro_rules! select_rows {
    ($rows:ident, $($name:literal $branches:tt $make:ident),* $(,)?) => {$(
        in_one_task!($rows, $name, ROUNDS,
            "sinew" => with!($branches select! { sinew_core::select $make }),
            "tokio" => with!($branches select! { tokio::select $make }),
            "futures" => with!($branches select! { futures::select $make }),
            "sinew-race" => async {
                let futures: [Turns; $branches] = std::array::from_fn($make);
                black_box(sinew_core::future::Race::race(futures).await)
            },
            "futures-concurrency" => async {
                let futures: [Turns; $branches] = std::array::from_fn($make);
                black_box(futures_concurrency::future::Race::race(futures).await)
            },
        );
    )*};
}

fn selects(rows: &mut Vec<Row<()>>) {
    select_rows!(
        rows,
        "select-2-ready" 2 ready,
        "select-2-pending" 2 pending,
        "select-2-mixed" 2 mixed,
        "select-8-ready" 8 ready,
        "select-8-pending" 8 pending,
        "select-8-mixed" 8 mixed,
        "select-64-ready" 64 ready,
        "select-64-pending" 64 pending,
        "select-64-mixed" 64 mixed,
    );
}

macro_rules! join_rows {
    ($rows:ident, $($name:literal $branches:tt),* $(,)?) => {$(
        in_one_task!($rows, $name, ROUNDS,
            "sinew" => with!($branches join! { sinew_core::join }),
            "tokio" => with!($branches join! { tokio::join }),
            "futures" => with!($branches join! { futures::join }),
            "sinew-array" => async {
                let futures: [Turns; $branches] = std::array::from_fn(once);
                black_box(sinew_core::future::Join::join(futures).await)
            },
            "futures-concurrency" => async {
                let futures: [Turns; $branches] = std::array::from_fn(once);
                black_box(futures_concurrency::future::Join::join(futures).await)
            },
            "futures-join_all" => async {
                black_box(futures::future::join_all((0..$branches).map(once)).await)
            },
        );
    )*};
}

fn joins(rows: &mut Vec<Row<()>>) {
    join_rows!(rows, "join-2" 2, "join-64" 64);
}
