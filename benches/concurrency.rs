//! Combinators, scopes, sets and nurseries beside those of tokio, futures and
//! futures-concurrency.
//!
//! The work is in `src/concurrency/`. Ids: `concurrency/ROW/SUBJECT`, and
//! `concurrency/ROW-HOST/SUBJECT` for what spawns, where the host is the runtime.

use std::time::{Duration, Instant};

use benches::concurrency::{self, children::Runs};
use benches::sync::Row;
use benches::sync::hosts::{SinewOne, SinewTwo, TokioOne, TokioTwo};
use criterion::{Criterion, Throughput};

fn measure<H: Copy>(c: &mut Criterion, suffix: &str, host: H, rows: Vec<Row<H>>) {
    for row in rows {
        let mut group = c.benchmark_group(format!("concurrency/{}{suffix}", row.name));
        group.throughput(Throughput::Elements(row.operations));
        group.bench_function(row.subject, |b| {
            b.iter_custom(|runs| {
                let start = Instant::now();
                (row.run)(host, runs);
                start.elapsed()
            });
        });
    }
}

fn on<H: Runs>(c: &mut Criterion) {
    measure(c, &format!("-{}", H::NAME), H::start(), H::rows());
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600))
        .configure_from_args();
    measure(&mut criterion, "", (), concurrency::rows());
    on::<SinewOne>(&mut criterion);
    on::<TokioOne>(&mut criterion);
    on::<SinewTwo>(&mut criterion);
    on::<TokioTwo>(&mut criterion);
    criterion.final_summary();
}
